// Passwords that are tried first. data/frequent-passwords.txt is a compilation of our own: the words, names,
// rows of keys and sequences that lists of frequent passwords agree on, with the endings that people add to
// them. Only those that are long enough to be accepted otherwise, in lower case.
import { readFileSync } from 'node:fs'

let common: ReadonlySet<string> | undefined

const listed = () => {
  common ??= new Set(
    readFileSync(new URL('./data/frequent-passwords.txt', import.meta.url), 'utf8').split('\n'),
  )
  return common
}

/** Letters as people disguise them. */
const disguises: Readonly<Record<string, string>> = { '@': 'a', $: 's', '0': 'o', '3': 'e' }

/** Whether a password is one of the first that would be tried, also with capitals or usual disguises. */
export function isCommon(password: string): boolean {
  const plain = password.normalize('NFKC').toLowerCase()
  const known = listed()
  if (known.has(plain) || known.has(undisguised(plain))) return true
  return isRepeated(plain) || isRow(plain)
}

/** @NOTE only within words: `word2024` keeps its year */
const undisguised = (text: string) =>
  text.replace(/(?<=[a-z])[@$03](?=[a-z])/g, (sign) => disguises[sign] ?? sign)

/** A part of at most four characters, again and again. */
const isRepeated = (text: string) => /^(.{1,4})\1+.{0,3}$/u.test(text) && new Set(text).size <= 4

/** Each character follows the one before it, up or down. */
function isRow(text: string): boolean {
  const codes = [...text].map((char) => char.codePointAt(0) as number)
  return [1, -1].some((step) =>
    codes.every((code, i) => i === 0 || code - (codes[i - 1] as number) === step),
  )
}
