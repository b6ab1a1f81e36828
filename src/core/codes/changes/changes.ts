// Variations of a message that mean the same to its reader: what is found in one must be found in all.
import type { LabelledMessage } from '../labelled.ts'
import { codeOfLength, otherCode, ownDigits } from './code-changes.ts'
import {
  carriageReturns,
  each,
  joined,
  marked,
  markedBy,
  replaced,
  sentenceLines,
  spread,
  strewn,
  tightened,
  wrapped,
} from './layout-changes.ts'
import { randomFrom } from './random.ts'
import { type Changed, type Subject, subjectOf } from './subject.ts'
import {
  enclosed,
  finalStop,
  footedBy,
  hashed,
  headedBy,
  inCapitals,
  inSmallLetters,
  inTitleCase,
  otherBrand,
  repunctuated,
} from './wording-changes.ts'

type Variation = {
  /** What is changed, as in "case: capitals". */
  readonly change: string
  readonly message: LabelledMessage
}

type Rule = (subject: Subject) => Changed

const paragraphs = (lines: readonly string[]) => lines.map((line) => `<p>${line}</p>`).join('\n')
const styled = (lines: readonly string[]) =>
  `<html><head><style>.box{color:#223344;font-size:14px}</style></head><body><div class="box" ` +
  `style="max-width:600px;margin:0 auto">${lines.join('<br>')}</div></body></html>`
const table = (lines: readonly string[]) =>
  `<table width="100%"><tbody>${lines.map((line) => `<tr><td>${line}</td></tr>`).join('')}</tbody></table>`
const cells = (code: string) =>
  `<table><tr>${each('<td style="padding:4px">', '</td>')(code)}</tr></table>`

const rules: Readonly<Record<string, Rule>> = {
  'digits: others': otherCode,
  'digits: others again': otherCode,
  'digits: 4': (subject) => codeOfLength(subject, 4),
  'digits: 5': (subject) => codeOfLength(subject, 5),
  'digits: 6': (subject) => codeOfLength(subject, 6),
  'digits: 7': (subject) => codeOfLength(subject, 7),
  'digits: 8': (subject) => codeOfLength(subject, 8),
  'digits: own script': ownDigits,
  'brand: another': otherBrand,
  'brand: name:': headedBy((name) => `${name}: `),
  'brand: [name]': headedBy((name) => `[${name}] `),
  'brand: 【name】': headedBy((name) => `【${name}】`),
  'brand: signed': footedBy((name) => `\n${name}`),
  'brand: - signed': footedBy((name) => ` - ${name}`),
  'case: capitals': inCapitals,
  'case: small letters': inSmallLetters,
  'case: title': inTitleCase,
  'header: <#>': headedBy(() => '<#> '),
  'footer: stop': footedBy(() => ' Reply STOP to opt out.'),
  'footer: rates': footedBy(() => '\nMsg & data rates may apply. Text HELP for help.'),
  'footer: hash': hashed,
  'footer: team': footedBy((name) => `\n\n--\n${name} Team`),
  'punctuation: final stop': finalStop,
  'punctuation: !': repunctuated(/(?<=\p{L}{3})\.(?=\s|$)/gu, '!'),
  'punctuation: no blank behind colon': repunctuated(/(?<=\p{L}): (?!\/)/gu, ':'),
  'punctuation: blank before colon': repunctuated(/(?<=\p{L}): /gu, ' : '),
  'punctuation: quotes': enclosed('"', '"'),
  'punctuation: stars': enclosed('*', '*'),
  'punctuation: typographic': replaced(/'/g, '’'),
  'lines: doubled': spread,
  'lines: single': tightened,
  'lines: joined': joined,
  'lines: sentences': sentenceLines,
  'lines: wrapped': wrapped,
  'lines: crlf': carriageReturns,
  'html: paragraphs': marked(paragraphs),
  'html: styled': marked(styled),
  'html: table': marked(table),
  'html: bold code': marked(paragraphs, (code) => `<b>${code}</b>`),
  'html: styled code': marked(
    styled,
    (code) => `<span style="font-size:28px;letter-spacing:6px"><strong>${code}</strong></span>`,
  ),
  'html: digits in spans': marked(styled, each('<span class="d">', '</span>')),
  'html: digits in cells': marked(table, cells),
  'invisible: zero width': strewn('\u200b'),
  'invisible: joiners': strewn('\u2060'),
  'invisible: direction': markedBy('\u200e', '\u200f'),
  'invisible: byte order mark': markedBy('\ufeff', ''),
  'blanks: no-break': replaced(/ /g, '\u00a0'),
  'blanks: narrow': replaced(/ (?=\p{L})/gu, '\u202f'),
}

/** The names of all changes. */
export const changeNames: readonly string[] = Object.keys(rules)

/**
 * All variations of a message, the same in every run. The names are those of senders and services; each
 * change takes the next of them.
 * @param turn which names are taken: other numbers give other names
 */
export function variationsOf(
  message: LabelledMessage,
  names: readonly string[],
  turn: number,
): Variation[] {
  const variations: Variation[] = []
  let at = turn * changeNames.length
  for (const [change, rule] of Object.entries(rules)) {
    const name = names[at++ % names.length] ?? 'Example'
    const subject = subjectOf(message, randomFrom(`${message.id} ${change}`), name)
    const changed = rule(subject)
    if (changed === null) continue
    const { text, expected = message.expected } = changed
    const isMail = change.startsWith('html')
    const channel = isMail ? 'email' : message.channel
    variations.push({ change, message: { ...message, channel, text, expected } })
  }
  return variations
}
