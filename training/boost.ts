// Fits boosted trees to messages: of the candidates of each, one is the code, or none is.
import { fractionsFrom } from '../src/core/codes/changes/random.ts'
import { type Forest, type Start, sharesOf, startScore } from '../src/core/codes/forest.ts'
import { type Binned, binned, maxBins } from './bins.ts'

/** Candidates as rows, those of a message side by side. */
export type Samples = {
  readonly features: number
  /** Row after row. */
  readonly values: Float32Array
  /** The first row of each message, and behind the last message the number of rows. */
  readonly starts: Int32Array
  /** What a message counts for. */
  readonly weights: Float32Array
  /** 1 for a candidate that is the code. */
  readonly isCode: Uint8Array
}

export type BoostOptions = {
  readonly trees: number
  readonly depth: number
  readonly rate: number
  /** Draws a leaf's value to zero, as if so many messages said nothing. */
  readonly ridge: number
  /** What both sides of a split have to weigh. */
  readonly minWeight: number
  /** Shares of the features and of the messages that a tree is grown on. */
  readonly featureShare: number
  readonly messageShare: number
  readonly seed: number
  /** Features that are left out. */
  readonly without: ReadonlySet<number>
  /** The feature that a score starts from, and how much a point of it counts. */
  readonly start: Start
}

type Slopes = { readonly gradients: Float64Array; readonly hessians: Float64Array }
type Growing = Slopes & { readonly data: Binned; readonly order: Int32Array }
type Split = { gain: number; feature: number; bin: number; mean: number }

const maxLeaf = 4

/** Fits trees to samples. The same samples and options give the same trees. */
export function boost(samples: Samples, options: BoostOptions): Forest {
  const { starts, weights, isCode } = samples
  const rows = isCode.length
  const data = binned(samples.values, samples.features)
  const random = fractionsFrom(options.seed)
  const inner = 2 ** options.depth - 1
  const forest = {
    depth: options.depth,
    start: options.start,
    features: new Int16Array(options.trees * inner),
    limits: new Float64Array(options.trees * inner).fill(Number.POSITIVE_INFINITY),
    means: new Float64Array(options.trees * inner),
    leaves: new Float64Array(options.trees * (inner + 1)),
  }
  const usable = data.bounds.flatMap((bounds, feature) =>
    bounds.length > 0 && !options.without.has(feature) ? [feature] : [],
  )
  const scores = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    scores[row] = startScore(options.start, samples.values, row * samples.features)
  }
  const slopes = { gradients: new Float64Array(rows), hessians: new Float64Array(rows) }
  const order = new Int32Array(rows)
  for (let tree = 0; tree < options.trees; tree++) {
    writeSlopes(samples, scores, slopes)
    let size = 0
    for (let message = 0; message < weights.length; message++) {
      if (random() >= options.messageShare) continue
      const to = starts[message + 1] as number
      for (let row = starts[message] as number; row < to; row++) order[size++] = row
    }
    const some = usable.filter(() => random() < options.featureShare)
    const growing = { ...slopes, data, order: order.subarray(0, size) }
    const nodes = grow(growing, some, options, forest, tree)
    const first = tree * (inner + 1)
    for (let row = 0; row < rows; row++) {
      const leaf = forest.leaves[first + (nodes[row] as number)] as number
      scores[row] = (scores[row] as number) + leaf
    }
  }
  return forest
}

/** How each score should change: up for the code, down for all that has a share without being it. */
function writeSlopes(samples: Samples, scores: Float64Array, slopes: Slopes): void {
  const { starts, weights, isCode } = samples
  const { gradients, hessians } = slopes
  for (let message = 0; message < weights.length; message++) {
    const from = starts[message] as number
    const to = starts[message + 1] as number
    const weight = weights[message] as number
    sharesOf(scores, from, to, hessians)
    let codeShare = 0
    for (let row = from; row < to; row++) if (isCode[row]) codeShare += hessians[row] as number
    for (let row = from; row < to; row++) {
      const share = hessians[row] as number
      const wanted = isCode[row] ? share / Math.max(codeShare, 1e-9) : 0
      gradients[row] = weight * (share - wanted)
      hessians[row] = weight * Math.max(share * (1 - share), 1e-4)
    }
  }
}

/** Grows one tree, level by level; returns the leaf of each row. */
function grow(
  growing: Growing,
  some: readonly number[],
  options: BoostOptions,
  forest: Forest,
  tree: number,
): Uint8Array {
  const { data, gradients } = growing
  const inner = 2 ** options.depth - 1
  const nodes = new Uint8Array(gradients.length)
  for (let level = 0; level < options.depth; level++) {
    const splits = splitsAt(growing, nodes, level, some, options)
    splits.forEach(({ feature, bin, mean }, node) => {
      const place = tree * inner + splits.length - 1 + node
      forest.means[place] = rounded(mean)
      if (feature < 0) return
      forest.features[place] = feature
      forest.limits[place] = data.bounds[feature]?.[bin] as number
    })
    for (let row = 0; row < nodes.length; row++) {
      const node = nodes[row] as number
      const { feature, bin } = splits[node] as Split
      const isRight = feature >= 0 && ((data.columns[feature] as Uint8Array)[row] as number) > bin
      nodes[row] = node * 2 + Number(isRight)
    }
  }
  const sums = new Float64Array(2 ** (options.depth + 1))
  addUp(growing, nodes, null, 1, sums)
  const first = tree * (inner + 1)
  for (let leaf = 0; leaf <= inner; leaf++) {
    const value = leafOf(sums[leaf * 2] as number, sums[leaf * 2 + 1] as number, options)
    forest.leaves[first + leaf] = rounded(value)
  }
  return nodes
}

/** Zero is never negative: it is written without a sign. */
const rounded = (value: number) => Math.round(value * 1e4) / 1e4 + 0

function leafOf(gradient: number, hessian: number, { rate, ridge }: BoostOptions): number {
  return Math.max(-maxLeaf, Math.min(maxLeaf, -gradient / (hessian + ridge))) * rate
}

/** Sums of the slopes by node, and by bin of a feature where one is given. */
function addUp(
  { gradients, hessians, order }: Growing,
  nodes: Uint8Array,
  column: Uint8Array | null,
  bins: number,
  sums: Float64Array,
): void {
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number
    const place =
      ((nodes[row] as number) * bins + (column === null ? 0 : (column[row] as number))) * 2
    sums[place] = (sums[place] as number) + (gradients[row] as number)
    sums[place + 1] = (sums[place + 1] as number) + (hessians[row] as number)
  }
}

/** The best split of each node of a level. */
function splitsAt(
  growing: Growing,
  nodes: Uint8Array,
  level: number,
  some: readonly number[],
  options: BoostOptions,
): Split[] {
  const width = 2 ** level
  const best = Array.from({ length: width }, () => ({ gain: 1e-6, feature: -1, bin: 0, mean: 0 }))
  const sums = new Float64Array(width * maxBins * 2)
  for (const feature of some) {
    const column = growing.data.columns[feature] as Uint8Array
    const bins = (growing.data.bounds[feature]?.length ?? 0) + 1
    sums.fill(0)
    addUp(growing, nodes, column, bins, sums)
    best.forEach((known, node) => {
      improve(known, feature, sums.subarray(node * bins * 2, (node + 1) * bins * 2), options)
    })
  }
  return best
}

/** Puts the best split by a feature in place of the known one if it is better. */
function improve(known: Split, feature: number, sums: Float64Array, options: BoostOptions): void {
  const { ridge, minWeight } = options
  let gradient = 0
  let hessian = 0
  for (let i = 0; i < sums.length; i += 2) {
    gradient += sums[i] as number
    hessian += sums[i + 1] as number
  }
  known.mean = leafOf(gradient, hessian, options)
  const whole = (gradient * gradient) / (hessian + ridge)
  let left = 0
  let leftHessian = 0
  for (let i = 0; i < sums.length - 2; i += 2) {
    left += sums[i] as number
    leftHessian += sums[i + 1] as number
    const rightHessian = hessian - leftHessian
    if (leftHessian < minWeight || rightHessian < minWeight) continue
    const right = gradient - left
    const gain =
      (left * left) / (leftHessian + ridge) + (right * right) / (rightHessian + ridge) - whole
    if (gain > known.gain) Object.assign(known, { gain, feature, bin: i / 2 })
  }
}
