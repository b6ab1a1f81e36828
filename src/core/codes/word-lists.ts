// The lists of words as they are written: a file for each language, a word in each line.
import { foldMarks } from './fold.ts'
import { type Meaning, meaningNamed, stemBit } from './word-kinds.ts'

/** The text of each list, by the name of its language. */
export type WordFiles = Readonly<Record<string, string>>

/** One line of a list: its word in plain form, whether anything may stand before it, what it means. */
export type Listed = {
  readonly word: string
  readonly beginsFree: boolean
  readonly meaning: Meaning
  /** Where it stands, for messages. */
  readonly line: number
}

/**
 * Reads a list. Each line has the kinds of a word, a tab, the word, and perhaps a tab and a note. Lines
 * that begin with # are remarks.
 * @throws Error that names the file and the line that is not of this form
 */
export function readList(name: string, text: string): Listed[] {
  // The whole file is folded at once, which is a good deal faster than one word at a time.
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const columns = lines.map((line) => (line.startsWith('#') ? [] : line.split('\t')))
  const plain = foldMarks(columns.map(([, word = '']) => word).join('\n')).split('\n')
  const listed: Listed[] = []
  const meanings = new Map<string, Meaning | null>()
  columns.forEach((cells, at) => {
    const [names, written] = cells
    if (names === undefined) return
    const where = `words/${name}.tsv:${at + 1}`
    if (written === undefined) throw new Error(`${where}: no tab between the kinds and the word`)
    if (cells.length > 3) throw new Error(`${where}: more than three columns`)
    let meaning = meanings.get(names)
    if (meaning === undefined) {
      meaning = meaningNamed(names)
      meanings.set(names, meaning)
    }
    if (meaning === null) throw new Error(`${where}: unknown kind in "${names}"`)
    const folded = plain[at] ?? ''
    const beginsFree = folded.startsWith('*')
    const isStem = folded.endsWith('*')
    const word = folded.slice(beginsFree ? 1 : 0, isStem ? -1 : undefined)
    if (word === '' || word.trim() !== word || /[*\r]/.test(word) || /^\s|\s$/.test(written))
      throw new Error(`${where}: "${written}" is blank, or has blanks or stars where none belong`)
    listed.push({ word, beginsFree, meaning: isStem ? meaning | stemBit : meaning, line: at + 1 })
  })
  return listed
}
