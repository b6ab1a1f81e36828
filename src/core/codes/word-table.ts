// The words of all languages as a trie in flat arrays. Words become objects when a text has them.
import { digitOf, kinds, kindsOf, moreBit, stemBit, touchBit } from './word-kinds.ts'

/** The roots of two tries: of words that begin where a word of the text does, and of all others. */
export const roots = { wordStart: 0, anywhere: 1 } as const

/** Nodes stand level by level, so that the children of one stand side by side, ordered by letter. */
export type WordTable = {
  /** Names of the languages; the one of international words is the first. */
  readonly languages: readonly string[]
  /** The letter that leads to each node. */
  readonly letters: Uint16Array
  /** The first child of each node; the first child of the next node is the end. */
  readonly children: Int32Array
  /** The first meaning of the word that ends at each node, or zero. Meanings are numbered from one. */
  readonly words: Uint16Array
  readonly meanings: Int32Array
  /** The language of each meaning. */
  readonly meantIn: Uint8Array
}

export type Word = {
  /** The kinds it has in any language. */
  readonly kind: number
  /** The digit that it says, by language. */
  readonly spoken: ReadonlyMap<string, string> | null
  readonly endsFree: boolean
  readonly isTouching: boolean
  /** Languages that know it, by number. */
  readonly languages: Uint8Array
  /** What it means in each of them. */
  readonly meanings: Int32Array
}

export class WordTrie {
  readonly #table: WordTable
  readonly #letters: Uint16Array
  readonly #children: Int32Array
  /** Which letters lead on from each node, by their last five bits: most steps fail, and are told so here. */
  readonly #leading: Int32Array
  /** The children of the roots by their letter: they are too many to search. */
  readonly #begin: readonly [Int32Array, Int32Array]
  /** Words that a text had, by their first meaning. */
  readonly #made: (Word | undefined)[]

  constructor(table: WordTable) {
    this.#table = table
    this.#letters = table.letters
    this.#children = table.children
    this.#leading = leadingLetters(table)
    this.#begin = [childrenOf(table, roots.wordStart), childrenOf(table, roots.anywhere)]
    this.#made = new Array(table.meanings.length)
  }

  /** The node that the first letter of a word leads to, or zero. Letters are keys (letters.ts). */
  begin(root: 0 | 1, letter: number): number {
    return this.#begin[root][letter] ?? 0
  }

  /** The node that the next letter leads to, or zero. */
  next(node: number, letter: number): number {
    if (((this.#leading[node] ?? 0) & (1 << (letter & 31))) === 0) return 0
    const letters = this.#letters
    let low = this.#children[node] ?? 0
    let high = this.#children[node + 1] ?? 0
    while (high - low > 6) {
      const middle = (low + high) >>> 1
      if ((letters[middle] ?? 0) > letter) high = middle
      else low = middle
    }
    for (; low < high; low++) if (letters[low] === letter) return low
    return 0
  }

  /** The word that ends at a node. */
  wordAt(node: number): Word | null {
    const first = this.#table.words[node] ?? 0
    if (first === 0) return null
    const known = this.#made[first]
    if (known) return known
    const word = wordOf(this.#table, first)
    this.#made[first] = word
    return word
  }
}

function leadingLetters({ letters, children }: WordTable): Int32Array {
  const leading = new Int32Array(letters.length)
  for (let node = 0, child = children[0] ?? 0; node < letters.length; node++) {
    const end = children[node + 1] ?? 0
    let bits = 0
    for (; child < end; child++) bits |= 1 << ((letters[child] ?? 0) & 31)
    leading[node] = bits
  }
  return leading
}

function childrenOf({ letters, children }: WordTable, root: number): Int32Array {
  const found = new Int32Array(0x10000)
  const end = children[root + 1] ?? 0
  for (let node = children[root] ?? 0; node < end; node++) found[letters[node] ?? 0] = node
  return found
}

function wordOf({ meanings, meantIn, languages }: WordTable, first: number): Word {
  let end = first + 1
  while ((meanings[end - 1] ?? 0) & moreBit) end++
  const spoken = new Map<string, string>()
  let all = 0
  for (let at = first; at < end; at++) {
    const bits = meanings[at] ?? 0
    all |= bits
    if (bits & kinds.digits) spoken.set(languages[meantIn[at] ?? 0] ?? '', String(digitOf(bits)))
  }
  return {
    kind: kindsOf(all),
    spoken: spoken.size > 0 ? spoken : null,
    endsFree: (all & stemBit) !== 0,
    isTouching: (all & touchBit) !== 0,
    languages: meantIn.subarray(first, end),
    meanings: meanings.subarray(first, end),
  }
}
