// The codes in a mail, one for each inbox that it came to. Customers write the patterns and strangers the
// texts, so this runs in a child process, within a budget (supply/smtp/reader-child.ts). No I/O in this file.
import { PatternSearch } from '../inboxes/pattern.ts'
import { type CodeRule, extractCode } from '../otp/extract.ts'
import { htmlToText } from '../otp/html.ts'
import { clean, maxHtmlLength, maxTextLength } from './store.ts'

/** How an inbox wants its code found. */
export type CodeWish = {
  readonly accountId: number
  /** The customer's own pattern; null: by the service's rules and what codes look like. */
  readonly pattern: string | null
  readonly rules: readonly CodeRule[]
  /** Nothing is searched for it: its account has used up its time. */
  readonly isSkipped?: boolean
}

/** What is searched of a mail. */
export type MailTexts = {
  readonly subject: string
  readonly text: string
  readonly html: string | null
  /** What a reader of the original markup sees. Read from `html` where it is not given. */
  readonly htmlText?: string | null
  /** False where what stands as its text is ours: there is no code in it. */
  readonly isReadable?: boolean
  readonly sender: string
}

export type FoundCode = { readonly code: string | null; readonly asWritten: string | null }

/** What the search for patterns took, for each account. */
export type Spent = { readonly accountId: number; readonly ms: number }

export type FoundCodes = { readonly found: readonly FoundCode[]; readonly spent: readonly Spent[] }

/** Finds a mail's codes for its inboxes, in their order, without holding up this process. */
export type FindCodes = (
  mail: MailTexts,
  wishes: readonly CodeWish[],
) => Promise<readonly FoundCode[]>

export const noCode: FoundCode = { code: null, asWritten: null }

export const maxMailSenderLength = 400
export const maxSubjectLength = 1_000

/** The mail as it is stored. */
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
 * Searches the mail for each wish. What is beyond the budget of its account or of the mail finds nothing.
 * @param clockMs CPU time, where it can be had: a busy machine is nobody's fault
 */
export function findCodes(
  mail: MailTexts,
  wishes: readonly CodeWish[],
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
    wishes.flatMap(({ accountId, pattern, isSkipped }) =>
      pattern === null || isSkipped ? [] : [{ accountId, pattern }],
    ),
  )
  const found = wishes.map(({ accountId, pattern, rules }) => {
    if (pattern === null) return byRules(rules)
    const code = patterns.get(accountId)?.get(pattern) ?? null
    return { code, asWritten: code }
  })
  return { found, spent: search.spent() }
}

/** The text beside the markup is often a stub that says where the mail can be read. */
function shownText({ text, html, htmlText }: MailTexts): string {
  if (html === null && !htmlText) return text
  return clean(htmlText ?? htmlToText(html ?? ''), maxTextLength)
}

function extractedFrom(
  { subject, text, sender }: MailTexts,
  shown: string,
  rules: readonly CodeRule[],
): FoundCode {
  const inText = extractCode({ text, sender, channel: 'email', subject, rules })
  const found =
    inText.code !== null || shown === text
      ? inText
      : extractCode({ text: shown, sender, channel: 'email', subject, rules })
  return { code: found.code, asWritten: found.asWritten }
}
