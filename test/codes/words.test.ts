// The lists of words: their form is checked, and the table made of them loses nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { findHits, kinds } from '../../src/core/codes/keyword-index.ts'
import { classOf, keyUnit, letterClass } from '../../src/core/codes/letters.ts'
import { compileWords } from '../../src/core/codes/word-compiler.ts'
import { kindsOf } from '../../src/core/codes/word-kinds.ts'
import { readList, type WordFiles } from '../../src/core/codes/word-lists.ts'
import { packWords, unpackWords } from '../../src/core/codes/word-packing.ts'
import { roots, WordTrie } from '../../src/core/codes/word-table.ts'

const folder = new URL('../../src/core/codes/words/', import.meta.url)
const files: WordFiles = Object.fromEntries(
  readdirSync(folder).map((name) => [
    name.slice(0, -4),
    readFileSync(new URL(name, folder), 'utf8'),
  ]),
)

describe('a list of words', () => {
  it('has kinds, a word, and perhaps a note', () => {
    const [stem, name, digit] = readList(
      'de',
      '# German\ncode\t*kennwort*\ncode,auth\tPrüfung\tas in "zur Prüfung"\n7\tsieben\n',
    )
    expect(stem).toMatchObject({ word: 'kennwort', beginsFree: true, line: 2 })
    expect(name).toMatchObject({ word: 'Prüfung', beginsFree: false, line: 3 })
    expect((name?.meaning ?? 0) & (kinds.code | kinds.auth)).toBe(kinds.code | kinds.auth)
    expect((digit?.meaning ?? 0) & kinds.digits).toBe(kinds.digits)
  })

  it.each([
    ['an unknown kind', 'code\ta\nkode\tb', 'words/de.tsv:2: unknown kind in "kode"'],
    ['no kind', '\ta', 'words/de.tsv:1: unknown kind in ""'],
    ['two digits', '1,2\ta', 'words/de.tsv:1: unknown kind in "1,2"'],
    ['no tab', 'code\ta\n\ncode\tb', 'words/de.tsv:2: no tab between the kinds and the word'],
    ['a blank word', 'code\t', 'words/de.tsv:1: "" is blank'],
    ['nothing but a star', 'code\t*', 'words/de.tsv:1: "*" is blank'],
    ['blanks around the word', 'code\t a', 'words/de.tsv:1: " a" is blank, or has blanks'],
    ['a star within', 'code\ta* b', 'words/de.tsv:1: "a* b" is blank, or has blanks or stars'],
    ['a line end of Windows', 'code\ta\r\n', 'words/de.tsv:1: "a\r" is blank'],
    ['a fourth column', 'code\ta\tb\tc', 'words/de.tsv:1: more than three columns'],
  ])('is refused with %s', (_, text, message) => {
    expect(() => readList('de', text)).toThrow(message)
  })

  it('is refused with a word that is there already, however it is written', () => {
    const text = 'code\tcódigo\nuse\tusa\nuse\tCodigo\n'
    expect(() => compileWords({ es: text })).toThrow('words/es.tsv:3: "Codigo" is listed twice')
    expect(() => compileWords({ es: 'code\ta', pt: 'code\ta' })).not.toThrow()
  })
})

describe('the table', () => {
  const table = compileWords(files)

  it('finds every word of every list, in its language, with its kinds', () => {
    const trie = new WordTrie(table)
    const lost: string[] = []
    for (const [language, text] of Object.entries(files))
      for (const { word, beginsFree, meaning } of readList(language, text)) {
        const touches = classOf[word.charCodeAt(0)] === letterClass.unspaced
        const root = beginsFree || touches ? roots.anywhere : roots.wordStart
        let node = trie.begin(root, keyUnit(word.charCodeAt(0)))
        for (let i = 1; i < word.length; i++) node = trie.next(node, keyUnit(word.charCodeAt(i)))
        const number = table.languages.indexOf(language)
        const found = trie.wordAt(node)
        const at = found?.languages.indexOf(number) ?? -1
        if (kindsOf(found?.meanings[at] ?? 0) !== kindsOf(meaning))
          lost.push(`${language}: ${word}`)
      }
    expect(lost).toEqual([])
  })

  it('is the same after it was packed as text', () => {
    expect(unpackWords(packWords(table))).toEqual(table)
  })
})

test('each list is named by a language that has a name, or is of words without one', () => {
  const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
  const nameless = Object.keys(files).filter((name) => languages.of(name) === undefined)
  expect(nameless).toEqual([])
  expect(Object.keys(files).length).toBeGreaterThanOrEqual(151)
})

test('a spoken digit is known by its language', () => {
  const [hit] = findHits('sieben')
  expect(hit?.word.spoken?.get('de')).toBe('7')
})
