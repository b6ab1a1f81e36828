// A message with the code that a person would type: a line of the corpus, or of a file to check.
import type { CodeSource } from './extract.ts'

/** What a message is for. Those with a code are `login`, unless something else is known. */
const messageKinds = [
  'login',
  'parcel',
  'ticket',
  'promotion',
  'meeting',
  'pin',
  'receipt',
  'status',
  'activity',
  'warning',
  'link',
  'other',
] as const
type MessageKind = (typeof messageKinds)[number]

/** Weights are fitted on `train`, thresholds chosen on `tune`. Nothing is ever fitted to `frozen`. */
export const splits = ['train', 'tune', 'frozen'] as const
export type Split = (typeof splits)[number]

export type LabelledMessage = {
  readonly id: string
  readonly text: string
  readonly channel: 'sms' | 'email'
  readonly sender: string | null
  readonly subject: string | null
  /** As a person would type it; null if the message has no one-time code. */
  readonly expected: string | null
  /** A BCP 47 tag, empty if it is unknown. */
  readonly lang: string
  readonly kind: MessageKind
  readonly split: Split
}

/** `false`: a code is found in a message that has none. */
type Outcome = 'exact' | 'wrong' | 'missed' | 'false'

/** Reads one line of JSON. Returns what is wrong with it, if something is. */
export function labelledOf(line: string): LabelledMessage | string {
  const fields = objectOf(line)
  if (typeof fields === 'string') return fields
  const { id, text, expected, channel = 'sms', kind, split = 'train' } = fields
  if (typeof id !== 'string' && typeof id !== 'number') return 'has no "id"'
  if (typeof text !== 'string') return 'has no "text"'
  if (expected !== null && typeof expected !== 'string')
    return 'has no "expected": the code, or null'
  if (channel !== 'sms' && channel !== 'email') return '"channel" must be sms or email'
  const usual = expected === null ? 'other' : 'login'
  const isKind = kind === undefined || messageKinds.some((known) => known === kind)
  if (!isKind) return `"kind" must be one of ${messageKinds.join(', ')}`
  if (!splits.some((known) => known === split)) return `"split" must be one of ${splits.join(', ')}`
  return {
    id: String(id),
    text,
    channel,
    sender: textOf(fields.sender),
    subject: textOf(fields.subject),
    expected,
    lang: textOf(fields.lang) ?? '',
    kind: (kind as MessageKind | undefined) ?? usual,
    split: split as Split,
  }
}

/** What the extractor is given of a labelled message: everything but the label. */
export function sourceOf({ text, channel, sender, subject }: LabelledMessage): CodeSource {
  return { text, channel, sender, subject }
}

/** The object that a line of JSON holds, or what is wrong with the line. */
export function objectOf(line: string): Readonly<Record<string, unknown>> | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'is not JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'is not a JSON object'
  return value as Record<string, unknown>
}

/** What an answer is, compared with what a person would type. Case does not count. */
export function outcomeOf(code: string | null, expected: string | null): Outcome {
  if (code?.toLowerCase() === expected?.toLowerCase()) return 'exact'
  if (expected === null) return 'false'
  return code === null ? 'missed' : 'wrong'
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
