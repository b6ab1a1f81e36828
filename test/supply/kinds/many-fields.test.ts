// Forms with more fields than any vendor sends: to sort and sign tens of thousands would hold up the server.
import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { plivoKind } from '../../../src/supply/plivo/kind.ts'
import type { Inbound } from '../../../src/supply/supplier.ts'
import { twilioKind } from '../../../src/supply/twilio/kind.ts'
import { vonageKind } from '../../../src/supply/vonage/kind.ts'
import { arrived, seconds } from '../samples/sample.ts'

const now = new Date('2026-03-14T09:26:53Z')
const url = 'https://numlet.example/api/supply/mine'
const secret = 'a-secret'
const maxFields = 500

type Fields = Readonly<Record<string, string>>
type Signed = {
  readonly inbound: Inbound | null
  readonly settings: Fields
  /** The headers that sign a form at the URL, and the fields that it needs besides. */
  sign(fields: Fields): { readonly headers: Fields; readonly body: string }
}

const signatureOf = (hash: string, text: string, form: 'base64' | 'hex') =>
  createHmac(hash, secret).update(text).digest(form)
const sorted = (fields: Fields) => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))
const run = (fields: Fields) =>
  sorted(fields)
    .map(([name, value]) => name + value)
    .join('')
const asForm = (fields: Fields) => new URLSearchParams({ ...fields }).toString()

const twilio: Signed = {
  inbound: twilioKind.inbound,
  settings: { auth_token: secret },
  sign: (fields) => ({
    headers: { 'x-twilio-signature': signatureOf('sha1', url + run(fields), 'base64') },
    body: asForm(fields),
  }),
}

const plivo: Signed = {
  inbound: plivoKind.inbound,
  settings: { auth_token: secret },
  sign: (fields) => ({
    headers: {
      'x-plivo-signature-v3': signatureOf('sha256', `${url}?${run(fields)}.1`, 'base64'),
      'x-plivo-signature-v3-nonce': '1',
    },
    body: asForm(fields),
  }),
}

const vonage = (write: (fields: Fields) => string): Signed => ({
  inbound: vonageKind.inbound,
  settings: { signature_secret: secret, signature_method: 'sha256' },
  sign(fields) {
    // The time and the signature are parameters, too.
    const { f1: _, f0: __, ...others } = fields
    const rest = { ...others, timestamp: String(seconds(now)) }
    const text = sorted(rest).map(([name, value]) => `&${name}=${value}`)
    return {
      headers: {},
      body: write({ ...rest, sig: signatureOf('sha256', text.join(''), 'hex') }),
    }
  },
})

it.each([
  ['twilio', twilio],
  ['plivo', plivo],
  ['vonage, a form', vonage(asForm)],
  ['vonage, JSON', vonage((fields) => JSON.stringify(fields))],
])('%s: a signed form of 500 fields is accepted, and one of 501 is not', (_, signed) => {
  const { verify } = signed.inbound ?? expect.unreachable()
  const isAccepted = (count: number) => {
    const names = Array.from({ length: count }, (_, i) => [`f${i}`, String(i)])
    const { headers, body } = signed.sign(Object.fromEntries(names))
    const request = { method: 'POST' as const, url, headers, body: Buffer.from(body) }
    return verify(arrived(request, now), signed.settings)
  }
  expect([isAccepted(maxFields), isAccepted(maxFields + 1)]).toEqual([true, false])
})

it('vonage: parameters of more than 32 KiB are not accepted', () => {
  const { verify } = vonageKind.inbound ?? expect.unreachable()
  const signed = vonage(asForm)
  const isAccepted = (length: number) => {
    const { headers, body } = signed.sign({ f0: '', f1: '', text: 'x'.repeat(length) })
    const request = { method: 'POST' as const, url, headers, body: Buffer.from(body) }
    return verify(arrived(request, now), signed.settings)
  }
  expect([isAccepted(32_000), isAccepted(33_000)]).toEqual([true, false])
})

it('plivo: of the signatures in a header, the first ten are compared', () => {
  const { verify } = plivoKind.inbound ?? expect.unreachable()
  const { headers, body } = plivo.sign({ To: '+12015550123' })
  const isAccepted = (before: number) => {
    const [name, signature] = Object.entries(headers)[0] as [string, string]
    const list = [...Array.from({ length: before }, () => 'b3RoZXI='), signature].join(', ')
    const all = { ...headers, [name]: list }
    const request = { method: 'POST' as const, url, headers: all, body: Buffer.from(body) }
    return verify(arrived(request, now), plivo.settings)
  }
  expect([isAccepted(9), isAccepted(10)]).toEqual([true, false])
})

it.each([
  ['twilio', twilioKind],
  ['plivo', plivoKind],
])('%s: what a signature does not cover is set aside if it has too many fields', (_, kind) => {
  const { read } = kind.inbound ?? expect.unreachable()
  const body = Buffer.from('a=b&'.repeat(maxFields + 1))
  const request = { method: 'POST' as const, query: '', header: () => undefined, receivedAt: now }
  expect(read({ ...request, body }, {})).toEqual({
    kind: 'unreadable',
    reason: 'more than 500 fields',
  })
})
