// What phones with a gateway app send: SMSGate and httpSMS.
import { describe, expect, it } from 'vitest'
import { httpsmsKind } from '../../../src/supply/httpsms/kind.ts'
import { smsgateKind } from '../../../src/supply/smsgate/kind.ts'
import * as httpsms from '../samples/httpsms.ts'
import { arrived, seconds } from '../samples/sample.ts'
import * as smsgate from '../samples/smsgate.ts'

const now = new Date('2026-03-14T09:26:53Z')
const url = 'https://numlet.example/api/supply/my-phone'
const message = { ref: 'c1', phone: '+12015550123', sender: 'Example', text: 'Code 593821' }
const bytes = (json: unknown) => Buffer.from(JSON.stringify(json))

describe('SMSGate', () => {
  const inbound = smsgateKind.inbound ?? expect.unreachable()
  const event = smsgate.eventOf(message, now)
  const device = event.deviceId

  const read = (payload: object, numbers?: string, more: object = {}) =>
    inbound.read(
      arrived(
        smsgate.signed(
          url,
          now,
          bytes({ ...event, ...more, payload: { ...event.payload, ...payload } }),
        ),
        now,
      ),
      numbers === undefined ? smsgate.settings : { ...smsgate.settings, numbers },
    )

  it('knows the number from the settings where the phone does not name it', () => {
    const nameless = { recipient: null }
    const phones = `${device}/1=+1 201-555-0131, ${device}/2=+12015550132, other=+12015550133`
    expect(read(nameless, phones)).toMatchObject({ messages: [{ phone: '+12015550131' }] })
    expect(read({ ...nameless, simNumber: 2 }, phones)).toMatchObject({
      messages: [{ phone: '+12015550132' }],
    })
    expect(read({ ...nameless, simNumber: null }, phones).kind).toBe('unreadable')
    expect(read({ ...nameless, simNumber: 3 }, `${device}=+12015550134`)).toMatchObject({
      messages: [{ phone: '+12015550134' }],
    })
    expect(read(nameless).kind).toBe('unreadable')
    expect(read({ recipient: ' ' }).kind).toBe('unreadable')
  })

  it('believes the settings rather than the SIM', () => {
    const wrong = { recipient: '+12015550100' }
    expect(read(wrong, `${device}/1=+12015550131`)).toMatchObject({
      messages: [{ phone: '+12015550131' }],
    })
    expect(read(wrong)).toMatchObject({ messages: [{ phone: '+12015550100' }] })
  })

  it('says what is wrong with the numbers of SIMs', () => {
    const check = smsgateKind.settings.find(({ key }) => key === 'numbers')?.check
    for (const good of [
      '',
      'a=+12015550123',
      'a/1=+12015550123,',
      'a/1=+1 (201) 555-0123, b=+4477009001',
    ])
      expect([good, check?.(good)]).toEqual([good, null])
    for (const wrong of [
      'a',
      'a=12015550123',
      'a/x=+12015550123',
      'a=+1',
      'a=+12015550123,a=+12015550124',
    ])
      expect([wrong, check?.(wrong)]).not.toEqual([wrong, null])
  })

  it('reads the sender from older versions of the app', () => {
    expect(read({ sender: undefined, phoneNumber: 'Older' })).toMatchObject({
      messages: [{ sender: 'Older' }],
    })
  })

  it('tells messages of the same text apart, and repeats of one not', () => {
    const refOf = (...given: Parameters<typeof read>) => {
      const reading = read(...given)
      return reading.kind === 'messages' ? reading.messages[0]?.ref : undefined
    }
    const first = refOf({})
    expect(refOf({}, undefined, { id: 'another', webhookId: 'another' })).toBe(first)
    expect(refOf({ receivedAt: '2026-03-14T09:27:53Z' })).not.toBe(first)
    expect(refOf({}, undefined, { deviceId: 'another' })).not.toBe(first)
    expect(refOf({ messageId: null })).toBe('Ey6ECgOkVVFjz3CL48B8C-c1')
  })

  it('ignores other events', () => {
    for (const other of ['sms:sent', 'sms:delivered', 'system:ping', 'mms:received'])
      expect(read({}, undefined, { event: other }).kind).toBe('ignored')
    expect(read({ message: '' }).kind).toBe('ignored')
    expect(read({ message: null }).kind).toBe('unreadable')
  })
})

describe('httpSMS', () => {
  const inbound = httpsmsKind.inbound ?? expect.unreachable()
  const event = httpsms.eventOf(message, now)
  const claims = httpsms.claimsOf(url, now)

  const isAccepted = (other: object, settings: Record<string, string> = httpsms.settings) =>
    inbound.verify(
      arrived(httpsms.withClaims(url, { ...claims, ...other }, bytes(event)), now),
      settings,
    )
  const read = (data: object, more: object = {}) =>
    inbound.read(
      arrived(
        httpsms.withClaims(
          url,
          claims,
          bytes({ ...event, ...more, data: { ...event.data, ...data } }),
        ),
        now,
      ),
      httpsms.settings,
    ).kind

  it('holds a token to its URL, its issuer and its time', () => {
    expect(isAccepted({})).toBe(true)
    expect(isAccepted({ aud: url })).toBe(true)
    expect(isAccepted({ aud: ['https://other.example', url] })).toBe(true)
    for (const wrong of [
      { aud: ['https://other.example/api/supply/my-phone'] },
      { aud: `${url}/` },
      { aud: undefined },
      { aud: [] },
      { iss: 'other.example' },
      { iss: undefined },
      { exp: undefined },
      { exp: String(seconds(now) + 600) },
      { exp: seconds(now) - 61 },
      { nbf: seconds(now) + 61 },
    ])
      expect([wrong, isAccepted(wrong)]).toEqual([wrong, false])
  })

  it('takes the issuer of a server of one’s own from the settings', () => {
    const settings = { ...httpsms.settings, issuer: 'sms.example' }
    expect(isAccepted({ iss: 'sms.example' }, settings)).toBe(true)
    expect(isAccepted({}, settings)).toBe(false)
  })

  it('sets aside encrypted messages, and ignores other events', () => {
    expect(read({ encrypted: true, content: 'U2FsdGVkX18' })).toBe('unreadable')
    expect(read({ content: null })).toBe('unreadable')
    expect(read({ owner: null })).toBe('unreadable')
    expect(read({ content: '' })).toBe('ignored')
    expect(read({ content: null, attachments: ['https://a.example'] })).toBe('ignored')
    for (const type of ['message.phone.sent', 'message.call.missed', 'phone.heartbeat.offline'])
      expect(read({}, { type })).toBe('ignored')
  })
})
