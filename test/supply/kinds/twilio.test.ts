// Twilio's requests: which are signed, by its own library, and what they say.
import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { expect, it } from 'vitest'
import type { Reading } from '../../../src/supply/supplier.ts'
import { twilioKind } from '../../../src/supply/twilio/kind.ts'
import { arrived } from '../samples/sample.ts'
import { authToken, fieldsOf } from '../samples/twilio.ts'

const now = new Date('2026-03-14T09:26:53Z')
const url = 'https://numlet.example/api/supply/my-twilio'
const message = { ref: 'SM01', phone: '+12015550123', sender: 'Example', text: 'Code 593821' }
const inbound = twilioKind.inbound ?? expect.unreachable()

function post(body: string, signature: string, at = url) {
  const headers = { 'x-twilio-signature': signature }
  return arrived({ method: 'POST', url: at, headers, body: Buffer.from(body) }, now)
}

const read = (fields: object): Reading =>
  inbound.read(post(new URLSearchParams({ ...fields }).toString(), ''), {})

it('takes a repeated field as Twilio’s library does', () => {
  const body = 'To=%2B1201&Tag=b&Tag=a&Tag=b&Body=x'
  const fields = { To: '+1201', Tag: ['b', 'a', 'b'], Body: 'x' }
  const signature = getExpectedTwilioSignature(authToken, url, fields)
  expect(inbound.verify(post(body, signature), { auth_token: authToken })).toBe(true)
  expect(validateRequest(authToken, signature, url, fields)).toBe(true)
  const once = post('To=%2B1201&Tag=b&Body=x', signature)
  expect(inbound.verify(once, { auth_token: authToken })).toBe(false)
})

it.each([
  ['https://numlet.example:443/api/supply/my-twilio', url],
  [url, 'https://numlet.example:443/api/supply/my-twilio'],
  ['http://numlet.example:80/a', 'http://numlet.example/a'],
  ['http://numlet.example:8080/a?b=c', 'http://numlet.example/a?b=c'],
])('accepts %s where %s was signed', (arrivedAt, signed) => {
  const fields = fieldsOf(message)
  const signature = getExpectedTwilioSignature(authToken, signed, fields)
  const body = new URLSearchParams(fields).toString()
  expect(inbound.verify(post(body, signature, arrivedAt), { auth_token: authToken })).toBe(true)
})

it('accepts any of the URLs that it may have come by', () => {
  const signature = getExpectedTwilioSignature(authToken, url, { a: 'b' })
  const request = post('a=b', signature, 'http://10.0.0.1:3000/api/supply/my-twilio')
  expect(inbound.verify(request, { auth_token: authToken })).toBe(false)
  const urls = [...request.urls, url]
  expect(inbound.verify({ ...request, urls }, { auth_token: authToken })).toBe(true)
})

it('refuses JSON without the hash of its body in the URL', () => {
  const signature = getExpectedTwilioSignature(authToken, url, {})
  const body = JSON.stringify(fieldsOf(message))
  expect(inbound.verify(post(body, signature), { auth_token: authToken })).toBe(false)
})

it('refuses an algorithm that it does not know, and a shared key that was not set', () => {
  const signature = getExpectedTwilioSignature(authToken, url, {})
  for (const settings of ['algorithm=NONE', 'key=1', 'algorithm=HMAC_SHA1']) {
    const request = post('', signature)
    const header = (name: string) =>
      name === 'x-twilio-webhooks-signature-settings' ? settings : request.header(name)
    expect(inbound.verify({ ...request, header }, { auth_token: authToken })).toBe(false)
  }
})

it('ignores what is no text message', () => {
  const fields = fieldsOf(message)
  for (const other of [
    { ...fields, Body: '', NumMedia: '1', MediaUrl0: 'https://api.example/media/1' },
    { ...fields, SmsStatus: 'delivered', MessageStatus: 'delivered' },
    { CallSid: 'CA01', To: message.phone, From: '+12015550124' },
    { ...fields, To: 'whatsapp:+12015550123' },
  ])
    expect(read(other)).toMatchObject({ kind: 'ignored' })
})

it('reads the text of a picture message', () => {
  const picture = read({ ...fieldsOf(message), NumMedia: '1' })
  expect(picture).toMatchObject({ kind: 'messages', messages: [message] })
})

it('reads every event of a batch, and sets the batch aside when one cannot be read', () => {
  const type = 'com.twilio.messaging.inbound-message.received'
  const event = (messageSid: string) => ({
    type,
    data: { messageSid, to: message.phone, from: message.sender, body: message.text },
  })
  const query = 'bodySHA256=00'
  const batch = (...events: readonly object[]) =>
    inbound.read({ ...post(JSON.stringify(events), ''), query }, {})
  const sent = { type: 'com.twilio.messaging.message.sent', data: {} }
  const both = batch(event('SM1'), sent, event('SM2'))
  const refs = both.kind === 'messages' ? both.messages.map(({ ref }) => ref) : []
  expect(refs).toEqual(['SM1', 'SM2'])
  expect(batch(event('SM1'), { type, data: {} }).kind).toBe('unreadable')
  expect(batch(sent).kind).toBe('ignored')
})
