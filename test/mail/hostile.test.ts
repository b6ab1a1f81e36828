// S1 and S2: what strangers send by mail stops nobody. A real server, with another customer beside.
import { afterAll, describe, expect, it } from 'vitest'
import { nothingFound } from '../../src/core/messages/mail-codes.ts'
import { BadMail } from '../../src/supply/smtp/parse.ts'
import { mailReader } from '../../src/supply/smtp/reader.ts'
import { attempts } from '../harness/attempts.ts'
import { longestTurnMs } from '../harness/busy.ts'
import { mailText, openMail, talkTo, testMailServer } from '../harness/mail.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { hostileMails, slowMail } from './hostile-mails.ts'
import { buyMany, buyOne, ownDomain } from './market.ts'

const server = await testServer({ template: 'catalog' })
const { app, db } = server
const mail = await testMailServer(server)
const domain = await ownDomain(db, { capacity: 10_000 })
const stranger = await testCustomer(db, { credit: '1000' })
const innocent = await testCustomer(db, { credit: '1000' })
/** The goal is 50 ms. */
const maxTurnMs = 500
const stored = '250 2.6.0 Stored'
const refused = '554 5.6.0 The mail cannot be read'

/** Addresses of this machine in two networks: a stranger's and an innocent sender's. */
const from = process.platform === 'linux' ? '127.0.66.6' : undefined
const elsewhere = process.platform === 'linux' ? '127.0.7.7' : undefined

async function send(
  to: readonly string[],
  raw: string | Buffer,
  localAddress?: string,
): Promise<string> {
  const talk = await talkTo({ ...mail, localAddress })
  await openMail(talk, to)
  talk.socket.write(raw)
  const answer = await talk.say(Buffer.from('\r\n.\r\n'))
  talk.end()
  return answer
}

/** An innocent customer's order and mail. @returns its code */
async function innocentCode(): Promise<string | null> {
  const { accountId } = innocent
  const order = await buyOne(app, { accountId, domains: [domain] })
  const answer = await send([order.email], mailText('Code', 'Your code is 204060.'), elsewhere)
  expect(answer).toBe(stored)
  return (await app.orders.read(accountId, order.id)).code
}

/** The quick run sends every fourth; the long run sends them all. */
const mails = hostileMails.filter((_, i) => i % attempts(4, 1) === 0)

describe('S1: a mail that is made to be a burden', () => {
  for (const { name, raw, answer } of mails)
    it(`of ${name} is answered, and nobody else notices`, { timeout: 300_000 }, async () => {
      const { accountId } = stranger
      const order = await buyOne(app, { accountId, domains: [domain] })
      const bomb = Buffer.from(raw())
      const turnMs = await longestTurnMs(async () => {
        const answered = send([order.email], bomb, from)
        expect(await innocentCode()).toBe('204060')
        const expected =
          answer === '250' ? [stored] : answer === '554' ? [refused] : [stored, refused]
        expect(expected).toContain(await answered)
      })
      const messages = await app.messages.of(order.id)
      if (answer !== undefined) expect(messages).toHaveLength(answer === '250' ? 1 : 0)
      expect(turnMs).toBeLessThan(maxTurnMs)
    })
})

describe('S2: customers’ patterns', () => {
  const heavy = '(?:[\\pL\\pN]?){235}\\pS'

  it('of 100 inboxes that one mail comes to cost the others nothing', {
    timeout: 300_000,
  }, async () => {
    const { accountId } = stranger
    const wanted = { accountId, domains: [domain], pattern: heavy, quantity: 20 }
    const orders = []
    for (let i = 0; i < 5; i++) orders.push(...(await buyMany(app, wanted)))
    const addresses = orders.map((order) => order.email as string)
    const turnMs = await longestTurnMs(async () => {
      const sent = send(addresses, mailText('Long', 'ab'.repeat(10_000)), from)
      for (let i = 0; i < 5; i++) expect(await innocentCode()).toBe('204060')
      expect(await sent).toBe(stored)
    })
    expect(turnMs).toBeLessThan(maxTurnMs)
    for (const { id } of orders.slice(0, 5)) {
      expect(await app.orders.read(accountId, id)).toMatchObject({ state: 'received', code: null })
      expect(await app.messages.of(id)).toHaveLength(1)
    }
  })

  it('that are all different have one budget, and another account’s in the same mail is met', {
    timeout: 300_000,
  }, async () => {
    const many: Awaited<ReturnType<typeof buyOne>>[] = []
    for (let i = 0; i < 99; i++) {
      const pattern = `(?:[\\pL\\pN]?){${120 + i}}\\pS`
      many.push(await buyOne(app, { accountId: stranger.accountId, domains: [domain], pattern }))
    }
    const wanted = { domains: [domain], pattern: 'end ([0-9]+)' }
    const one = await buyOne(app, { accountId: innocent.accountId, ...wanted })
    const turnMs = await longestTurnMs(async () => {
      const addresses = [...many, one].map(({ email }) => email)
      const text = `${'ab'.repeat(3_900)} end 7788`
      expect(await send(addresses, mailText('Long', text), from)).toBe(stored)
    })
    expect(turnMs).toBeLessThan(maxTurnMs)
    expect(await app.orders.read(innocent.accountId, one.id)).toMatchObject({ code: '7788' })
    expect(await app.messages.of(many[98]?.id ?? 0n)).toHaveLength(1)
  })

  it('that take long to compile are refused or taken off the event loop', async () => {
    const patterns = [
      '(?i)[\\x{100}-\\x{10fff}]'.repeat(17),
      `(?i)${'\\w'.repeat(240)}`,
      `(?i)[${'\\PL\\pL\\PN\\pN'.repeat(40)}]`,
      '\\pL'.repeat(160),
      '((((a{10}){10}){10}))',
    ]
    for (const pattern of patterns) {
      const { accountId } = stranger
      const turnMs = await longestTurnMs(async () => {
        await buyOne(app, { accountId, domains: [domain], pattern }).catch((error: Error) =>
          expect(error).toMatchObject({ code: 'invalid_request' }),
        )
      })
      expect(turnMs).toBeLessThan(maxTurnMs)
    }
  })
})

describe('S1: a process that reads mail', () => {
  const lost: { readonly cause: string }[] = []
  const reader = mailReader({ cpuLimitMs: 600, lost: (child) => lost.push(child) })
  afterAll(() => reader.stop())
  const bytes = (raw: string) => new TextEncoder().encode(raw)
  const search = (accountId: number) => ({ accountId, pattern: null, rules: [] })
  const light = bytes(mailText('Light', 'Your code is 112233.'))
  const slow = bytes(slowMail())
  const read = (raw: Uint8Array, accountId: number) =>
    reader.read({ raw, sender: '', searches: [search(accountId)], networks: [`n${accountId}`] })

  it('dies of its mail, which is refused; what waited behind it is read', async () => {
    const outcomes = await Promise.allSettled([
      read(slow, 1),
      ...Array.from({ length: 30 }, (_, i) => read(light, 2 + (i % 5))),
    ])
    const [bomb, ...others] = outcomes
    expect(bomb).toMatchObject({ status: 'rejected', reason: expect.any(BadMail) })
    for (const one of others)
      expect(one).toMatchObject({ status: 'fulfilled', value: { found: [{ code: '112233' }] } })
    expect(lost).toMatchObject([{ cause: 'time', sources: ['account 1', 'n1'] }])
  })

  it('is there again for the same sender, and none is lost to many such mails', async () => {
    const bombs = Array.from({ length: attempts(2, 6) }, () =>
      read(slow, 1).catch((error: Error) => error.name),
    )
    const others = Array.from({ length: 6 }, (_, i) => read(light, 10 + i))
    expect((await Promise.all(others)).map(({ found }) => found[0]?.code)).toEqual(
      others.map(() => '112233'),
    )
    expect(await Promise.all(bombs)).toEqual(bombs.map(() => 'BadMail'))
    await expect(read(light, 1)).resolves.toMatchObject({ found: [{ code: '112233' }] })
  })

  it('keeps a mail whose search takes too long, without a code', async () => {
    const patterns = Array.from({ length: 60 }, (_, i) => `(?:[\\pL\\pN]?){${180 + i}}\\pS`)
    const searches = patterns.map((pattern, i) => ({ accountId: i, pattern, rules: [] }))
    const raw = bytes(mailText('Long', 'ab'.repeat(10_000)))
    const answer = await reader.read({ raw, sender: 'a@example.com', searches, networks: [] })
    expect(answer).toMatchObject({ subject: 'Long' })
    expect(answer.found).toEqual(searches.map(() => nothingFound))
  })
})
