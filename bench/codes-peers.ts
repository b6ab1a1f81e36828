// The extractors that are compared: ours, two npm packages, and the pattern that everybody writes first.
import { createRequire } from 'node:module'
import { extractOTP } from 'otp-message-extractor'
import { extractCode } from '../src/core/codes/extract.ts'
import { type LabelledMessage, sourceOf } from '../src/core/codes/labelled.ts'
import { KnownNames } from '../src/core/codes/names.ts'

export type Extractor = {
  readonly name: string
  /** `service` is what the service is called that the message is for. */
  readonly codeIn: (message: LabelledMessage, service?: string) => string | null
}

const parseOtpMessage = createRequire(import.meta.url)('parse-otp-message') as (
  text: string,
) => { code?: string } | undefined

/** Peers read one text: a mail's subject stands above it. */
const whole = ({ subject, text }: LabelledMessage) => (subject ? `${subject}\n\n${text}` : text)

export const ours: Extractor = {
  name: 'numlet',
  codeIn: (message, service) => {
    const known = service === undefined ? {} : { service: new KnownNames([service]) }
    return extractCode({ ...sourceOf(message), ...known }).code
  },
}

export const peers: readonly Extractor[] = [
  {
    name: 'otp-message-extractor',
    codeIn: (message) => plain(extractOTP(whole(message))?.code ?? null),
  },
  {
    name: 'parse-otp-message',
    codeIn: (message) => plain(parseOtpMessage(whole(message))?.code ?? null),
  },
  {
    name: 'naive \\b\\d{4,8}\\b',
    codeIn: (message) => /\b\d{4,8}\b/.exec(whole(message))?.[0] ?? null,
  },
]

/** As labels are written: without separators, and without the "G-" of one service. */
const plain = (code: string | null) =>
  code?.replace(/^G-/i, '').replace(/[^\p{L}\p{N}]/gu, '') ?? null

/** A text as a message without a label. */
export const messageOf = (text: string): LabelledMessage => ({
  ...{ id: '', text, channel: 'sms', sender: null, subject: null, expected: null },
  ...{ lang: '', kind: 'other', split: 'train' },
})
