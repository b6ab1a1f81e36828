// S9: whoever connects to the mail server and says nothing, or says it slowly, keeps nobody else out.
import { afterAll, describe, expect, it } from 'vitest'
import { pace } from '../../src/supply/smtp/data.ts'
import { gateLimits } from '../../src/supply/smtp/gate.ts'
import { networkOf } from '../../src/supply/smtp/network.ts'
import { type MailLimits, startMailServer } from '../../src/supply/smtp/server.ts'
import { mailText, openMail, type Talk, talkTo } from '../harness/mail.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyOne, ownDomain } from './market.ts'

const { app, db } = await testServer({ template: 'catalog' })
const { accountId } = await testCustomer(db, { credit: '100' })
const domain = await ownDomain(db)
const inbox = () => buyOne(app, { accountId, domains: [domain] })
const longMs = 600_000
const calm = { ...gateLimits, greetingMs: longMs, stepMs: longMs }

async function serving(gate: MailLimits['gate'], slowest = pace) {
  const listening = { host: '127.0.0.1', port: 0 }
  const server = await startMailServer(app, listening, { gate, pace: slowest })
  afterAll(() => server.stop())
  return server
}

describe('S9: connections', () => {
  it('that say nothing, or are silent after that, are told so and closed', async () => {
    const short = { greetingMs: 300, stepMs: 300 }
    const silent = await talkTo(await serving({ ...gateLimits, ...short }))
    expect(await silent.hear()).toMatch(/^421 .*no greeting/)
    const idle = await talkTo(await serving({ ...gateLimits, greetingMs: longMs, stepMs: 300 }))
    await idle.say('EHLO client.example.com')
    expect(await idle.say('MAIL FROM:<a@example.com>')).toMatch(/^250/)
    // Commands that lead nowhere are no step.
    expect(await idle.say('NOOP')).toMatch(/^250/)
    expect(await idle.hear()).toMatch(/^421/)
    expect(await idle.hear()).toBe('closed')
  })

  it('that bring a mail slower than anybody does are closed', async () => {
    const slowest = { ...pace, stretchMs: 400, bytesAStretch: 1_000 }
    const talk = await talkTo(await serving(calm, slowest))
    await openMail(talk, [(await inbox()).email])
    talk.socket.write('From: a@example.com\r\n')
    expect(await talk.hear()).toMatch(/^421 .*was not received completely/)
    talk.end()
  })

  it.skipIf(process.platform !== 'linux')('of one network are limited', async () => {
    const server = await serving({ ...calm, ofOneNetwork: 6, ofOneAddress: 4 })
    const talkFrom = (localAddress: string) => talkTo({ ...server, localAddress })
    const talks: Talk[] = []
    for (const address of ['127.0.9.1', '127.0.9.2'])
      for (let i = 0; i < 3; i++) talks.push(await talkFrom(address))
    expect(await (await talkFrom('127.0.9.3')).say('NOOP')).toBe('closed')
    expect(await (await talkFrom('127.0.10.3')).say('NOOP')).toMatch(/^250/)
    talks[0]?.end()
    for (const talk of talks) talk.end()
  })

  it.skipIf(process.platform !== 'linux')('that hold all places make room for others', async () => {
    const server = await serving({ ...calm, connections: 30, ofOneNetwork: 30, ofOneAddress: 30 })
    const silent: Talk[] = []
    for (let network = 0; network < 5; network++)
      for (let i = 0; i < 6; i++)
        silent.push(await talkTo({ ...server, localAddress: `127.1.${network}.1` }))
    for (let i = 0; i < 5; i++) {
      const talk = await talkTo({ ...server, localAddress: '127.2.0.1' })
      const order = await inbox()
      await openMail(talk, [order.email])
      talk.socket.write(mailText('Code', 'Your code is 204060.'))
      expect(await talk.say('.')).toBe('250 2.6.0 Stored')
    }
    for (const talk of silent) talk.end()
  })
})

describe('S9: networks', () => {
  it('are /24 of IPv4 and /64 of IPv6, however an address is written', () => {
    const same = [
      ['192.0.2.1', '192.0.2.255', '::ffff:192.0.2.7'],
      ['2001:db8:0:1::1', '2001:db8::1:2:3:4:5', '2001:0db8:0000:0001:ffff::'],
      ['::1', '::', '0:0:0:0:1::'],
    ]
    for (const addresses of same) expect(new Set(addresses.map(networkOf)).size).toBe(1)
    expect(networkOf('192.0.2.1')).toBe('192.0.2.0/24')
    expect(networkOf('2001:db8:0:1::1')).toBe('2001:db8:0:1::/64')
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect(networkOf('192.0.3.1')).not.toBe(networkOf('192.0.2.1'))
    expect(networkOf('2001:db8:0:2::1')).not.toBe(networkOf('2001:db8:0:1::1'))
  })
})
