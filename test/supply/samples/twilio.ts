// Twilio's requests, signed by its own library.
import { createHash } from 'node:crypto'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { twilioKind } from '../../../src/supply/twilio/kind.ts'
import type { Sample, SampleMessage } from './sample.ts'

export const authToken = '12345678901234567890123456789012'
const sharedKey = 'a-shared-key-of-an-account'

export const fieldsOf = ({ ref, phone, sender, text }: SampleMessage) => ({
  ToCountry: 'US',
  ToState: '',
  SmsMessageSid: ref,
  NumMedia: '0',
  SmsSid: ref,
  SmsStatus: 'received',
  FromCountry: 'US',
  To: phone,
  NumSegments: '1',
  MessageSid: ref,
  AccountSid: 'AC00000000000000000000000000000000',
  From: sender,
  ApiVersion: '2010-04-01',
  Body: text,
})

const common = {
  kind: twilioKind,
  settings: { auth_token: authToken, shared_key: sharedKey },
  signatureHeaders: ['x-twilio-signature'],
  covers: { body: true, url: true },
  maxAgeS: null,
}

export const form: Sample = {
  ...common,
  name: 'twilio: a form',
  async request(url, _now, message) {
    const fields = fieldsOf(message)
    return {
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-twilio-signature': getExpectedTwilioSignature(authToken, url, fields),
      },
      body: Buffer.from(new URLSearchParams(fields).toString()),
    }
  },
}

const shared: Sample = {
  ...common,
  name: 'twilio: a form signed with a shared key',
  async request(url, _now, message) {
    const fields = fieldsOf(message)
    const algorithm = 'HMAC_SHA256'
    return {
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-twilio-webhooks-signature-settings': `key=webhooks_sharedkey_01,algorithm=${algorithm}`,
        'x-twilio-signature': getExpectedTwilioSignature(sharedKey, url, fields, algorithm),
      },
      body: Buffer.from(new URLSearchParams(fields).toString()),
    }
  },
}

const query: Sample = {
  ...common,
  name: 'twilio: a query',
  covers: { body: false, url: true },
  async request(url, _now, message) {
    const asked = `${url}?${new URLSearchParams(fieldsOf(message))}`
    const signature = getExpectedTwilioSignature(authToken, asked, {})
    const headers = { 'x-twilio-signature': signature }
    return { method: 'GET', url: asked, headers, body: Buffer.alloc(0) }
  },
}

const json: Sample = {
  ...common,
  name: 'twilio: events in JSON',
  async request(url, now, { ref, phone, sender, text }) {
    const data = {
      numMedia: 0,
      timestamp: now.toISOString(),
      accountSid: 'AC00000000000000000000000000000000',
      to: phone,
      numSegments: 1,
      messageSid: ref,
      eventName: 'com.twilio.messaging.inbound-message.received',
      body: text,
      from: sender,
    }
    const type = 'com.twilio.messaging.inbound-message.received'
    const event = { specversion: '1.0', type, source: '/messages', id: 'EZ01', data }
    const body = Buffer.from(JSON.stringify([event]))
    const asked = `${url}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    const headers = {
      'content-type': 'application/json',
      'x-twilio-signature': getExpectedTwilioSignature(authToken, asked, {}),
    }
    return { method: 'POST', url: asked, headers, body }
  },
}

export const samples: readonly Sample[] = [form, shared, query, json]
