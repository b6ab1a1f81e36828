// Leaving the platform: everything of an account as a file, and an account that is closed and erased.
import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { debitAccount } from '../../src/core/accounts/adjustments.ts'
import { eraseAccount, finishErasures } from '../../src/core/leaving/erase.ts'
import { parseAmount } from '../../src/core/money.ts'
import { jobs } from '../../src/jobs/schedule.ts'
import { insideOn } from '../cli/inside.ts'
import { jsonOf } from '../cli/program.ts'
import { referenceOf } from '../harness/documented.ts'
import { signedIn, testUser } from '../harness/people.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'

const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
const { app, db, databaseUrl } = server
const reference = await referenceOf(server)
const { secret } = await testSupplier(db)
const run = insideOn(databaseUrl)

type Line = { type: string } & Record<string, unknown>
type Order = { id: string; number: number; phone: string }

const ids = (accountId: number) => app.ids.toToken('acc', accountId)
const deliver = (number: string, sms: string) =>
  call(server, secret, 'POST', '/api/callback', {
    event: 'incoming_message',
    message: { number, sender: 'Secretive Ltd', sms },
  })

/** A customer who has used everything, with two people, one of whom belongs to another account, too. */
async function busyCustomer() {
  const { accountId, key } = await testCustomer(db, { credit: '20' })
  const owner = await testUser(server, { accountId })
  const guest = await testUser(server)
  await db.query(
    `insert into memberships (user_id, account_id, role, created_at) values ($1, $2, 'member', now())`,
    [guest.userId, accountId],
  )
  const browser = await signedIn(server, owner)
  const buy = async () =>
    (
      await call<Order>(server, key, 'POST', '/v1/orders', {
        ...{ service: 'whatsapp', country: 'US', reference: 'my-reference' },
        metadata: { name: 'my-metadata' },
      })
    ).body
  const order = await buy()
  await call(server, key, 'PATCH', `/v1/orders/${order.id}`, { note: 'my-note' })
  expect((await deliver(order.phone, 'Your WhatsApp code: 774-155')).status).toBe(200)
  await deliver(order.phone, 'Your WhatsApp code: 774-155')
  await call(server, key, 'POST', `/v1/orders/${order.id}/finish`)
  await call(server, key, 'POST', '/v1/pins', { service: 'whatsapp', country: 'US' })
  await call(server, key, 'POST', '/v1/keys', { name: 'my-key', scopes: ['read'] })
  await call(server, key, 'POST', '/v1/webhooks', {
    ...{ url: 'https://hooks.example.com/my-hook', events: ['*'] },
  })
  await app.requestLog.flush()
  return { accountId, key, owner, guest, browser, order, buy }
}

async function takeBalance(accountId: number) {
  const amount = await app.money.balance(accountId)
  await debitAccount(db, app.now(), { accountId, amount, reference: `out ${accountId}` })
}

const linesIn = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

describe('an export', () => {
  it('has everything of the account and no secret, for its owner', async () => {
    const { accountId, key, owner, browser, order } = await busyCustomer()
    const reply = await browser.ask<string>('GET', '/v1/export')
    reference.check('GET', '/v1/export', reply)
    expect(reply.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    const lines = linesIn(reply.body)
    const of = (type: string) => lines.filter((line) => line.type === type)
    expect(of('account')).toEqual([
      expect.objectContaining({ id: ids(accountId), currency: 'USD' }),
    ])
    expect(of('user').map(({ email }) => email)).toContain(owner.email)
    expect(of('order')).toEqual([
      expect.objectContaining({
        ...{ id: order.id, phone: order.phone, note: 'my-note', reference: 'my-reference' },
        ...{ metadata: { name: 'my-metadata' }, service: 'whatsapp', code: '774155' },
      }),
    ])
    expect(of('message')).toEqual([
      expect.objectContaining({ order_id: order.id, text: 'Your WhatsApp code: 774-155' }),
    ])
    expect(of('transaction').map(({ kind }) => kind)).toEqual(['post', 'hold', 'credit'])
    for (const type of ['sign_in', 'key', 'pin', 'webhook', 'request'])
      expect(of(type).length, type).toBeGreaterThan(0)
    expect(lines.at(-1)).toEqual({
      ...{ type: 'end', records: lines.length - 1, exported_at: app.now().toISOString() },
    })
    for (const hidden of [key, 'whsec_', '$argon2id']) expect(reply.body).not.toContain(hidden)
    const keyed = await call(server, key, 'GET', '/v1/export')
    expect(keyed.status).toBe(403)
    const member = await signedIn(server, await testUser(server, { accountId, role: 'member' }))
    expect((await member.ask('GET', '/v1/export')).status).toBe(403)
  })

  it('has what is more than a page, in order, each record once', async () => {
    const { accountId, key, browser } = await busyCustomer()
    await db.query(
      `insert into request_log (account_id, id, key_id, dialect, method, path, status, ms, request_id)
       select $1, (select max(id) from request_log) + n, 1, 'native', 'GET', '/v1/x', 200, 1, 'n' || n
         from generate_series(1, 2500) n`,
      [accountId],
    )
    await db.query(
      `insert into pinned_products (account_id, service_id, country, pool, created_at)
       select $1, (select min(id) from services), 'US', 'p' || n, now() from generate_series(1, 450) n`,
      [accountId],
    )
    expect(key).toBeTruthy()
    const lines = linesIn((await browser.ask<string>('GET', '/v1/export')).body)
    const bulk = lines.filter(({ type, path }) => type === 'request' && path === '/v1/x')
    expect(bulk.map(({ request_id }) => request_id)).toEqual(
      Array.from({ length: 2500 }, (_, i) => `n${i + 1}`),
    )
    expect(new Set(lines.filter(({ type }) => type === 'pin').map(({ id }) => id)).size).toBe(451)
  })

  it('is written by the command line to a file of its own, and logged', async () => {
    const { accountId } = await busyCustomer()
    const file = join(mkdtempSync(join(tmpdir(), 'numlet-export-')), 'account.ndjson')
    const args = ['accounts', 'export', '--account', ids(accountId)]
    const done = await run(...args, '--out', file, '--reason', 'asked by mail', '--json')
    const lines = linesIn(readFileSync(file, 'utf8'))
    expect(jsonOf(done)).toEqual({ account_id: ids(accountId), file, records: lines.length })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const shown = linesIn((await run(...args)).stdout)
    expect(shown.map(({ type }) => type)).toEqual(lines.map(({ type }) => type))
    const [entry] = await db.query(
      `select action, reason from audit_log where account_id = $1 and action = 'account.export' order by id`,
      [accountId],
    )
    expect(entry).toEqual({ action: 'account.export', reason: 'asked by mail' })
    expect((await run('accounts', 'export', '--account', '999999')).code).toBe(1)
  })
})

describe('closing an account', () => {
  it('is refused while an order or money is there, and says what to do', async () => {
    const { accountId, key, browser, buy } = await busyCustomer()
    const path = `/v1/account?confirm=${ids(accountId)}`
    const open = await buy()
    const refused = await browser.ask<{ code: string; detail: string }>('DELETE', path)
    reference.check('DELETE', '/v1/account', refused)
    expect([refused.status, refused.body.code]).toEqual([409, 'account_in_use'])
    expect(refused.body.detail).toMatch(/1 open order: cancel .* balance of [\d.]+ USD: spend it/)
    await call(server, key, 'POST', `/v1/orders/${open.id}/cancel`)
    const args = ['accounts', 'erase', '--account', ids(accountId)]
    const { code, stderr } = await run(...args, '--reason', 'asked')
    expect(code).toBe(1)
    expect(stderr).toMatch(/still has a balance of/)
    expect((await run(...args)).code).toBe(2)
    const deposit = await call(server, key, 'POST', '/v1/deposits', {
      amount: '5',
      gateway: 'sandbox',
    })
    expect(deposit.status).toBe(201)
    await takeBalance(accountId)
    expect((await browser.ask('DELETE', path)).body).toMatchObject({ open_deposits: 1 })
    for (const confirm of ['', '?confirm=yes', '?confirm=acc_00000000000'])
      expect((await browser.ask('DELETE', `/v1/account${confirm}`)).status).toBe(422)
    expect((await call(server, key, 'GET', '/v1/account')).status).toBe(200)
    expect((await call(server, key, 'DELETE', path)).status).toBe(403)
  })

  it('by its owner ends all access at once, and a job deletes the rest', async () => {
    const { accountId, key, owner, guest, browser } = await busyCustomer()
    await takeBalance(accountId)
    const closed = await browser.ask('DELETE', `/v1/account?confirm=${ids(accountId)}`)
    reference.check('DELETE', '/v1/account', closed)
    expect(closed.status).toBe(204)
    expect(browser.cookie()).toBe('')
    expect((await call(server, key, 'GET', '/v1/balance')).status).toBe(401)
    const again = await browser.ask('POST', '/v1/session', {
      ...{ email: owner.email, password: owner.password },
    })
    expect(again.status).toBe(401)
    const other = await signedIn(server, guest)
    expect((await other.ask('GET', '/v1/session')).status).toBe(200)
    const job = jobs.find(({ name }) => name === 'erase-accounts')
    expect(await job?.run(app, app.now())).toBe(0)
    const [row] = await db.query('select name, erased_at from accounts where id = $1', [accountId])
    expect(row).toEqual({ name: '', erased_at: app.now() })
  })

  it('deletes what is personal, keeps the money, and leaves a clean audit', async () => {
    const { accountId, owner, guest, order } = await busyCustomer()
    await takeBalance(accountId)
    const before = await db.query('select id, amount from transfers where account_id = $1', [
      accountId,
    ])
    const args = [
      'accounts',
      'erase',
      '--account',
      ids(accountId),
      '--reason',
      'asked by mail',
      '--json',
    ]
    expect(jsonOf(await run(...args))).toMatchObject({ changed: true, account_id: ids(accountId) })
    expect(jsonOf(await run(...args))).toMatchObject({ changed: false })
    expect(
      await db.query('select id, amount from transfers where account_id = $1', [accountId]),
    ).toEqual(before)
    for (const table of [
      ...['api_keys', 'memberships', 'webhook_endpoints', 'webhook_deliveries', 'pinned_products'],
      ...['idempotency_keys', 'request_log', 'one_time_links', 'mails'],
    ])
      expect(
        await db.query(`select from ${table} where account_id = $1`, [accountId]),
        table,
      ).toEqual([])
    const [entries] = await db.query<{ text: string }>(
      `select concat_ws(' ',
         (select string_agg(a::text, ' ') from accounts a where id = $1),
         (select string_agg(o::text, ' ') from orders o where account_id = $1),
         (select string_agg(m::text, ' ') from messages m where order_id = $2
             or repeat_of in (select id from messages where order_id = $2)),
         (select string_agg(d::text, ' ') from deposits d where account_id = $1)) as text`,
      [accountId, order.number],
    )
    for (const secret of ['774155', '774-155', 'Secretive', 'my-', order.phone, owner.email])
      expect(entries?.text).not.toContain(secret)
    const users = await db.query<{ id: number }>('select id from users where id = any($1)', [
      [owner.userId, guest.userId],
    ])
    expect(users.map(({ id }) => id)).toEqual([guest.userId])
    const log = await db.query(
      `select reason from audit_log where account_id = $1 and action = 'account.erase'`,
      [accountId],
    )
    expect(log).toEqual([{ reason: 'asked by mail' }])
    const resumed = await run('accounts', 'resume', ids(accountId))
    expect(resumed.stderr).toMatch(/closed for good/)
    const shown = jsonOf(await run('accounts', 'show', ids(accountId), '--json'))
    expect(shown).toMatchObject({ state: 'suspended', erased_at: expect.any(String) })
    await expectCleanAudit(db)
  })

  it('deletes once more, after a day, what has come since', async () => {
    const { accountId, browser, order } = await busyCustomer()
    await takeBalance(accountId)
    await browser.ask('DELETE', `/v1/account?confirm=${ids(accountId)}`)
    await finishErasures(db, app.now())
    expect((await deliver(order.phone, 'Your WhatsApp code: 774-156')).status).toBe(200)
    const texts = () =>
      db.query<{ text: string }>(
        'select text from messages where order_id = $1 and text is not null',
        [order.number],
      )
    await finishErasures(db, app.now())
    expect(await texts()).toEqual([{ text: 'Your WhatsApp code: 774-156' }])
    server.advance(25 * 3_600 + 1)
    await finishErasures(db, app.now())
    expect(await texts()).toEqual([])
    expect(await db.query('select erase_at from accounts where id = $1', [accountId])).toEqual([
      { erase_at: null },
    ])
    await expectCleanAudit(db, app.now())
  })

  it('goes on where it was interrupted', async () => {
    const { accountId, order } = await busyCustomer()
    await takeBalance(accountId)
    // Interrupted after the account was closed: nothing of its orders is deleted yet.
    await db.query(
      `update accounts set closed_at = $2, erase_at = $2, state = 'suspended' where id = $1`,
      [accountId, app.now()],
    )
    await Promise.all([
      eraseAccount(db, app.now(), accountId),
      eraseAccount(db, app.now(), accountId),
      finishErasures(db, app.now()),
    ])
    const [row] = await db.query('select note, phone from orders where id = $1', [order.number])
    expect(row).toEqual({ note: null, phone: null })
    expect(
      await db.query('select from accounts where closed_at is not null and erased_at is null'),
    ).toEqual([])
    expect(parseAmount('0')).toBe(await app.money.balance(accountId))
  })
})
