// The extractors that are compared: ours, two npm packages, and the pattern that everybody writes first.
import { createRequire } from 'node:module'
import { extractOTP } from 'otp-message-extractor'
import { extractCode } from '../src/core/codes/extract.ts'
import { type LabelledMessage, sourceOf } from '../src/core/codes/labelled.ts'

export type Extractor = {
  readonly name: string
  readonly codeIn: (message: LabelledMessage) => string | null
}

const parseOtpMessage = createRequire(import.meta.url)('parse-otp-message') as (
  text: string,
) => { code?: string } | undefined

/** Peers read one text: a mail's subject stands above it. */
const whole = ({ subject, text }: LabelledMessage) => (subject ? `${subject}\n\n${text}` : text)

export const ours: Extractor = {
  name: 'numlet',
  codeIn: (message) => extractCode(sourceOf(message)).code,
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
