// Notices: mails about a low balance, deposits and rentals, once for each event, to whoever wants them.
import { rmSync } from 'node:fs'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { peopleJobs } from '../../src/jobs/people.ts'
import { referenceOf } from '../harness/documented.ts'
import { mailFolder, outbox } from '../harness/outbox.ts'
import { type Browser, signedIn, testUser } from '../harness/people.ts'
import { call, serverOn, type TestServer, testCustomer, testServer } from '../harness/server.ts'

const folder = mailFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const env = { NUMLET_DATA: folder, NUMLET_PUBLIC_URL: 'https://numlet.example.com' }
const path = '/v1/user/notifications'

type Deposit = { id: string; payment_url: string }
type Order = { id: string; phone: string }

describe('a notice', async () => {
  const server = await testServer({ env })
  const reference = await referenceOf(server)
  const sent = outbox(server, folder)
  beforeEach(async () => {
    await server.db.query('delete from mails')
    await server.db.query('delete from attempts')
  })

  /** Runs the job until it has read all events. Other tests' transactions may hold it up for a moment. */
  async function read(on: TestServer = server) {
    const job = peopleJobs.find(({ name }) => name === 'queue-notices')
    const isRead = async () => {
      await job?.run(on.app, on.app.now())
      const unread = await on.db.query(
        `select 1 from events e, event_readers r
          where r.name = 'notices' and (e.epoch, e.xid, e.id) > (r.epoch, r.xid, r.id) limit 1`,
      )
      return unread.length === 0
    }
    await expect.poll(isRead, { timeout: 60_000 }).toBe(true)
  }

  /** An account with an owner and a member, and a key. */
  async function team() {
    const { accountId, key } = await testCustomer(server.db)
    const owner = await testUser(server, { accountId })
    const member = await testUser(server, { accountId, role: 'member' })
    return { accountId, key, owner, member }
  }

  async function pay(key: string, amount = '25.00') {
    const wish = { amount, gateway: 'sandbox' }
    const { body } = await call<Deposit>(server, key, 'POST', '/v1/deposits', wish)
    expect((await call(server, null, 'POST', new URL(body.payment_url).pathname)).status).toBe(200)
  }
  const buy = (key: string, wish: object = {}) =>
    call<Order>(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US', ...wish })

  const choose = async (browser: Browser, choice: object) => {
    const reply = await browser.ask('PATCH', path, choice)
    reference.check('PATCH', path, reply)
    return reply
  }

  it('of a deposit goes to the owners, once, in text and HTML', async () => {
    const { key, owner } = await team()
    await pay(key)
    await read()
    await read()
    const mails = await sent()
    expect(mails).toMatchObject([
      { to: owner.email, subject: expect.stringMatching(/^25(\.00)? USD added at Numlet$/) },
    ])
    expect(mails[0]?.text).toContain('https://numlet.example.com/app/wallet')
    expect(await sent()).toEqual([])
  })

  it('of a low balance goes to the owners when it falls below the mark, once an hour', async () => {
    const { accountId, key, owner } = await team()
    const [wallet] = await server.db.query<{ balance: bigint }>(
      `select balance from ledger_accounts where account_id = $1 and kind = 'customer'`,
      [accountId],
    )
    const mark = String(Number(wallet?.balance) / 10_000)
    const set = await call(server, key, 'PATCH', '/v1/account', { low_balance: mark })
    expect(set.status).toBe(200)
    const fall = async () => {
      const { body } = await buy(key)
      await read()
      const mails = await sent()
      server.advance(121)
      await call(server, key, 'POST', `/v1/orders/${body.id}/cancel`)
      await read()
      return mails
    }
    const first = await fall()
    expect(first).toMatchObject([{ to: owner.email, subject: 'Your balance at Numlet runs low' }])
    expect(first[0]?.text).toContain(mark)
    // The money is back, and goes again: an event of its own, but no other mail within the hour.
    expect(await fall()).toEqual([])
    server.advance(3600)
    expect(await fall()).toHaveLength(1)
  })

  it('of a rental’s end goes to members, too, and not once it is renewed or over', async () => {
    const { key, owner, member } = await team()
    const rental = await buy(key, { kind: 'rental', duration: '1d' })
    expect(rental.status).toBe(201)
    server.advance(24 * 3600 - 3500)
    await server.app.orders.at(server.app.now()).remindOfEnds()
    await read()
    const mails = await sent()
    expect(mails.map(({ to }) => to).sort()).toEqual([owner.email, member.email].sort())
    for (const { subject, text } of mails) {
      expect(subject).toBe('A rental at Numlet ends soon')
      expect(text).toContain(rental.body.phone)
    }
    const late = await buy(key, { kind: 'rental', duration: '1d' })
    expect(late.status).toBe(201)
    server.advance(24 * 3600 - 3500)
    await server.app.orders.at(server.app.now()).remindOfEnds()
    await read()
    // The mail waits, and meanwhile the rental ends.
    server.advance(3600)
    await server.app.orders.at(server.app.now()).endOverdue()
    expect(await sent()).toEqual([])
  })

  it('is in the language of whoever gets it', async () => {
    const { key, owner, accountId } = await team()
    const other = await testUser(server, { accountId })
    const browser = await signedIn(server, owner)
    expect((await browser.ask('PATCH', '/v1/user', { locale: 'id' })).status).toBe(200)
    await pay(key)
    await read()
    const subjects = new Map((await sent()).map(({ to, subject }) => [to, subject]))
    expect(subjects.get(owner.email)).toMatch(/ditambahkan di Numlet$/)
    expect(subjects.get(other.email)).toMatch(/added at Numlet$/)
  })

  it('is switched off and on by each user for themselves', async () => {
    const { key, owner, accountId } = await team()
    const other = await testUser(server, { accountId })
    const browser = await signedIn(server, owner)
    const before = await browser.ask('GET', path)
    reference.check('GET', path, before)
    expect(before.body).toEqual({ low_balance: true, deposit_credited: true, rental_ending: true })
    const off = await choose(browser, { deposit_credited: false, low_balance: false })
    expect(off.body).toEqual({ low_balance: false, deposit_credited: false, rental_ending: true })
    expect((await choose(browser, {})).body).toEqual(off.body)
    for (const bad of [{ deposit_credited: 'no' }, { everything: false }])
      expect((await choose(browser, bad)).status).toBe(422)
    await pay(key)
    await read()
    expect((await sent()).map(({ to }) => to)).toEqual([other.email])
    // Also if the mail waits already.
    await choose(browser, { deposit_credited: true })
    await pay(key)
    await read()
    await choose(browser, { deposit_credited: false })
    expect((await sent()).map(({ to }) => to)).toEqual([other.email])
  })

  it('is for nobody who has left, is suspended, or of an account that is', async () => {
    const { key, accountId, owner, member } = await team()
    const owner2 = await testUser(server, { accountId })
    await pay(key)
    await read()
    await server.db.query('delete from memberships where user_id = $1', [owner.userId])
    await server.db.query('update users set suspended_at = now() where id = $1', [owner2.userId])
    expect(await sent()).toEqual([])
    await server.db.query(`update memberships set role = 'owner' where user_id = $1`, [
      member.userId,
    ])
    await pay(key)
    await server.db.query(`update accounts set state = 'suspended' where id = $1`, [accountId])
    await read()
    expect(await sent()).toEqual([])
  })

  it('is queued once by many nodes at once, and not at all where an event is old', async () => {
    const { key } = await team()
    const nodes = [server, await serverOn(server.databaseUrl, env)]
    for (let i = 0; i < 5; i++) await pay(key, `2${i}.00`)
    await Promise.all([...nodes, ...nodes].map((one) => read(one)))
    expect((await sent()).length).toBe(5)
    await pay(key)
    server.advance(25 * 3600)
    await read()
    expect(await sent()).toEqual([])
  })

  it('shows names as text', async () => {
    const { key, accountId } = await team()
    const hostile = '<img src=x onerror=alert(1)>'
    await server.db.query('update accounts set name = $2 where id = $1', [accountId, hostile])
    await pay(key)
    await read()
    const letters = await server.db.query('select facts from mails')
    expect(JSON.stringify(letters)).not.toContain('img')
    const [mail] = await sent()
    expect(mail?.text).toContain(hostile)
    expect(mail?.html).not.toContain('<img')
  })
})
