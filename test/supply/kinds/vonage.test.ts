// Vonage's requests: which are signed, and what they say.
import { verifySignature } from '@vonage/jwt'
import { describe, expect, it } from 'vitest'
import { vonageKind } from '../../../src/supply/vonage/kind.ts'
import { jwtOf } from '../samples/jwt.ts'
import { arrived, seconds } from '../samples/sample.ts'
import {
  fieldsOf,
  samples,
  secret,
  signedByTheDocumentation,
  withToken,
} from '../samples/vonage.ts'

const now = new Date('2026-03-14T09:26:53Z')
const url = 'https://numlet.example/api/supply/my-vonage'
const message = { ref: '0A01', phone: '+12015550123', sender: '+447700900123', text: 'Code 593821' }
const inbound = vonageKind.inbound ?? expect.unreachable()
const settings = { signature_secret: secret, signature_method: 'sha256' }

type Fields = Readonly<Record<string, string>>

function asForm(fields: Fields) {
  const body = Buffer.from(new URLSearchParams(fields).toString())
  return arrived({ method: 'POST', url, headers: {}, body }, now)
}
const read = (fields: Fields) =>
  inbound.read(asForm({ ...fieldsOf(message, now), ...fields }), settings)
const asJson = (json: object) =>
  arrived(withToken(url, now, Buffer.from(JSON.stringify(json))), now)

describe('the SMS API', () => {
  it('is signed over values with ampersands and equals signs', () => {
    for (const text of ['a=b&c=d', '&&==', 'x_y', 'to=1&sig=2', '%26%3D'])
      expect(
        inbound.verify(
          asForm(signedByTheDocumentation({ ...fieldsOf(message, now), text }, 'sha256')),
          settings,
        ),
      ).toBe(true)
  })

  it('is refused when parameters are merged, added or left out', () => {
    const fields = signedByTheDocumentation(fieldsOf(message, now), 'sha256')
    const { text = '', to = '', type = '', ...others } = fields
    const forged: readonly Fields[] = [
      { ...others, text: `${text}&to=${to}`, type },
      { ...others, [`text=${text}&to`]: to, type },
      { ...others, text: `${text}_to_${to}`, type },
      { ...fields, extra: '1' },
      { ...others, text, to },
      Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'nonce')),
    ]
    expect(inbound.verify(asForm(fields), settings)).toBe(true)
    for (const one of forged) expect(inbound.verify(asForm(one), settings)).toBe(false)
  })

  it('reads what was signed, and nothing of a query beside it', () => {
    const fields = signedByTheDocumentation(fieldsOf(message, now), 'sha256')
    const request = { ...asForm(fields), query: 'to=12015550199&text=another' }
    expect(inbound.verify(request, settings)).toBe(true)
    expect(inbound.read(request, settings)).toMatchObject({ messages: [{ text: message.text }] })
  })

  it('is accepted with a method written as the library writes it', () => {
    const fields = signedByTheDocumentation(fieldsOf(message, now), 'sha512')
    const check = vonageKind.settings.find(({ key }) => key === 'signature_method')?.check
    for (const signature_method of ['sha512', 'SHA512HMAC', 'SHA-512 HMAC']) {
      expect(check?.(signature_method)).toBe(null)
      expect(inbound.verify(asForm(fields), { ...settings, signature_method })).toBe(true)
    }
    expect(inbound.verify(asForm(fields), { ...settings, signature_method: 'none' })).toBe(false)
  })

  it('is accepted up to the age that the operator sets', () => {
    const request = asForm(signedByTheDocumentation(fieldsOf(message, now), 'sha256'))
    const receivedAt = new Date(now.getTime() + 301_000)
    const set = { ...settings, max_age_s: '300' }
    expect(inbound.verify({ ...request, receivedAt }, settings)).toBe(true)
    expect(inbound.verify({ ...request, receivedAt }, set)).toBe(false)
  })

  it('hands over the parts of a long message', () => {
    const concat = { concat: 'true', 'concat-ref': '08B5', 'concat-total': '3', 'concat-part': '2' }
    expect(read(concat)).toMatchObject({
      messages: [{ ref: '0A01', part: { reference: '08B5', total: 3, number: 2 } }],
    })
    for (const wrong of [{ 'concat-part': '4' }, { 'concat-total': '1' }, { 'concat-ref': '' }]) {
      const reading = read({ ...concat, ...wrong })
      expect(reading.kind === 'messages' && reading.messages[0]?.part).toBe(undefined)
    }
  })

  it('reads Unicode, and binary messages that are text', () => {
    expect(read({ type: 'unicode', text: 'код 593821 🙂' })).toMatchObject({
      messages: [{ text: 'код 593821 🙂' }],
    })
    const data = Buffer.from('код 593821').toString('hex')
    expect(read({ type: 'binary', data })).toMatchObject({ messages: [{ text: 'код 593821' }] })
    const binary = { type: 'binary', data }
    const part = { reference: 'a7', total: 2, number: 1 }
    expect(read({ ...binary, udh: '050003a70201' })).toMatchObject({ messages: [{ part }] })
    expect(read({ ...binary, udh: '0b05040b8423f0060804a1b20201' })).toMatchObject({
      messages: [{ text: 'код 593821' }],
    })
    expect(read({ ...binary, udh: '060804a1b20302' })).toMatchObject({
      messages: [{ part: { reference: 'a1b2', total: 3, number: 2 } }],
    })
    for (const wrong of ['', 'f', 'zz', 'ff00fe', '0001'])
      expect(read({ type: 'binary', data: wrong }).kind).toBe('unreadable')
  })

  it('refuses requests that are signed without a time', () => {
    const { timestamp: _, ...timeless } = fieldsOf(message, now)
    const isAccepted = (fields: Fields) =>
      inbound.verify(asForm(signedByTheDocumentation(fields, 'sha256')), settings)
    expect([isAccepted(fieldsOf(message, now)), isAccepted(timeless)]).toEqual([true, false])
  })

  it('ignores delivery receipts', () => {
    expect(read({ status: 'delivered', 'err-code': '0', scts: '2603140926' }).kind).toBe('ignored')
  })
})

describe('the Messages API', () => {
  const body = { message_uuid: 'm1', to: '12015550123', from: '447700900123', channel: 'sms' }

  it('has tokens that Vonage’s own library takes', async () => {
    const sample = samples.find(({ name }) => name === 'vonage: the Messages API')
    const request = await sample?.request(url, new Date(), message)
    const token = request?.headers.authorization?.replace('Bearer ', '') ?? ''
    expect(verifySignature(token, secret)).toBe(true)
    expect(inbound.verify(arrived(request ?? expect.unreachable(), new Date()), settings)).toBe(
      true,
    )
  })

  it('refuses tokens that are expired, of another body, without a time, or signed in another way', () => {
    const raw = Buffer.from(JSON.stringify(body))
    const claims = [
      ...[{ exp: seconds(now) - 61 }, { nbf: seconds(now) + 61 }, { payload_hash: '00' }],
      ...[{ iat: undefined }, { iat: null }, { iat: 'today' }],
    ]
    for (const one of claims)
      expect(inbound.verify(arrived(withToken(url, now, raw, one), now), settings)).toBe(false)
    const good = arrived(withToken(url, now, raw), now)
    const claimed = { iat: seconds(now) }
    const [head, payload] = jwtOf(claimed, secret).split('.')
    for (const token of [
      jwtOf(claimed, secret, { alg: 'none' }),
      jwtOf(claimed, secret, { alg: 'HS512' }),
      `${head}.${payload}.`,
      `${head}.${payload}`,
      'x.y.z',
    ])
      expect(inbound.verify({ ...good, header: () => `Bearer ${token}` }, settings)).toBe(false)
  })

  it('reads the form of version 0.1', () => {
    const old = {
      message_uuid: 'm1',
      to: { type: 'sms', number: '12015550123' },
      from: { type: 'sms', number: '447700900123' },
      message: { content: { type: 'text', text: 'Code 593821' } },
    }
    expect(inbound.read(asJson(old), settings)).toEqual({
      kind: 'messages',
      messages: [{ ref: 'm1', phone: '+12015550123', sender: '447700900123', text: 'Code 593821' }],
    })
  })

  it('ignores reports, pictures and other channels', () => {
    for (const other of [
      { ...body, status: 'delivered' },
      { ...body, message_type: 'image', image: { url: 'https://a.example' } },
      { ...body, channel: 'whatsapp', text: 'Code 593821' },
    ])
      expect(inbound.read(asJson(other), settings).kind).toBe('ignored')
    expect(inbound.read(asJson(body), settings).kind).toBe('unreadable')
  })
})
