// Telnyx's events: which are signed, and what they say.
import { expect, it } from 'vitest'
import { telnyxKind } from '../../../src/supply/telnyx/kind.ts'
import { arrived } from '../samples/sample.ts'
import { eventOf, settings, signed } from '../samples/telnyx.ts'

const now = new Date('2026-03-14T09:26:53Z')
const url = 'https://numlet.example/api/supply/my-telnyx'
const message = { ref: 'b1', phone: '+12015550123', sender: 'Example', text: 'Code 593821' }
const inbound = telnyxKind.inbound ?? expect.unreachable()

const request = (json: unknown) => arrived(signed(url, now, Buffer.from(JSON.stringify(json))), now)
const read = (json: unknown) => inbound.read(request(json), settings)

function withPayload(payload: object, type = 'message.received') {
  const event = eventOf(message, now)
  const data = { ...event.data, event_type: type, payload: { ...event.data.payload, ...payload } }
  return { ...event, data }
}

it('refuses a signature that is written in another way than the usual one', () => {
  const good = request(eventOf(message, now))
  const signature = good.header('telnyx-signature-ed25519') ?? ''
  const others = [
    signature.replaceAll('=', ''),
    `${signature} `,
    ` ${signature}`,
    `${signature}AAAA`,
    signature.slice(4),
    Buffer.from(signature, 'base64').toString('hex'),
  ]
  for (const other of others) {
    const header = (name: string) =>
      name === 'telnyx-signature-ed25519' ? other : good.header(name)
    expect(inbound.verify({ ...good, header }, settings)).toBe(false)
  }
})

it('knows a public key by its form', () => {
  const [{ check } = expect.unreachable()] = telnyxKind.settings
  expect(check?.(settings.public_key)).toBe(null)
  for (const wrong of ['', 'x', settings.public_key.slice(1), `${settings.public_key}AA==`])
    expect(check?.(wrong)).toMatch(/32 bytes/)
})

it('ignores events that are no messages', () => {
  for (const type of ['message.sent', 'message.finalized', 'call.initiated'])
    expect(read(withPayload({}, type)).kind).toBe('ignored')
  expect(read(withPayload({ direction: 'outbound' })).kind).toBe('ignored')
  expect(read(withPayload({ text: null, media: [{ url: 'https://a.example' }] })).kind).toBe(
    'ignored',
  )
  expect(read(withPayload({ text: '' })).kind).toBe('ignored')
})

it('sets aside a message without what is documented', () => {
  for (const wrong of [{ to: [] }, { to: 5 }, { text: null }, { text: 5 }])
    expect([wrong, read(withPayload(wrong)).kind]).toEqual([wrong, 'unreadable'])
})

it('reads a message to a group as one for each number, each with its own id', () => {
  const to = [{ phone_number: '+12015550123' }, { phone_number: '+12015550124' }]
  expect(read(withPayload({ to }))).toMatchObject({
    messages: [
      { ref: 'b1', phone: '+12015550123' },
      { ref: 'b1/+12015550124', phone: '+12015550124' },
    ],
  })
})
