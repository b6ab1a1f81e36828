// The one-time code in a message, with how sure we are of it.
import { type Candidate, findCandidates, maxCandidates } from './candidate.ts'
import { type CodeRule, certainCode, ruledCode } from './certain.ts'
import { asSeen } from './direction.ts'
import { asReceived, capText, foldText } from './fold.ts'
import { htmlToText, isHtml } from './html.ts'
import { plausibleCandidates } from './implausible.ts'
import { findHits, type Hit, kinds } from './keyword-index.ts'
import { layOut } from './layout.ts'
import { findLetterCodes } from './letter-codes.ts'
import { maskText } from './mask.ts'
import {
  confidenceOf,
  isEnough,
  type Judged,
  judge,
  type Reason,
  reasonsFor,
  shippedModel,
} from './model.ts'
import { coverNames, isOfService, type KnownNames, withoutNames, withoutSigner } from './names.ts'
import { calmed, plainText } from './plain.ts'
import { relabel } from './relabel.ts'
import type { Message } from './relation.ts'
import { findSpoken } from './spoken.ts'
import { withoutStruck } from './struck.ts'

export type { CodeRule } from './certain.ts'

export type CodeSource = {
  readonly text: string
  readonly sender?: string | null
  readonly channel?: 'sms' | 'email'
  readonly subject?: string | null
  readonly rules?: readonly CodeRule[]
  /** What the service is called that the message is for, and its sender ids. */
  readonly service?: KnownNames | null
  /** Names of services and senders, which are no words and no codes. */
  readonly names?: KnownNames | null
}

export type Extraction = {
  /** Normalised: ASCII digits, separators and a `G-` prefix removed, letters as shown. */
  readonly code: string | null
  /** As it stood in the message, "123-456". */
  readonly asWritten: string | null
  /** 0..1 */
  readonly confidence: number
  /** The second best candidate, normalised. */
  readonly runnerUp: string | null
}

/** A candidate less likely than this is not reported as the runner-up. */
const minShare = 0.002

const nothing: Extraction = { code: null, asWritten: null, confidence: 0, runnerUp: null }
const retrieverMark = /^\s*(?:<#>|\[#\])/
const retrieverHash = /\s\/?(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z0-9])[A-Za-z0-9+/]{11}$/
/** Of the hash, the slash and the blank before it. */
const hashChars = 13
/** "**441092**", as mails of plain text mark what is bold. */
const boldMark = /(?<![\w*])\*\*(?=\S)([^*\n]{1,80})(?<=\S)\*\*(?![\w*])/g
/** An invitation to a call has a pass code that many use, many times. */
const meetings = [
  'meeting[- ]?id|webinar id|meeting number|besprechungs-?id|vergader-?id|mötes-?id|id spotkania',
  'id de (?:la )?r[eé]uni[oó]n|id da reunião|id riunione|идентификатор конференции|toplantı kimliği',
  'id cuộc họp|id rapat|معرف الاجتماع|מזהה פגישה|会议号|会议id|會議(?:號|id)|ミーティングid|회의 ?id',
]
/** "ID 275 917 2439": the number of a room, as services for video calls write it. */
const roomNumber =
  '(?:\\bid|идентификатор|ідентифікатор|identyfikator|identifikátor|azonosító|tunnus|kimlik)' +
  '[^\\d\\n]{0,12}\\d{3}[ -]\\d{3,4}[ -]\\d{4}(?!\\d)'
const meeting = new RegExp([...meetings, roomNumber].join('|'), 'i')
/** A message of nothing but a number, perhaps behind the sender's name in brackets. */
const bare =
  /^(?:\[[^\]\n]{1,30}\] ?|【[^】\n]{1,30}】 ?)?["'([*]?(G-)?(\d{4,8}|(?=[A-Z]*\d)[A-Z\d]{5,8}|\d{3}[- ]\d{3,4}|\d{4}[- ]\d{4}|\d\d(?:[- ]\d\d){2}|\d(?: \d){3,9})["')\]*.]?(?: ?【[^】\n]{1,30}】| ?\[[^\]\n]{1,30}\])?$/
/** A small number of its own, as in "valid for 10 minutes". */
const validity = /(?<![\d\p{L}])\d{1,3}(?![\d])/u

/** A form that leaves no doubt, and how sure it makes us. */
type Certain = { readonly written: string; readonly confidence: number }
/** Whether a word, as it stands in the text, is to be looked up. */
type IsKnown = (word: string) => boolean
/** A message taken apart for the model, or a certain form; null if there is nothing to choose. */
type Reading = Message | Certain | null

/** Finds the one-time code in a message. Pure, linear in what it reads, never throws. */
export function extractCode(source: CodeSource): Extraction {
  return decided(source).found
}

/**
 * What the model is asked about, or the code of a certain form; null if there is nothing to choose.
 * Words that `isKnown` says no to count as if no list had them: so the model learns what to make of those.
 */
export function readMessage(source: CodeSource, isKnown?: IsKnown): Message | string | null {
  const shown = shownOf(source)
  const reading = read(source, withoutStruck(shown) ?? shown, isKnown)
  return isCertain(reading) ? normalised(reading.written) : reading
}

/** Features that decided about the likeliest candidate; none where no model was asked. */
export function reasonsOf(source: CodeSource): readonly Reason[] {
  const { reading } = decided(source)
  if (reading === null || isCertain(reading)) return []
  const [best] = judge(reading, shippedModel())
  return best ? reasonsFor(reading, best.candidate, shippedModel()) : []
}

/** The answer, with the reading that it is from. What is struck out counts only without another code. */
function decided(source: CodeSource): { readonly reading: Reading; readonly found: Extraction } {
  const shown = shownOf(source)
  const valid = withoutStruck(shown)
  if (valid !== null) {
    const reading = read(source, valid)
    const found = answerTo(source, reading)
    if (found.code !== null) return { reading, found }
  }
  const reading = read(source, shown)
  return { reading, found: answerTo(source, reading) }
}

function read(source: CodeSource, shown: string, isKnown?: IsKnown): Reading {
  const text = readable(source, shown)
  const ruled = source.rules && source.rules.length > 0 ? ruledCode(text, source.rules) : null
  if (ruled !== null) return { written: ruled, confidence: 0.99 }
  const certain = certainCode(text)
  if (certain !== null) return { written: certain, confidence: 0.98 }
  const plain = withoutHash(text)
  const alone = bare.exec(plain.trim())?.[2]
  if (alone !== undefined) return { written: alone, confidence: 0.9 }
  return meeting.test(plain) ? null : takeApart(source, plain, isKnown)
}

function isCertain(reading: Reading): reading is Certain {
  return reading !== null && 'written' in reading
}

function shownOf({ text }: CodeSource): string {
  return withoutQuotation(isHtml(text) ? htmlToText(text) : asSeen(text))
}

const quoted = /^>(?![^\n]{0,40}<)[> ]*/gm

/** The marks of a quotation go if there is nothing else: a reply has a text of its own. */
function withoutQuotation(text: string): string {
  if (!text.startsWith('>') || /\n[^>\s]/.test(text)) return text
  return text.replace(quoted, '')
}

/** What the reader of the message sees, folded to one plain form, the subject first. */
function readable({ subject }: CodeSource, shown: string): string {
  const whole = subject ? `${capText(subject, 300, 0)}\n\n${capText(shown)}` : capText(shown)
  const plain = foldText(whole).replace(retrieverMark, '')
  return plainText(plain.includes('**') ? plain.replace(boldMark, '$1') : plain)
}

/** Without the hash of an app at the end. */
function withoutHash(text: string): string {
  const end = text.trimEnd().length
  const from = Math.max(0, end - hashChars)
  const found = retrieverHash.exec(text.slice(from, end))
  return found ? text.slice(0, from + found.index) : text
}

function answerTo(source: CodeSource, reading: Reading): Extraction {
  if (reading === null) return nothing
  if (isCertain(reading)) {
    const { written, confidence } = reading
    return answer(source, { code: written, written, confidence, runnerUp: null })
  }
  const model = shippedModel()
  const [best, second] = judge(reading, model)
  if (!best) return nothing
  const confidence = Math.round(Math.min(confidenceOf(best, model), 0.97) * 100) / 100
  if (!isAnswer(source, reading, best) || isListed(reading, best.candidate)) {
    const held = best.share > minShare ? best.candidate.code : null
    return { code: null, asWritten: null, confidence: Math.min(confidence, 0.49), runnerUp: held }
  }
  const { start, end, code } = best.candidate
  const runnerUp = second && second.share > minShare ? second.candidate.code : null
  return answer(source, { code, written: reading.text.slice(start, end), confidence, runnerUp })
}

/** True if enough speaks for a number; what an awaited service writes need not say that it is a code. */
function isAnswer(source: CodeSource, { text }: Message, best: Judged): boolean {
  const { thresholds } = shippedModel()
  if (isEnough(best, thresholds)) return true
  return best.share >= thresholds.awaited && isOfService(text, source)
}

function takeApart(source: CodeSource, text: string, isKnown?: IsKnown): Message | null {
  const masked = calmed(maskText(withoutSigner(coverNames(text, source))))
  const digits = findCandidates(masked)
  const all = findHits(masked)
  const words = isKnown ? all.filter(({ start, end }) => isKnown(masked.slice(start, end))) : all
  relabel(masked, words)
  const letters = findLetterCodes(masked, words)
  const spoken = findSpoken(masked, words)
  const found = digits
    .filter((one) => !isLabel(one, words))
    .concat(letters, spoken)
    .slice(0, maxCandidates)
  const { hits, candidates } = withoutNames(masked, { hits: words, candidates: found })
  if (candidates.length === 0) return null
  const isTimed = validity.test(masked) && hits.some(({ kind }) => kind & kinds.time)
  const message = {
    text,
    masked,
    hits,
    candidates,
    serious: candidates,
    layout: layOut(masked),
    isTimed,
    isEmail: source.channel === 'email',
    purposes: new Map<Candidate, number>(),
    hasSubject: Boolean(source.subject),
  }
  return { ...message, serious: plausibleCandidates(message) }
}

/** "SMS-TAN": letters that are a word for a code, and not one. */
function isLabel({ shape, start, end }: Candidate, hits: readonly Hit[]): boolean {
  if (shape !== 'letters') return false
  return hits.some((hit) => hit.kind & kinds.code && hit.start <= start && hit.end >= end)
}

/** Three numbers alike with nothing between them: recovery codes, to be kept and not to be typed. */
function isListed({ text, candidates }: Message, best: Candidate): boolean {
  const alike = candidates.filter(({ code, shape }) => {
    return shape === best.shape && code.length === best.code.length
  })
  return alike.some((first, i) => {
    const [second, third] = [alike[i + 1], alike[i + 2]]
    if (!second || !third || third.start - first.end > 40) return false
    const between = text.slice(first.end, second.start) + text.slice(second.end, third.start)
    return between.length <= 20 && !/\p{L}/u.test(between)
  })
}

type Answer = {
  readonly code: string
  readonly written: string
  readonly confidence: number
  readonly runnerUp: string | null
}

function answer({ text }: CodeSource, { code, written, confidence, runnerUp }: Answer): Extraction {
  return { code: normalised(code), asWritten: asReceived(text, written), confidence, runnerUp }
}

/** A code of folded text as it is stored: without separators and the prefix `G-`. */
export function normalised(code: string): string {
  return code.replace(/^G-/i, '').replace(/[^\p{L}\p{N}]/gu, '')
}
