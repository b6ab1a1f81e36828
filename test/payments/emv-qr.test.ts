// QR payloads: the published examples, and whatever else fields can hold.
import fc from 'fast-check'
import { toString as toText } from 'qrcode'
import { describe, expect, it } from 'vitest'
import {
  asksOtherwise,
  crc16,
  type EmvField,
  forOnePayment,
  readEmvQr,
  readFields,
  readPayment,
  writeEmvQr,
  writeFields,
} from '../../src/core/deposits/emv-qr.ts'
import { anyCharacter } from '../harness/texts.ts'
import { counter } from './servers/qris.ts'

/** EMVCo, QR Code Specification for Payment Systems, Merchant-Presented Mode: the example of its annex. */
const emvco =
  '00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN' +
  '5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603' +
  '***0708A60086670902ME91320016A0112233449988770708123456786304A13A'

/** Banco Central do Brasil, Manual de Padrões para Iniciação do Pix: its static example. */
const pix =
  '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913' +
  'Fulano de Tal6008BRASILIA62070503***63041D3D'

const id = fc.integer({ min: 1, max: 62 }).map((number) => String(number).padStart(2, '0'))
const value = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 })
const fields: fc.Arbitrary<EmvField[]> = fc
  .uniqueArray(fc.record({ id, value }), { selector: (field) => field.id, maxLength: 12 })
  .map((others) => [{ id: '00', value: '01' }, ...others])

describe('QR payloads', () => {
  it('have the checksum of the catalogue of CRCs', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x29b1)
    expect(crc16(Buffer.alloc(0))).toBe(0xffff)
  })

  it('are read as EMVCo’s example has them', () => {
    const found = readEmvQr(emvco) as EmvField[]
    expect(found.map((field) => field.id).join(' ')).toBe(
      '00 01 29 31 52 58 59 60 64 54 53 55 62 91',
    )
    expect(readPayment(emvco)).toEqual({
      isDynamic: true,
      currency: '156',
      amount: 237_200n,
      merchantName: 'BEST TRANSPORT',
      billNumber: null,
    })
    const alternate = readFields(found.find((field) => field.id === '64')?.value ?? '')
    expect(alternate?.map((field) => field.value)).toEqual(['ZH', '最佳运输', '北京'])
    expect(writeEmvQr(found)).toBe(emvco)
  })

  it('are read as the Brazilian central bank’s example has them', () => {
    expect(readPayment(pix)).toMatchObject({ isDynamic: false, currency: '986', amount: null })
    expect(writeEmvQr(readEmvQr(pix) as EmvField[])).toBe(pix)
  })

  it('come back as they were written, whatever they hold', () => {
    fc.assert(
      fc.property(fields, (written) => {
        expect(readEmvQr(writeEmvQr(written))).toEqual(written)
      }),
    )
  })

  it('are refused when any one character is another', () => {
    const digit = fc.integer({ min: 0, max: 9 }).map(String)
    fc.assert(
      fc.property(fields, fc.nat(), digit, (written, at, other) => {
        const characters = [...writeEmvQr(written)]
        const place = at % characters.length
        fc.pre(characters[place] !== other)
        characters[place] = other
        expect(readEmvQr(characters.join(''))).toBeNull()
      }),
    )
  })

  it('are never more than text: whatever is read gives fields or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: anyCharacter })), (text) => {
        expect(readEmvQr(text)).toBeNull()
        readFields(text)
        expect(asksOtherwise(text, 10_000n)).toBe(false)
      }),
    )
    for (const text of ['', '6304', '6304FFFF', '0002016304', '00990163041234'])
      expect(readEmvQr(text)).toBeNull()
    expect(readEmvQr('9'.repeat(5_000))).toBeNull()
  })

  it('refuse what no field can hold', () => {
    expect(() => writeFields([{ id: '59', value: 'x'.repeat(100) }])).toThrow(RangeError)
    expect(() => writeFields([{ id: '5', value: 'x' }])).toThrow(RangeError)
    expect(() => writeFields([{ id: '59', value: '\ud800' }])).toThrow(RangeError)
  })
})

describe('a QRIS code on a counter', () => {
  it('becomes one for a payment, and stays the merchant’s', () => {
    const amounts = fc.integer({ min: 1, max: 10_000_000 })
    fc.assert(
      fc.property(amounts, (rupiah) => {
        const amount = BigInt(rupiah) * 10_000n
        const made = forOnePayment(counter, { amount, reference: 'NL7K3QX9P2MVAB' }) as string
        expect(readPayment(made)).toEqual({
          isDynamic: true,
          currency: '360',
          amount,
          merchantName: 'TOKO CONTOH',
          billNumber: 'NL7K3QX9P2MVAB',
        })
        expect(asksOtherwise(made, amount)).toBe(false)
        expect(asksOtherwise(made, amount + 10_000n)).toBe(true)
        const account = (payload: string) =>
          readEmvQr(payload)?.find((field) => field.id === '26')?.value
        expect(account(made)).toBe(account(counter))
      }),
    )
  })

  it('is none where its checksum is wrong', () => {
    expect(forOnePayment(`${counter.slice(0, -1)}x`, { amount: 1n, reference: 'NL' })).toBeNull()
  })

  it('fits into a picture', async () => {
    const made = forOnePayment(counter, { amount: 99_999_990_000n, reference: 'NL7K3QX9P2MVAB' })
    expect(await toText(made as string, { type: 'svg' })).toMatch(/^<svg /)
  })
})
