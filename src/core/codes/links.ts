// The links of a message that its reader is meant to follow, the likeliest first: to confirm an address, to
// sign in, to reset a password. Footers, homepages, shops of apps and social networks are left out.
import { foldText } from './fold.ts'
import { findHits, kinds } from './keyword-index.ts'
import { isFooter, isFooterHost } from './link-footers.ts'
import { anchorsOf, type PlacedLink, urlsOf } from './placed-links.ts'

export type Link = {
  /** Absolute, with the scheme http or https. */
  readonly url: string
  /** What the reader sees in its place; null if that is the address itself. */
  readonly text: string | null
}

/** The texts in which links are looked for. */
export type LinkSource = {
  readonly text: string
  readonly html?: string | null
}

const maxLinks = 10
/** Below it, a link leads to what is not the purpose of the message. */
const minScore = 0

const purposes = [
  'verif|confirm|activat|validat|auth|log-?_?in|sign-?_?in|sign-?_?up|magic|token|otp|passw|reset',
  'invit|regist|opt-?in|one-?time|accept|approve|recover|unlock',
]
const purposeInUrl = new RegExp(purposes.join('|'), 'i')
/** A part of an address that no person has chosen. */
const secretInUrl =
  /[/=?&#.-](?=[\w%~-]{0,80}\d)(?=[\w%~-]{0,80}[a-z])[\w%~-]{14,}|[/=][\w-]{5,10}$/i
const longSecret = /[/=?&#](?=[\w%~.-]{0,80}\d)(?=[\w%~.-]{0,80}[a-z])[\w%~.-]{24,}/i

/**
 * Finds the links that a message wants followed, the likeliest first, at most ten of them. Pure, linear in
 * what it reads, never throws.
 */
export function findLinks({ text, html }: LinkSource): readonly Link[] {
  const placed = html ? [...anchorsOf(html), ...urlsOf(text)] : urlsOf(text)
  const found = new Map<string, { readonly link: Link; score: number }>()
  for (const one of placed) {
    const known = found.get(one.url)
    // A button, and the same address below it for mail programs without buttons.
    if (known) known.score = Math.max(known.score, scoreOf(one)) + 0.5
    else found.set(one.url, { link: { url: one.url, text: one.text }, score: scoreOf(one) })
  }
  return [...found.values()]
    .filter(({ score }) => score >= minScore)
    .sort((a, b) => b.score - a.score)
    .slice(0, maxLinks)
    .map(({ link }) => link)
}

function scoreOf({ url, text, before, isButton }: PlacedLink): number {
  const { hostname, pathname, search, hash } = new URL(url)
  const rest = `${pathname}${search}${hash}`
  let score = 0
  if (text !== null && saysPurpose(text)) score += 3
  if (saysPurpose(before)) score += 1
  if (purposeInUrl.test(rest)) score += 2
  if (longSecret.test(rest)) score += 1.5
  else if (secretInUrl.test(rest)) score += 1
  if (isButton) score += 1
  if (rest === '/' || rest === '') score -= 2.5
  if (isFooter(text ?? labelOf(before)) || isFooter(rest)) score -= 6
  if (isFooterHost(hostname)) score -= 6
  return score
}

/** What stands before an address in its line: "Unsubscribe: ". */
const labelOf = (before: string) => before.slice(before.lastIndexOf('\n') + 1).slice(-40)

/** Whether a text is about confirming, signing in or entering something, in any language. */
function saysPurpose(text: string): boolean {
  if (text === '') return false
  return findHits(foldText(text)).some(({ kind }) => (kind & (kinds.auth | kinds.strong)) !== 0)
}
