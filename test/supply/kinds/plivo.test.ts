// Plivo's requests: which are signed, by its own library, and what they say.
import { createHmac } from 'node:crypto'
import { validateSignature } from 'plivo/dist/utils/security.js'
import { validateV3Signature } from 'plivo/dist/utils/v3Security.js'
import { expect, it } from 'vitest'
import { plivoKind } from '../../../src/supply/plivo/kind.ts'
import { authToken, fieldsOf, nonce, samples } from '../samples/plivo.ts'
import { arrived, type SampleRequest } from '../samples/sample.ts'

const now = new Date('2026-03-14T09:26:53Z')
const url = 'https://numlet.example/api/supply/my-plivo'
const message = { ref: 'u1', phone: '+12015550123', sender: '+447700900123', text: 'Code 593821' }
const inbound = plivoKind.inbound ?? expect.unreachable()
const settings = { auth_token: authToken }

const signatureOf = ({ headers }: SampleRequest) =>
  Object.entries(headers).find(([name]) => /-v[23]$/.test(name)) as [string, string]

/** Whether Plivo's library takes the request for its own. */
function isTakenByPlivo(request: SampleRequest): boolean {
  const [name, signature] = signatureOf(request)
  if (name.endsWith('v2')) return validateSignature(request.url, nonce, signature, authToken)
  const fields = Object.fromEntries(new URLSearchParams(request.body.toString()))
  return validateV3Signature(request.method, request.url, nonce, authToken, signature, fields)
}

it.each(samples.map((sample) => [sample.name, sample] as const))(
  '%s is signed as Plivo’s own library expects',
  async (_, sample) => {
    for (const at of [url, 'https://numlet.example:8443/a/b']) {
      const request = await sample.request(at, now, message)
      expect(isTakenByPlivo(request)).toBe(true)
      expect(inbound.verify(arrived(request, now), settings)).toBe(true)
    }
  },
)

it('accepts one of several signatures in a header', async () => {
  for (const sample of samples) {
    const request = await sample.request(url, now, message)
    const [name, signature] = signatureOf(request)
    const headers = { ...request.headers, [name]: `c29tZXRoaW5n,${signature}` }
    expect(inbound.verify(arrived({ ...request, headers }, now), settings)).toBe(true)
  }
})

it('accepts a signature over the URL and the fields without a question mark', () => {
  const fields = Object.entries(fieldsOf(message))
  const text = `${url}${fields.map(([name, value]) => name + value).join('')}.${nonce}`
  const signature = createHmac('sha256', authToken).update(text).digest('base64')
  const headers = { 'x-plivo-signature-v3': signature, 'x-plivo-signature-v3-nonce': nonce }
  const body = Buffer.from(new URLSearchParams(fields).toString())
  expect(inbound.verify(arrived({ method: 'POST', url, headers, body }, now), settings)).toBe(true)
})

it('accepts version 2 whatever the query is, which it does not sign', async () => {
  const [version2] = samples
  const request = await version2?.request(`${url}?a=b`, now, message)
  expect(isTakenByPlivo(request ?? expect.unreachable())).toBe(true)
  expect(inbound.verify(arrived(request ?? expect.unreachable(), now), settings)).toBe(true)
})

it('ignores reports and calls, and sets aside what it cannot read', () => {
  const read = (fields: object) => {
    const body = Buffer.from(new URLSearchParams({ ...fields }).toString())
    return inbound.read(arrived({ method: 'POST', url, headers: {}, body }, now), settings).kind
  }
  const { Text: _, ...withoutText } = fieldsOf(message)
  expect(read({ ...withoutText, Status: 'delivered' })).toBe('ignored')
  expect(read({ CallUUID: 'c1', To: '12015550123' })).toBe('ignored')
  expect(read({ ...withoutText, Type: 'mms', Media0: 'https://a.example' })).toBe('ignored')
  expect(read({ ...fieldsOf(message), Type: 'whatsapp' })).toBe('ignored')
  expect(read({ ...fieldsOf(message), Text: '' })).toBe('ignored')
  expect(read(withoutText)).toBe('unreadable')
  expect(read({ Text: 'Code 593821' })).toBe('unreadable')
})
