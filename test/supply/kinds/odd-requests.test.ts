// Requests that no vendor would send: every kind of supplier refuses or sets them aside, and never fails.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { supplierKinds } from '../../../src/supply/kinds.ts'
import { anyCharacter } from '../../harness/texts.ts'
import { allSamples } from '../samples/all.ts'

const now = new Date('2026-03-14T09:26:53Z')
const url = 'https://numlet.example/api/supply/my-supplier'
const kinds = supplierKinds.filter(({ inbound }) => inbound !== null)

/** Names and values that kinds look for, in places where they do not belong. */
const words = [
  ...[
    'data',
    'payload',
    'event',
    'type',
    'event_type',
    'message.received',
    'sms:received',
    'to',
    'To',
  ],
  ...[
    'message.phone.received',
    'text',
    'Text',
    'Body',
    'from',
    'message',
    'content',
    'messageId',
    'udh',
  ],
  ...[
    'concat',
    'concat-ref',
    'concat-total',
    'concat-part',
    'true',
    'binary',
    '0003',
    '050003aa0201',
  ],
  ...[
    'com.twilio.messaging.inbound-message.received',
    'owner',
    'encrypted',
    'sig',
    'timestamp',
    'status',
  ],
]
const word = fc.oneof(fc.constantFrom(...words), fc.string({ unit: anyCharacter, maxLength: 20 }))
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 6 }),
  ),
})).value
const body = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  json.map((value) => Buffer.from(JSON.stringify(value))),
  fc.array(fc.tuple(word, word), { maxLength: 12 }).map((pairs) => {
    const wellFormed = pairs.map(([a, b]): [string, string] => [a.toWellFormed(), b.toWellFormed()])
    return Buffer.from(new URLSearchParams(wellFormed).toString())
  }),
)
const request = fc.record({
  method: fc.constantFrom('GET' as const, 'POST' as const),
  urls: fc.array(fc.oneof(fc.constant(url), fc.string(), fc.webUrl()), { maxLength: 3 }),
  query: fc.oneof(fc.string(), fc.constant('bodySHA256=00'), fc.webQueryParameters()),
  header: fc
    .array(
      fc.oneof(fc.string(), fc.constantFrom('Bearer a.b.c', 'Bearer e30.e30.e30', '1710408413')),
    )
    .map((values) => (name: string) => values[name.length % (values.length + 1)]),
  body,
  receivedAt: fc.constant(now),
})
/** As an operator may have stored them; the checks of settings are by the way. */
const settings = fc.dictionary(
  fc.constantFrom(...kinds.flatMap((kind) => kind.settings.map(({ key }) => key))),
  fc.string({ minLength: 1 }),
)

describe.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
  const inbound = kind.inbound ?? expect.unreachable()

  it('neither accepts odd requests nor fails at them', () => {
    fc.assert(
      fc.property(request, settings, (odd, set) => {
        expect(inbound.verify(odd, set)).toBe(false)
        const reading = inbound.read(odd, set)
        const texts = reading.kind === 'messages' ? reading.messages : []
        for (const { ref, part } of texts) {
          expect(ref).not.toBe('')
          expect(part === undefined || part.number <= part.total).toBe(true)
        }
      }),
      { numRuns: 1_500 },
    )
  })

  it('sets aside what it cannot read', () => {
    const [sample = expect.unreachable()] = allSamples.filter((one) => one.kind === kind)
    for (const text of ['', '{', 'null', '[]', '"text"', '12', '{"a":1}', 'a=1', '\u0000\u0001']) {
      const odd = { method: 'POST' as const, query: '', header: () => undefined, receivedAt: now }
      const reading = inbound.read({ ...odd, body: Buffer.from(text) }, sample.settings)
      expect([text, reading.kind]).toEqual([text, 'unreadable'])
    }
  })

  it('says of every setting what it is, and checks it', () => {
    for (const { key, label, help, check } of kind.settings) {
      expect(key).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(label).toMatch(/^[A-Z]/)
      expect(help).toMatch(/\.$/)
      if (check) expect(check('\u0000?')).toMatch(/^must /)
    }
    for (const sample of allSamples.filter((one) => one.kind === kind))
      for (const { key, check } of kind.settings) {
        const value = sample.settings[key]
        if (check && value !== undefined) expect([key, check(value)]).toEqual([key, null])
      }
  })
})
