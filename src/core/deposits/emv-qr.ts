// Payment QR codes as text: EMVCo's merchant-presented mode, the basis of QRIS. A payload is a list of
// fields, each with a two-digit id, a two-digit length and a value. Some values are themselves lists of
// fields. The last field is a checksum over everything before it.
import { type Amount, formatAmount, parseAmount } from '../money.ts'

export type EmvField = { readonly id: string; readonly value: string }

const ids = {
  format: '00',
  initiation: '01',
  category: '52',
  currency: '53',
  amount: '54',
  country: '58',
  merchantName: '59',
  city: '60',
  additional: '62',
  checksum: '63',
} as const

/** Inside `additional`: the merchant's reference of the payment. */
const billNumber = '01'
const dynamic = '12'
const maxLength = 99
/** A QR code of the largest version holds 2,953 bytes; payment payloads are far shorter. */
const maxPayload = 1_000
const rupiah = '360'

/** CRC-16/CCITT-FALSE: polynomial 1021, initial value FFFF, no reflection, no final XOR. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff
  }
  return crc
}

/** The fields of a payload without the checksum; null if the payload or its checksum is invalid. */
export function readEmvQr(payload: string): EmvField[] | null {
  if (payload.length > maxPayload || !payload.isWellFormed()) return null
  const fields = readFields(payload)
  const last = fields?.at(-1)
  if (!fields || last?.id !== ids.checksum || fields[0]?.id !== ids.format) return null
  if (last.value.toUpperCase() !== checksumOf(payload.slice(0, -4))) return null
  return fields.slice(0, -1)
}

/** The fields in a value that is a list of fields; null if it is not one. */
export function readFields(text: string): EmvField[] | null {
  // @NOTE lengths count characters, not bytes: the published example has Chinese text
  const characters = [...text]
  const fields: EmvField[] = []
  for (let at = 0; at < characters.length; ) {
    const head = characters.slice(at, at + 4).join('')
    if (!/^\d{4}$/.test(head)) return null
    const end = at + 4 + Number(head.slice(2))
    if (end > characters.length) return null
    fields.push({ id: head.slice(0, 2), value: characters.slice(at + 4, end).join('') })
    at = end
  }
  return fields
}

/** Builds a payload from fields and appends the checksum. @throws RangeError if a value is too long */
export function writeEmvQr(fields: readonly EmvField[]): string {
  const text = `${writeFields(fields.filter(({ id }) => id !== ids.checksum))}${ids.checksum}04`
  return text + checksumOf(text)
}

/** Encodes fields as the value of another field. @throws RangeError */
export const writeFields = (fields: readonly EmvField[]): string =>
  fields
    .map(({ id, value }) => {
      const { length } = [...value]
      if (!/^\d\d$/.test(id) || length > maxLength || !value.isWellFormed())
        throw new RangeError(`field ${id} of a QR payload cannot hold ${length} characters`)
      return `${id}${String(length).padStart(2, '0')}${value}`
    })
    .join('')

/** What a payload asks the payer to pay. */
export type EmvPayment = {
  /** True for a code made for one payment; false for the code on a merchant's counter. */
  readonly isDynamic: boolean
  /** The numeric ISO 4217 code. */
  readonly currency: string | null
  readonly amount: Amount | null
  readonly merchantName: string | null
  readonly billNumber: string | null
}

/** Parses a payload; null if it is invalid. */
export function readPayment(payload: string): EmvPayment | null {
  const fields = readEmvQr(payload)
  if (!fields) return null
  const fieldOf = (id: string) => fields.find((field) => field.id === id)?.value ?? null
  const amount = fieldOf(ids.amount)
  const additional = readFields(fieldOf(ids.additional) ?? '') ?? []
  return {
    isDynamic: fieldOf(ids.initiation) === dynamic,
    currency: fieldOf(ids.currency),
    amount: amount === null ? null : parseAmount(amount.replace(/\.$/, '')),
    merchantName: fieldOf(ids.merchantName),
    billNumber: additional.find(({ id }) => id === billNumber)?.value ?? null,
  }
}

/** Whether a payload is readable and asks for an amount or currency other than this amount in rupiah. */
export function asksOtherwise(payload: string, amount: Amount): boolean {
  const payment = readPayment(payload)
  if (!payment) return false
  return payment.currency !== rupiah || (payment.amount !== null && payment.amount !== amount)
}

/**
 * The payload for one payment, made from the merchant's static payload: with the amount, and with Numlet's
 * reference as the bill number.
 * @returns null if the merchant's payload is invalid
 */
export function forOnePayment(
  merchants: string,
  { amount, reference }: { readonly amount: Amount; readonly reference: string },
): string | null {
  const fields = readEmvQr(merchants)
  if (!fields) return null
  const additional = readFields(fields.find(({ id }) => id === ids.additional)?.value ?? '') ?? []
  const changed: EmvField[] = [
    { id: ids.initiation, value: dynamic },
    { id: ids.amount, value: formatAmount(amount, 0) },
    {
      id: ids.additional,
      value: writeFields([
        { id: billNumber, value: reference },
        ...additional.filter(({ id }) => id !== billNumber),
      ]),
    },
  ]
  const others = fields.filter(({ id }) => !changed.some((one) => one.id === id))
  // @NOTE the standard puts the format first; the others are sorted by id
  return writeEmvQr([...others, ...changed].sort((a, b) => Number(a.id) - Number(b.id)))
}

const checksumOf = (text: string): string =>
  crc16(Buffer.from(text)).toString(16).toUpperCase().padStart(4, '0')
