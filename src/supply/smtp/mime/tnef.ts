// TNEF, the `winmail.dat` of Outlook: finds the body of the mail in it ([MS-OXTNEF]).
import { decompressRtf } from './compressed-rtf.ts'

export type TnefBody = {
  readonly text: Buffer | null
  readonly html: Buffer | null
  /** One character for each byte. */
  readonly rtf: string | null
  readonly charset: string | null
}

const signature = 0x223e9f78
const attributes = { body: 0x0002800c, properties: 0x00069003, codePage: 0x00069007 } as const
const properties = { body: 0x1000, rtf: 0x1009, html: 0x1013 } as const
const ofMessage = 1
const maxAttributes = 2_000
const maxProperties = 2_000
const maxValues = 1_000

export const isTnef = (bytes: Buffer): boolean =>
  bytes.length > 6 && bytes.readUInt32LE(0) === signature

/** @returns null if there is no body in it */
export function tnefBody(bytes: Buffer): TnefBody | null {
  const found: { -readonly [K in keyof TnefBody]: TnefBody[K] } = {
    ...{ text: null, html: null, rtf: null, charset: null },
  }
  // Signature and key; then for each attribute a level, an id, a length, its data and a checksum.
  let at = 6
  for (let count = 0; count < maxAttributes && at + 9 <= bytes.length; count++) {
    const level = bytes[at]
    const id = bytes.readUInt32LE(at + 1)
    const start = at + 9
    const data = bytes.subarray(start, start + bytes.readUInt32LE(at + 5))
    at = start + data.length + 2
    if (level !== ofMessage) continue
    if (id === attributes.body) found.text ??= withoutZero(data)
    if (id === attributes.codePage && data.length >= 4) found.charset = `cp${data.readUInt32LE(0)}`
    if (id === attributes.properties) addProperties(found, new Values(data))
  }
  return found.text || found.html || found.rtf ? found : null
}

function addProperties(
  found: { text: Buffer | null; html: Buffer | null; rtf: string | null },
  values: Values,
) {
  const count = Math.min(values.number(), maxProperties)
  for (let i = 0; i < count && !values.isDone; i++) {
    const type = values.number(2)
    const id = values.number(2)
    if (id >= 0x8000) values.skipName()
    const value = values.value(type)
    if (id === properties.body && value) found.text = textIn(type, value)
    if (id === properties.html && value) found.html = textIn(type, value)
    if (id === properties.rtf && value) found.rtf = decompressRtf(value)
  }
}

const unicode = 0x1f

/** Texts are in UTF-16 or in the code page of the sender. */
const textIn = (type: number, value: Buffer): Buffer =>
  type === unicode
    ? Buffer.from(value.toString('utf16le').replaceAll('\u0000', ''), 'utf8')
    : withoutZero(value)

function withoutZero(value: Buffer): Buffer {
  let end = value.length
  while (end > 0 && value[end - 1] === 0) end--
  return value.subarray(0, end)
}

/** Values of fixed size, with their padding, by type: numbers, dates, ids. */
const sizes: Readonly<Record<number, number>> = {
  ...{ 1: 4, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16 },
}
const many = 0x1000

class Values {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Zero beyond the end. */
  number(size: 2 | 4 = 4): number {
    const start = this.#at
    this.#at += size
    return this.#at > this.#bytes.length ? 0 : this.#bytes.readUIntLE(start, size)
  }

  /** The name of a property that has no fixed id: a GUID, then a number or a text. */
  skipName(): void {
    this.#at += 16
    if (this.number() === 0) this.#at += 4
    else this.#take()
  }

  /** The last value of a property; null if it is no text and no bytes. */
  value(type: number): Buffer | null {
    const size = sizes[type & ~many]
    if (size !== undefined) {
      const count = (type & many) === 0 ? 1 : this.number()
      this.#at += size * count
      return null
    }
    let last: Buffer | null = null
    const count = Math.min(this.number(), maxValues)
    for (let i = 0; i < count && !this.isDone; i++) last = this.#take()
    return last
  }

  #take(): Buffer {
    const length = this.number()
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += Math.ceil(length / 4) * 4
    return taken
  }
}
