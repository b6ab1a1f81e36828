// Finds the codes in an email, one for each inbox that received it. Customers write the patterns and
// strangers the texts, so this runs in a child process with a budget (supply/smtp/reader-child.ts). No I/O.

import { type CodeRule, extractCode } from '../codes/extract.ts'
import { htmlToText } from '../codes/html.ts'
import type { Link } from '../codes/links.ts'
import { PatternSearch } from '../inboxes/pattern.ts'
import { allNames } from './hints.ts'
import { linksIn } from './links.ts'
import { clean, maxHtmlLength, maxTextLength } from './store.ts'

/** How the code for an inbox is found. */
export type CodeSearch = {
  readonly accountId: number
  /** The customer's pattern; null: use the service's rules and the general forms of codes. */
  readonly pattern: string | null
  readonly rules: readonly CodeRule[]
  /** True if nothing is searched for it, because its account has used up its time. */
  readonly isSkipped?: boolean
}

/** The parts of an email that are searched. */
export type MailTexts = {
  readonly subject: string
  readonly text: string
  readonly html: string | null
  /** The visible text of the original markup. If it is missing, it is read from `html`. */
  readonly htmlText?: string | null
  /** False if the text is a placeholder written by Numlet: it contains no code. */
  readonly isReadable?: boolean
  readonly sender: string
}

export type FoundCode = { readonly code: string | null; readonly asWritten: string | null }

/** What is found in an email for an inbox. Its links are the same for all inboxes. */
export type FoundInMail = FoundCode & { readonly links: readonly Link[] }

/** The time used by each account's patterns. */
export type Spent = { readonly accountId: number; readonly ms: number }

export type FoundCodes = {
  readonly found: readonly FoundInMail[]
  readonly spent: readonly Spent[]
}

/** Finds an email's codes and links for its inboxes, in their order, without blocking this process. */
export type FindCodes = (
  mail: MailTexts,
  searches: readonly CodeSearch[],
) => Promise<readonly FoundInMail[]>

export const noCode: FoundCode = { code: null, asWritten: null }
export const nothingFound: FoundInMail = { ...noCode, links: [] }

const maxMailSenderLength = 400
const maxSubjectLength = 1_000

/** The email as it is stored. */
export function cleanMail<T extends MailTexts>(mail: T): T {
  return {
    ...mail,
    subject: clean(mail.subject, maxSubjectLength),
    text: clean(mail.text, maxTextLength),
    html: mail.html === null ? null : clean(mail.html, maxHtmlLength),
    sender: clean(mail.sender, maxMailSenderLength),
  }
}

/**
 * Searches the email for each inbox. A search beyond the budget of its account or of the email finds nothing.
 * @param clockMs CPU time if available, so that a busy machine does not use up the budget
 */
export function findCodes(
  mail: MailTexts,
  searches: readonly CodeSearch[],
  clockMs: () => number = () => performance.now(),
): FoundCodes {
  const isReadable = mail.isReadable ?? true
  const texts = cleanMail(isReadable ? mail : { ...mail, text: '', html: null, htmlText: null })
  const shown = shownText(texts)
  const known = new Map<readonly CodeRule[], FoundCode>()
  const byRules = (rules: readonly CodeRule[]) => {
    const found = known.get(rules) ?? extractedFrom(texts, shown, rules)
    known.set(rules, found)
    return found
  }
  const search = new PatternSearch([...new Set([texts.text, shown, texts.subject])], clockMs)
  const patterns = search.findAll(
    searches.flatMap(({ accountId, pattern, isSkipped }) =>
      pattern === null || isSkipped ? [] : [{ accountId, pattern }],
    ),
  )
  const links = linksIn(texts)
  const found = searches.map(({ accountId, pattern, rules }): FoundInMail => {
    if (pattern === null) return { ...byRules(rules), links }
    const code = patterns.get(accountId)?.get(pattern) ?? null
    return { code, asWritten: code, links }
  })
  return { found, spent: search.spent() }
}

/** The text part is often only a stub with a link to read the email online. */
function shownText({ text, html, htmlText }: MailTexts): string {
  if (html === null && !htmlText) return text
  return clean(htmlText ?? htmlToText(html ?? ''), maxTextLength)
}

function extractedFrom(
  { subject, text, sender }: MailTexts,
  shown: string,
  rules: readonly CodeRule[],
): FoundCode {
  const source = { sender, channel: 'email', subject, rules, names: allNames() } as const
  const inText = extractCode({ ...source, text })
  const found =
    inText.code !== null || shown === text ? inText : extractCode({ ...source, text: shown })
  return { code: found.code, asWritten: found.asWritten }
}
