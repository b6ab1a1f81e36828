// An inbox: its address, and which emails it accepts. No I/O.
import { randomInt } from 'node:crypto'
import { domainToASCII } from 'node:url'
import type { Amount } from '../money.ts'

/** An inbox, as its order shows it. */
export type Inbox = {
  readonly orderId: bigint
  readonly address: string
  readonly domain: string
  /** The site whose emails it was bought for. */
  readonly site: string
  /** Only emails whose subject contains this text are accepted. */
  readonly subject: string | null
  /** The customer's own pattern to find the code. */
  readonly pattern: string | null
  /** The cancellation fee, in the order's currency. */
  readonly cancelFee: Amount
  /** Seconds that it stays open after an email. */
  readonly sessionS: number
}

/** The length of the first window, and of the one after each reorder. */
export const inboxWindowS = 20 * 60

const label = '(?!-)[a-z0-9-]{1,63}(?<!-)'
const domainForm = new RegExp(`^(?=.{3,200}$)(?:${label}\\.)+(?!\\d+$)${label}$`)

/** A domain name in its stored form: lower case, ASCII. @returns null if it is not a domain name */
export function toDomain(text: string): string | null {
  const trimmed = text.trim()
  // @NOTE the URL rules would read "0x7f.1" as an IP address, and would correct invalid names
  if (trimmed.length > 200 || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(trimmed)) return null
  const ascii = domainToASCII(trimmed).toLowerCase()
  return domainForm.test(ascii) ? ascii : null
}

/** A domain and its parent domains, the longest first: a service's emails name its site or a subdomain. */
export function domainsAbove(domain: string): string[] {
  const labels = domain.split('.')
  return labels.slice(0, -1).map((_, first) => labels.slice(first).join('.'))
}

const consonants = 'bdfghklmnprstvz'
const vowels = 'aeiou'

/** A local part that can be read aloud and cannot be guessed: 47 bits of entropy. */
export function newLocalPart(): string {
  const name = () => Array.from({ length: 3 }, () => oneOf(consonants) + oneOf(vowels)).join('')
  return `${name()}.${name()}${String(randomInt(1_000)).padStart(3, '0')}`
}

const oneOf = (letters: string) => letters[randomInt(letters.length)] as string

/** Whether the inbox accepts an email with this subject. */
export const acceptsSubject = (inbox: Pick<Inbox, 'subject'>, subject: string) =>
  inbox.subject === null || plain(subject).includes(plain(inbox.subject))

const plain = (text: string) => text.normalize('NFKC').toLowerCase()

const maxHeadline = 120

/** One line for people: the subject, or the first line with words. */
export function headlineOf(mail: {
  readonly subject: string
  readonly text: string
}): string | null {
  const lines = [mail.subject, ...mail.text.slice(0, 5_000).split('\n')]
  const line = lines.map((one) => one.replace(/\s+/g, ' ').trim()).find((one) => words.test(one))
  if (line === undefined) return null
  return line.length <= maxHeadline ? line : `${line.slice(0, maxHeadline - 1).toWellFormed()}…`
}

/** Three letters, or two in scripts that write a word with one. */
const words = /\p{L}[^\p{L}]*\p{L}[^\p{L}]*\p{L}|[\p{sc=Han}\p{sc=Hang}]{2}/u
