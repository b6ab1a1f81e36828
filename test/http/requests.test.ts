// GET /v1/requests: what was called with the account's keys.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { keepDays } from '../../src/core/request-log/days.ts'
import { loggedPath } from '../../src/core/request-log/line.ts'
import { requestLogWriter } from '../../src/core/request-log/writer.ts'
import { referenceOf } from '../harness/documented.ts'
import { signedIn, testUser } from '../harness/people.ts'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Line = {
  id: string
  method: string
  path: string
  api: string
  status: number
  duration_ms: number
  request_id: string
  key_id: string
  address: string
  created_at: string
}
type Page = { data: Line[]; next_cursor: string | null }

const server = await testServer()
const { app, db } = server
const described = await referenceOf(server)

/** The log of a customer, once it has so many lines. Reading it adds lines, too. */
async function linesOf(key: string, count: number, query = 'path=/v1/balance') {
  return eventually(async () => {
    await app.requestLog.flush()
    const reply = await call<Page>(server, key, 'GET', `/v1/requests?${query}`)
    described.check('GET', '/v1/requests', reply)
    return reply.body.data.length >= count ? reply.body.data : undefined
  })
}

describe('the request log', () => {
  it('has each request of the account’s keys, newest first, and nobody else’s', async () => {
    const { accountId, key } = await testCustomer(db)
    const stranger = await testCustomer(db)
    const other = await createKey(db, new Date(), { accountId, scopes: ['read'] })
    const id = { 'x-request-id': 'mine-1' }
    await call(server, key, 'GET', '/v1/balance?', undefined, id)
    await linesOf(key, 1)
    expect((await call(server, other.key, 'POST', '/v1/orders', {})).status).toBe(403)
    await call(server, stranger.key, 'GET', '/v1/balance')
    await call(server, 'nonsense', 'GET', '/v1/balance')
    await call(server, null, 'GET', '/v1/balance')
    const [line] = await linesOf(key, 1)
    expect(line).toEqual({
      id: expect.stringMatching(/^req_[0-9a-z]{11}$/),
      method: 'GET',
      path: '/v1/balance',
      api: 'native',
      status: 200,
      duration_ms: expect.any(Number),
      request_id: 'mine-1',
      key_id: expect.stringMatching(/^key_/),
      address: '127.0.0.1',
      created_at: app.now().toISOString(),
    })
    expect(await linesOf(key, 1)).toHaveLength(1)
    const [refused] = await linesOf(key, 1, 'status=4xx')
    expect(refused).toMatchObject({ method: 'POST', path: '/v1/orders', status: 403 })
    expect(refused?.key_id).not.toBe(line?.key_id)
    const ofOther = await linesOf(key, 1, `key=${refused?.key_id}`)
    expect(ofOther.map((one) => one.id)).toEqual([refused?.id])
    const ofStranger = await linesOf(stranger.key, 1, 'status=2xx')
    expect(ofStranger.map((one) => one.request_id)).not.toContain('mine-1')
    const foreign = await call(server, stranger.key, 'GET', `/v1/requests?key=${line?.key_id}`)
    expect(foreign.body).toEqual({ data: [], next_cursor: null })
  })

  it('has pages that neither skip nor repeat lines, and periods', async () => {
    const { key } = await testCustomer(db)
    const sent: string[] = []
    for (let i = 0; i < 25; i++) {
      const name = `page-${i}`
      sent.unshift(name)
      await call(server, key, 'GET', '/v1/balance', undefined, { 'x-request-id': name })
      if (i % 5 === 4) await linesOf(key, i + 1, 'path=/v1/balance&limit=100')
      if (i === 9) server.advance(3_600)
    }
    const seen: string[] = []
    const sizes: number[] = []
    for (let cursor = ''; ; ) {
      const path = `/v1/requests?path=/v1/balance&limit=10${cursor}`
      const { body } = await call<Page>(server, key, 'GET', path)
      seen.push(...body.data.map((one) => one.request_id))
      sizes.push(body.data.length)
      if (body.next_cursor === null) break
      cursor = `&cursor=${body.next_cursor}`
    }
    expect(sizes).toEqual([10, 10, 5])
    expect(seen.toSorted()).toEqual(sent.toSorted())
    const half = new Date(app.now().getTime() - 1_800_000).toISOString()
    expect(await linesOf(key, 15, `path=/v1/balance&created_after=${half}`)).toHaveLength(15)
    expect(await linesOf(key, 10, `path=/v1/balance&created_before=${half}`)).toHaveLength(10)
    const neither = await call(server, key, 'GET', '/v1/requests?path=/v2')
    expect(neither.body).toEqual({ data: [], next_cursor: null })
    for (const wrong of ['status=404', 'path=', 'key=nonsense', 'cursor=x', 'created_after=now'])
      expect((await call(server, key, 'GET', `/v1/requests?${wrong}`)).status, wrong).toBe(422)
  })

  it('has no key, no query and no phone number of any API', async () => {
    const { accountId, key } = await testCustomer(db)
    const stubs = (await createKey(db, new Date(), { accountId, scopes: ['handler-api'] })).key
    const paths = [
      [stubs, `/stubs/handler_api.php?api_key=${stubs}&action=getBalance`],
      [key, '/fivesim/v1/user/reuse/whatsapp/2015550123'],
      [key, '/v1/orders/+12015550123'],
      [key, '/v1/orders/%2B12015550123'],
      [key, '/v1/orders/12015550123'],
      [key, `/v1/orders/${key}?wait=1`],
      [key, '/v1/orders?q=12015550123'],
    ] as const
    for (const [secret, path] of paths) await call(server, secret, 'GET', path)
    const lines = await linesOf(key, 6, 'limit=100')
    const known = lines.map((one) => one.path).filter((path) => !path.startsWith('/v1/requests'))
    expect(known.toSorted()).toEqual([
      '/fivesim/v1/user/reuse/whatsapp/[phone]',
      '/stubs/handler_api.php?action=getBalance',
      '/v1/orders',
      '/v1/orders/[key]',
      '/v1/orders/[phone]',
      '/v1/orders/[phone]',
      '/v1/orders/[phone]',
    ])
    const [row] = await db.query<{ text: string }>(
      `select string_agg(r::text, ' ') as text from request_log r where account_id = $1`,
      [accountId],
    )
    for (const secret of [key, stubs, '2015550123']) expect(row?.text).not.toContain(secret)
    expect(loggedPath(`/v1/${'x'.repeat(300)}`)).toHaveLength(200)
  })

  it('is for owners, and has nothing of sessions', async () => {
    const owner = await testUser(server)
    const browser = await signedIn(server, owner)
    expect((await browser.ask('GET', '/v1/balance')).status).toBe(200)
    await app.requestLog.flush()
    const reply = await browser.ask('GET', '/v1/requests')
    expect([reply.status, reply.body]).toEqual([200, { data: [], next_cursor: null }])
    const { accountId } = owner
    const member = await signedIn(server, await testUser(server, { accountId, role: 'member' }))
    expect((await member.ask('GET', '/v1/requests')).status).toBe(403)
  })

  it('goes on behind the lines that one page looks at', async () => {
    const { accountId, key } = await testCustomer(db)
    await call(server, key, 'GET', '/v1/countries')
    await linesOf(key, 1, 'path=/v1/countries')
    await db.query(
      `insert into request_log (account_id, id, key_id, dialect, method, path, status, ms, request_id)
       select $1, (select max(id) from request_log where account_id = $1) + n, 1, 'native', 'GET', '/v1/x',
              200, 1, 'many' from generate_series(1, 20100) n`,
      [accountId],
    )
    const first = await call<Page>(server, key, 'GET', '/v1/requests?path=/v1/countries')
    expect(first.body.data).toEqual([])
    const rest = `/v1/requests?path=/v1/countries&cursor=${first.body.next_cursor}`
    const second = await call<Page>(server, key, 'GET', rest)
    expect(second.body).toMatchObject({ data: [{ path: '/v1/countries' }], next_cursor: null })
  })
})

describe('the writer of the request log', () => {
  const line = {
    ...{ accountId: 1, keyId: 1, dialect: 'native', method: 'GET', path: '/v1/x' },
    ...{ status: 200, ms: 1.4, requestId: 'r', address: 'fe80::1%eth0' },
  }
  const lineAt = (day: string) => ({ ...line, at: new Date(`${day}T12:00:00Z`) })
  const tables = async () =>
    (
      await db.query<{ name: string }>(
        `select relname as name from pg_class where relname ~ '^request_log_2031' and relkind = 'r'
          order by 1`,
      )
    ).map(({ name }) => name)

  it('drops lines when there are too many, of all or of one account, and counts them', async () => {
    const writer = requestLogWriter(db, () => true)
    const noteMany = (accountId: number, count: number) => {
      for (let i = 0; i < count; i++)
        writer.note(accountId, () => ({ ...lineAt('2031-05-01'), accountId }))
    }
    noteMany(1, 300)
    await writer.flush()
    expect(writer.counts).toEqual({ written: 250, dropped: 50 })
    for (const account of [1, 2, 3, 4, 5, 6]) noteMany(account, 200)
    await writer.flush()
    expect(writer.counts).toEqual({ written: 1_250, dropped: 250 })
    noteMany(1, 1)
    await writer.flush()
    expect(writer.counts).toEqual({ written: 1_251, dropped: 250 })
    const metrics = (await call<string>(server, null, 'GET', '/metrics')).body
    expect(metrics).toMatch(/^numlet_request_log_lines_total\{outcome="dropped"\} 0$/m)
  })

  it('keeps nothing if it is switched off', async () => {
    const writer = requestLogWriter(db, () => false)
    writer.note(1, () => lineAt('2031-05-01'))
    await writer.flush()
    expect(writer.counts).toEqual({ written: 0, dropped: 0 })
  })

  it('makes a partition for each day, at once on several nodes, and drops old days', async () => {
    const nodes = Array.from({ length: 5 }, () => requestLogWriter(db, () => true))
    for (const node of nodes)
      for (const day of ['2031-06-01', '2031-06-02']) node.note(1, () => lineAt(day))
    await Promise.all(nodes.map((node) => node.flush()))
    expect(nodes.map(({ counts }) => counts.written)).toEqual([2, 2, 2, 2, 2])
    await db.query(
      'create table request_log_old partition of request_log for values from (0) to (10)',
    )
    const now = new Date('2031-06-08T10:00:00Z')
    await keepDays(db, now, new Date('2031-06-02T10:00:00Z'))
    expect(await tables()).toEqual([
      'request_log_20310602',
      'request_log_20310608',
      'request_log_20310609',
    ])
    expect(await keepDays(db, now, new Date('2031-06-02T10:00:00Z'))).toBe(0)
  })
})
