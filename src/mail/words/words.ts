// The form of the texts of mails: one table a language, with facts in braces. `fill` is the only reader.
import type { LetterKind } from '../../core/people/letters.ts'
import type { Written } from '../written.ts'

/** Words that depend on whether a fact is known, such as "Hello Ana," or "Hello,". */
type Part = { readonly fact: string; readonly known: string; readonly unknown: string }

export type Words = {
  /** For times, such as `en-GB`. */
  readonly tag: string
  /** In place of a fact that nobody knows. */
  readonly unknown: string
  readonly parts: Readonly<Record<PartName, Part>>
  /** The device, the address and the time of what happened. */
  readonly where: string
  readonly mails: Readonly<Record<LetterKind, Written>>
}

export const partNames = ['hello', 'by', 'account', 'toAccount', 'service', 'rented'] as const
type PartName = (typeof partNames)[number]

/** Puts facts, parts and `{where}` in the place of their names. What a fact contains is not read again. */
export function fill(words: Words, facts: Readonly<Record<string, string | null>>) {
  const known = (name: string) => facts[name] || words.unknown
  const plain = (text: string) => text.replace(braces, (_, name: string) => known(name))
  const part = ({ fact, known: text, unknown }: Part) => plain(facts[fact] ? text : unknown)
  return (text: string): string =>
    text.replace(braces, (_, name: string) => {
      if (name === 'where') return plain(words.where)
      return isPart(name) ? part(words.parts[name]) : known(name)
    })
}

const braces = /\{(\w+)\}/g

const isPart = (name: string): name is PartName => (partNames as readonly string[]).includes(name)
