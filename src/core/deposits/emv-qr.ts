// QR codes for payments as text: EMVCo's merchant-presented mode, on which QRIS stands. A payload is a row of
// fields, each two digits of id, two digits of length, a value; some values are rows of fields themselves;
// the last field is a checksum over everything before it.
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

/** Inside of `additional`: by what the merchant knows the payment. */
const billNumber = '01'
const dynamic = '12'
const maxLength = 99
/** A QR code of the largest version holds 2,953 bytes; no payload of a payment is near it. */
const maxPayload = 1_000
const rupiah = '360'

/** CRC-16/CCITT-FALSE: polynomial 1021, beginning with FFFF, nothing reflected, nothing xored at the end. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff
  }
  return crc
}

/** The fields of a payload without its checksum; null where it is none, or its checksum is wrong. */
export function readEmvQr(payload: string): EmvField[] | null {
  if (payload.length > maxPayload || !payload.isWellFormed()) return null
  const fields = readFields(payload)
  const last = fields?.at(-1)
  if (!fields || last?.id !== ids.checksum || fields[0]?.id !== ids.format) return null
  if (last.value.toUpperCase() !== checksumOf(payload.slice(0, -4))) return null
  return fields.slice(0, -1)
}

/** The fields in a value that is a row of fields; null where it is none. */
export function readFields(text: string): EmvField[] | null {
  // @NOTE lengths count characters, not bytes: the published example has Chinese ones
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

/** The payload of fields, its checksum at the end. @throws RangeError for what no field can hold */
export function writeEmvQr(fields: readonly EmvField[]): string {
  const text = `${writeFields(fields.filter(({ id }) => id !== ids.checksum))}${ids.checksum}04`
  return text + checksumOf(text)
}

/** Fields as the value of another field. @throws RangeError */
export const writeFields = (fields: readonly EmvField[]): string =>
  fields
    .map(({ id, value }) => {
      const { length } = [...value]
      if (!/^\d\d$/.test(id) || length > maxLength || !value.isWellFormed())
        throw new RangeError(`field ${id} of a QR payload cannot hold ${length} characters`)
      return `${id}${String(length).padStart(2, '0')}${value}`
    })
    .join('')

/** What a payload asks of a payer. */
export type EmvPayment = {
  /** Made for one payment; else the code on a merchant's counter. */
  readonly isDynamic: boolean
  /** ISO 4217, its digits. */
  readonly currency: string | null
  readonly amount: Amount | null
  readonly merchantName: string | null
  readonly billNumber: string | null
}

/** What a payload says; null where it is no sound one. */
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

/** Whether a payload can be read and asks for another amount or currency than rupiah of this amount. */
export function asksOtherwise(payload: string, amount: Amount): boolean {
  const payment = readPayment(payload)
  if (!payment) return false
  return payment.currency !== rupiah || (payment.amount !== null && payment.amount !== amount)
}

/**
 * The payload for one payment, out of the one on a merchant's counter: with its amount, and with our
 * reference as the bill's number.
 * @returns null where the merchant's is no sound payload
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
  // @NOTE the format comes first by the standard; the others stand in the order of their ids
  return writeEmvQr([...others, ...changed].sort((a, b) => Number(a.id) - Number(b.id)))
}

const checksumOf = (text: string): string =>
  crc16(Buffer.from(text)).toString(16).toUpperCase().padStart(4, '0')
