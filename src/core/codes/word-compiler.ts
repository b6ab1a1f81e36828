// From the lists of words to the table that is searched.
import { classOf, keyUnit, letterClass } from './letters.ts'
import { type Meaning, moreBit, stemBit, touchBit } from './word-kinds.ts'
import { type Listed, readList, type WordFiles } from './word-lists.ts'
import { roots, type WordTable } from './word-table.ts'

/** The list of words that are heard in every language. Its number is zero. */
const international = 'mul'

/** Meanings are numbered with 16 bits, languages with 8. */
const maxMeanings = 0xffff
const maxLanguages = 0x100

/** @throws Error that names the file and the line that is wrong */
export function compileWords(files: WordFiles): WordTable {
  const names = Object.keys(files).filter((name) => name !== international)
  const languages = [international, ...names]
  const lists = languages.map((name) => readList(name, files[name] ?? ''))
  const growing = new GrowingTable(lists.flat())
  lists.forEach((list, language) => {
    for (const listed of list)
      if (!growing.add(listed, language))
        throw new Error(
          `words/${languages[language]}.tsv:${listed.line}: "${listed.word}" is listed twice`,
        )
  })
  if (growing.meanings > maxMeanings || languages.length > maxLanguages)
    throw new Error('more words or languages than have numbers')
  return { languages, ...growing.flatten() }
}

/** The trie as it grows, letter by letter: each node has a list of its children, and one of its meanings. */
class GrowingTable {
  readonly #child: Int32Array
  readonly #sibling: Int32Array
  readonly #letter: Uint16Array
  #nodes = 2
  readonly #word: Int32Array
  readonly #meaning: Int32Array
  readonly #language: Uint8Array
  readonly #nextMeaning: Int32Array
  #meanings = 0

  constructor(all: readonly Listed[]) {
    const maxNodes = all.reduce((sum, { word }) => sum + word.length, 2)
    this.#child = new Int32Array(maxNodes)
    this.#sibling = new Int32Array(maxNodes)
    this.#letter = new Uint16Array(maxNodes)
    this.#word = new Int32Array(maxNodes)
    this.#meaning = new Int32Array(all.length + 1)
    this.#language = new Uint8Array(all.length + 1)
    this.#nextMeaning = new Int32Array(all.length + 1)
  }

  get meanings(): number {
    return this.#meanings
  }

  /** False if the language has the word already. */
  add({ word, beginsFree, meaning }: Listed, language: number): boolean {
    const touches = classOf[word.charCodeAt(0)] === letterClass.unspaced
    let node: number = beginsFree || touches ? roots.anywhere : roots.wordStart
    for (let i = 0; i < word.length; i++) node = this.#step(node, keyUnit(word.charCodeAt(i)))
    const last = this.#word[node] ?? 0
    // Languages come one after the other: a word that this one has already has it as its last meaning.
    if (last !== 0 && this.#language[last] === language) return false
    const added = ++this.#meanings
    const bits = (touches ? touchBit : 0) | (isInflected(word) ? stemBit : 0)
    this.#meaning[added] = meaning | bits
    this.#language[added] = language
    this.#nextMeaning[added] = last
    this.#word[node] = added
    return true
  }

  /** Level by level, the children of each node in the order of their letters. */
  flatten(): Omit<WordTable, 'languages'> {
    const letters = new Uint16Array(this.#nodes)
    const children = new Int32Array(this.#nodes + 1)
    const words = new Uint16Array(this.#nodes)
    const meanings: Meaning[] = [0]
    const meantIn = [0]
    const order: number[] = [roots.wordStart, roots.anywhere]
    for (let at = 0; at < order.length; at++) {
      const node = order[at] ?? 0
      letters[at] = this.#letter[node] ?? 0
      children[at] = order.length
      const first = this.#word[node] ?? 0
      words[at] = first === 0 ? 0 : meanings.length
      for (let one = first; one !== 0; one = this.#nextMeaning[one] ?? 0) {
        const more = this.#nextMeaning[one] === 0 ? 0 : moreBit
        meanings.push((this.#meaning[one] ?? 0) | more)
        meantIn.push(this.#language[one] ?? 0)
      }
      for (const child of this.#childrenOf(node)) order.push(child)
    }
    children[order.length] = order.length
    return {
      letters,
      children,
      words,
      meanings: Int32Array.from(meanings),
      meantIn: Uint8Array.from(meantIn),
    }
  }

  #step(node: number, letter: number): number {
    let last = 0
    for (let at = this.#child[node] ?? 0; at !== 0; at = this.#sibling[at] ?? 0) {
      if (this.#letter[at] === letter) return at
      last = at
    }
    const made = this.#nodes++
    this.#letter[made] = letter
    if (last === 0) this.#child[node] = made
    else this.#sibling[last] = made
    return made
  }

  #childrenOf(node: number): number[] {
    const found: number[] = []
    for (let at = this.#child[node] ?? 0; at !== 0; at = this.#sibling[at] ?? 0) found.push(at)
    return found.length < 2
      ? found
      : found.sort((a, b) => (this.#letter[a] ?? 0) - (this.#letter[b] ?? 0))
  }
}

/** Indic words take their cases as endings, and a list of them all would be long. */
function isInflected(text: string): boolean {
  const unit = text.charCodeAt(0)
  return unit >= 0x0900 && unit < 0x0e00 && text.length >= 4
}
