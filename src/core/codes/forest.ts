// Boosted trees as flat arrays: how a row of features becomes a score, and scores become shares.

/** The score before the first tree: points of one feature. */
export type Start = { readonly feature: number; readonly slope: number; readonly zero: number }

const maxStart = 5

/** The score of a row before the first tree. */
export function startScore(
  { feature, slope, zero }: Start,
  values: Float32Array,
  from: number,
): number {
  const score = ((values[from + feature] as number) - zero) * slope
  return Math.max(-maxStart, Math.min(maxStart, score))
}

/** Complete trees of one depth, one behind the other. */
export type Forest = {
  readonly depth: number
  readonly start: Start
  /** Of each inner node: which feature is looked at, and up to which value it goes left. */
  readonly features: Int16Array
  readonly limits: Float64Array
  /** What a tree would say if it ended here: for explanations. */
  readonly means: Float64Array
  readonly leaves: Float64Array
}

/** The score that a forest gives to a row of features. */
export function scoreRow(forest: Forest, values: Float32Array, from: number): number {
  const { depth, start, features, limits, leaves } = forest
  const inner = 2 ** depth - 1
  // A sum and no choice: the processor cannot guess which way a node goes.
  const isRight = (place: number) =>
    Number((values[from + (features[place] as number)] as number) > (limits[place] as number))
  let score = startScore(start, values, from)
  let first = 0
  let leaf = -inner
  // Four trees abreast, whose steps need not wait for each other: this takes half the time.
  for (; first + 4 * inner <= features.length; first += 4 * inner, leaf += 4 * (inner + 1)) {
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let level = 0; level < depth; level++) {
      a = a * 2 + 1 + isRight(first + a)
      b = b * 2 + 1 + isRight(first + inner + b)
      c = c * 2 + 1 + isRight(first + 2 * inner + c)
      d = d * 2 + 1 + isRight(first + 3 * inner + d)
    }
    score += leaves[leaf + a] as number
    score += leaves[leaf + inner + 1 + b] as number
    score += leaves[leaf + 2 * (inner + 1) + c] as number
    score += leaves[leaf + 3 * (inner + 1) + d] as number
  }
  for (; first < features.length; first += inner, leaf += inner + 1) {
    let node = 0
    for (let level = 0; level < depth; level++) node = node * 2 + 1 + isRight(first + node)
    score += leaves[leaf + node] as number
  }
  return score
}

/** What each feature adds to the score of a row. With the trees' means they make the score. */
export function explainRow(forest: Forest, values: Float32Array, from: number): Float64Array {
  const { depth, features, limits, means, leaves } = forest
  const inner = 2 ** depth - 1
  const added = new Float64Array(values.length - from)
  added[forest.start.feature] = startScore(forest.start, values, from)
  for (let first = 0, leaf = 0; first < features.length; first += inner, leaf += inner + 1) {
    let node = 0
    for (let level = 0; level < depth; level++) {
      const place = first + node
      const feature = features[place] as number
      const value = values[from + feature] as number
      node = node * 2 + (value > (limits[place] as number) ? 2 : 1)
      const next = node < inner ? means[first + node] : leaves[leaf + node - inner]
      added[feature] = (added[feature] as number) + (next as number) - (means[place] as number)
    }
  }
  return added
}

/** Turns the scores of a message's candidates into shares; "none" has the score 0 and what is left. */
export function sharesOf(scores: Float64Array, from: number, to: number, out: Float64Array): void {
  let top = 0
  for (let row = from; row < to; row++) top = Math.max(top, scores[row] as number)
  let sum = Math.exp(-top)
  for (let row = from; row < to; row++) {
    const share = Math.exp((scores[row] as number) - top)
    out[row] = share
    sum += share
  }
  for (let row = from; row < to; row++) out[row] = (out[row] as number) / sum
}

/** A forest as text, a line for each tree: "feature>limit=mean", and behind the bar the leaves. */
export function treesAsText(forest: Forest, nameOf: (feature: number) => number): string[] {
  const { depth, features, limits, means, leaves } = forest
  const inner = 2 ** depth - 1
  return Array.from({ length: features.length / inner }, (_, tree) => {
    const nodes = Array.from({ length: inner }, (_, node) => {
      const place = tree * inner + node
      const limit = limits[place] as number
      const test = Number.isFinite(limit) ? `${nameOf(features[place] as number)}>${limit}` : ''
      return `${test}=${means[place]}`
    })
    const ends = leaves.subarray(tree * (inner + 1), (tree + 1) * (inner + 1))
    return `${nodes.join(' ')} | ${ends.join(' ')}`
  })
}

/** The forest that a text is of. A node without a test sends every row to the left. */
export function forestOf(
  depth: number,
  start: Start,
  trees: readonly string[],
  featureOf: (name: number) => number,
): Forest {
  const inner = 2 ** depth - 1
  const forest = {
    depth,
    start,
    features: new Int16Array(trees.length * inner),
    limits: new Float64Array(trees.length * inner).fill(Number.POSITIVE_INFINITY),
    means: new Float64Array(trees.length * inner),
    leaves: new Float64Array(trees.length * (inner + 1)),
  }
  trees.forEach((line, tree) => {
    const [nodes = '', ends = ''] = line.split(' | ')
    nodes.split(' ').forEach((written, node) => {
      const place = tree * inner + node
      const [test = '', mean = '0'] = written.split('=')
      forest.means[place] = Number(mean)
      if (test === '') return
      const [name = '', limit = ''] = test.split('>')
      forest.features[place] = featureOf(Number(name))
      forest.limits[place] = Number(limit)
    })
    ends.split(' ').forEach((value, leaf) => {
      forest.leaves[tree * (inner + 1) + leaf] = Number(value)
    })
  })
  return forest
}
