// Plivo's requests. Its library only verifies: test/supply/kinds/plivo.test.ts lets it verify these.
import { createHmac } from 'node:crypto'
import { plivoKind } from '../../../src/supply/plivo/kind.ts'
import type { Sample, SampleMessage, SampleRequest } from './sample.ts'

export const authToken = 'MGEwMjFkZTQtYmM2Ny00YjI2LWI5'
export const nonce = '05429567804466091622'

export const fieldsOf = ({ ref, phone, sender, text }: SampleMessage) => ({
  From: sender.replace('+', ''),
  MessageIntent: '',
  MessageUUID: ref,
  PowerpackUUID: '',
  Text: text,
  To: phone.replace('+', ''),
  TotalAmount: '0.0000',
  TotalRate: '0.0000',
  Type: 'sms',
  Units: '1',
})

const hmac = (text: string) => createHmac('sha256', authToken).update(text).digest('base64')

const common = {
  kind: plivoKind,
  settings: { auth_token: authToken },
  maxAgeS: null,
}

const formWith =
  (header: string, nonceHeader: string, text: (url: string, fields: object) => string) =>
  async (url: string, _now: Date, message: SampleMessage): Promise<SampleRequest> => {
    const fields = fieldsOf(message)
    return {
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        [header]: hmac(text(url, fields)),
        [nonceHeader]: nonce,
      },
      body: Buffer.from(new URLSearchParams(fields).toString()),
    }
  }

const version2 = (url: string) => url.replace(/\?.*/, '') + nonce
const version3 = (url: string, fields: object) =>
  `${url}?${Object.entries(fields)
    .map(([name, value]) => `${name}${value}`)
    .join('')}.${nonce}`

const forms: readonly Sample[] = ['', '-ma'].flatMap((account) => {
  const [header2, header3] = [`x-plivo-signature${account}-v2`, `x-plivo-signature${account}-v3`]
  const [nonce2, nonce3] = ['x-plivo-signature-v2-nonce', 'x-plivo-signature-v3-nonce']
  return [
    {
      ...common,
      name: `plivo: a form, ${header2}`,
      covers: { body: false, url: true },
      signatureHeaders: [header2, nonce2],
      request: formWith(header2, nonce2, version2),
    },
    {
      ...common,
      name: `plivo: a form, ${header3}`,
      covers: { body: true, url: true },
      signatureHeaders: [header3, nonce3],
      request: formWith(header3, nonce3, version3),
    },
  ]
})

const query: Sample = {
  ...common,
  name: 'plivo: a query, x-plivo-signature-v3',
  covers: { body: false, url: true },
  signatureHeaders: ['x-plivo-signature-v3', 'x-plivo-signature-v3-nonce'],
  async request(url, _now, message) {
    const fields = Object.entries(fieldsOf(message))
    const text = `${url}?${fields.map(([name, value]) => `${name}=${value}`).join('&')}.${nonce}`
    return {
      method: 'GET',
      url: `${url}?${new URLSearchParams(fields)}`,
      headers: { 'x-plivo-signature-v3': hmac(text), 'x-plivo-signature-v3-nonce': nonce },
      body: Buffer.alloc(0),
    }
  },
}

export const samples: readonly Sample[] = [...forms, query]
