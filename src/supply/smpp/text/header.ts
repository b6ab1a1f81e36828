// The user data header at the start of a message: which part it is, and in which language (3GPP TS 23.040,
// section 9.2.3.24).
import { type Languages, noLanguages } from './gsm-tables.ts'

export type PartOf = {
  /** The same for all parts of one message. */
  readonly reference: string
  readonly total: number
  readonly number: number
}

export type Header = {
  /** The bytes that it takes up, its own length included. */
  readonly bytes: number
  readonly part: PartOf | undefined
  readonly languages: Languages
  /** Whether it names the ports of a program in the phone: then the message is no text for people. */
  readonly hasPorts: boolean
}

export const noHeader: Header = {
  ...{ bytes: 0, part: undefined, languages: noLanguages, hasPorts: false },
}

const elements = {
  shortReference: 0x00,
  ports8: 0x04,
  ports16: 0x05,
  longReference: 0x08,
  singleShift: 0x24,
  lockingShift: 0x25,
} as const

/** Reads the header of a message that says it has one. One that does not fit is none: its bytes are text. */
export function readHeader(content: Buffer): Header {
  const length = content[0]
  if (length === undefined || 1 + length > content.length) return noHeader
  const bytes = 1 + length
  const found: { part?: PartOf; locking: number; single: number; hasPorts: boolean } = {
    ...noLanguages,
    hasPorts: false,
  }
  for (let at = 1; at + 2 <= bytes; at += 2 + (content[at + 1] as number)) {
    const id = content[at] as number
    const end = at + 2 + (content[at + 1] as number)
    if (end > bytes) break
    const data = content.subarray(at + 2, end)
    if (id === elements.shortReference && data.length === 3) found.part ??= partOf(data, 1)
    else if (id === elements.longReference && data.length === 4) found.part ??= partOf(data, 2)
    else if (id === elements.singleShift && data.length === 1) found.single = data[0] as number
    else if (id === elements.lockingShift && data.length === 1) found.locking = data[0] as number
    else if (id === elements.ports8 || id === elements.ports16) found.hasPorts = true
  }
  const { part, hasPorts, ...languages } = found
  return { bytes, part, languages, hasPorts }
}

function partOf(data: Buffer, referenceBytes: 1 | 2): PartOf | undefined {
  const [total, number] = [data[referenceBytes] as number, data[referenceBytes + 1] as number]
  const reference = data.subarray(0, referenceBytes).toString('hex')
  return soundPart({ reference, total, number })
}

/** A part, if its numbers make sense and there are others. */
export const soundPart = (one: PartOf): PartOf | undefined =>
  one.total >= 2 && one.number >= 1 && one.number <= one.total ? one : undefined
