// What an inbox is: its address, and which mails it takes. No I/O in this file.
import { randomInt } from 'node:crypto'
import { domainToASCII } from 'node:url'
import type { Amount } from '../money.ts'

/** An inbox, as its order shows it. */
export type Inbox = {
  readonly orderId: bigint
  readonly address: string
  readonly domain: string
  /** For whose mails it was bought. */
  readonly site: string
  /** Only mails whose subject holds this text are taken. */
  readonly subject: string | null
  /** Finds the code, where the customer knows better. */
  readonly pattern: string | null
  /** What cancelling costs, in the order's currency. */
  readonly cancelFee: Amount
  /** Seconds that it lives on after a mail. */
  readonly sessionS: number
}

/** The first window, and the one after each reorder. */
export const inboxWindowS = 20 * 60

const label = '(?!-)[a-z0-9-]{1,63}(?<!-)'
const domainForm = new RegExp(`^(?=.{3,200}$)(?:${label}\\.)+(?!\\d+$)${label}$`)

/** A domain's name as it is stored: small letters, ASCII. @returns null for what is none */
export function toDomain(text: string): string | null {
  const trimmed = text.trim()
  // @NOTE the URL rules would read "0x7f.1" as an address, and mend what is no name at all
  if (trimmed.length > 200 || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(trimmed)) return null
  const ascii = domainToASCII(trimmed).toLowerCase()
  return domainForm.test(ascii) ? ascii : null
}

/** A domain and those above it, the longest first: a service's mails name its site or one below it. */
export function domainsAbove(domain: string): string[] {
  const labels = domain.split('.')
  return labels.slice(0, -1).map((_, first) => labels.slice(first).join('.'))
}

const consonants = 'bdfghklmnprstvz'
const vowels = 'aeiou'

/** A part before the @ that can be read aloud, and that nobody guesses: 47 bits of chance. */
export function newLocalPart(): string {
  const name = () => Array.from({ length: 3 }, () => oneOf(consonants) + oneOf(vowels)).join('')
  return `${name()}.${name()}${String(randomInt(1_000)).padStart(3, '0')}`
}

const oneOf = (letters: string) => letters[randomInt(letters.length)] as string

/** Whether the inbox takes a mail with this subject. */
export const takes = (inbox: Pick<Inbox, 'subject'>, subject: string) =>
  inbox.subject === null || plain(subject).includes(plain(inbox.subject))

const plain = (text: string) => text.normalize('NFKC').toLowerCase()

const maxHeadline = 120

/** One line for people: the subject, or the first line that says something. */
export function headlineOf(mail: {
  readonly subject: string
  readonly text: string
}): string | null {
  const lines = [mail.subject, ...mail.text.slice(0, 5_000).split('\n')]
  const line = lines.map((one) => one.replace(/\s+/g, ' ').trim()).find((one) => words.test(one))
  if (line === undefined) return null
  return line.length <= maxHeadline ? line : `${line.slice(0, maxHeadline - 1).toWellFormed()}…`
}

/** Three letters, or two of a script that writes words with one. */
const words = /\p{L}[^\p{L}]*\p{L}[^\p{L}]*\p{L}|[\p{sc=Han}\p{sc=Hang}]{2}/u
