// What customers and operators see of archived orders.
import { beforeAll, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { call, serverOn, type TestServer } from '../harness/server.ts'
import { type Archives, testArchives } from './archives.ts'
import { oldMonth } from './old-month.ts'

type Order = { id: string; number: number; state: string; reference: string | null }
type Page<T> = { data: T[]; next_cursor: string | null }

let archives: Archives
let server: TestServer
let other: TestServer
let key: string
/** For handler_api. */
let stubs: string
let month: string
let orders: { id: bigint; token: string; kind: string }[]
const get = <T>(path: string, from = server) => call<T>(from, key, 'GET', path)

beforeAll(async () => {
  archives = await testArchives()
  const { db, url } = archives
  month = await oldMonth(db)
  server = await serverOn(url)
  other = await serverOn(url)
  const [account] = await db.query<{ id: number }>('select min(id) as id from accounts')
  const accountId = account?.id as number
  key = (await createKey(db, new Date(), { accountId, scopes: undefined })).key
  stubs = (await createKey(db, new Date(), { accountId, scopes: ['handler-api'] })).key
  const rows = await db.query<{ id: bigint; kind: string }>(
    'select id, kind from orders order by id',
  )
  orders = rows.map((row) => ({ ...row, token: server.app.ids.toToken('ord', row.id) }))
})

it('knows an order no more as soon as its month is archived, however often it was read before', async () => {
  const { json, expectClean } = archives
  const kinds = ['activation', 'rental', 'email', 'esim']
  const some = kinds.map((kind) => orders.find((one) => one.kind === kind) as (typeof orders)[0])
  const before = new Map<string, unknown>()
  for (const { token } of some)
    for (const from of [server, other, server, other]) {
      const reply = await get<Order>(`/v1/orders/${token}`, from)
      expect(reply.status).toBe(200)
      before.set(token, reply.body)
    }
  await json('run', month)
  for (const { token } of some)
    for (const from of [server, other]) {
      expect(await get(`/v1/orders/${token}`, from)).toMatchObject({
        status: 404,
        body: { code: 'order_not_found' },
      })
      for (const verb of ['cancel', 'finish', 'resend', 'replace', 'renew']) {
        const reply = await call(from, key, 'POST', `/v1/orders/${token}/${verb}`)
        expect(reply, verb).toMatchObject({ status: 404, body: { code: 'order_not_found' } })
      }
    }
  const unknown = await get('/v1/orders/ord_00000000000')
  expect(unknown.status).toBe(404)
  await json('restore', month)
  for (const { token } of some)
    for (const from of [server, other])
      expect((await get(`/v1/orders/${token}`, from)).body).toEqual(before.get(token))
  await expectClean()
})

it('answers in each dialect as for an order that does not exist', async () => {
  const { json } = archives
  const one = orders.find(({ kind }) => kind === 'activation') as (typeof orders)[0]
  const paths = [
    (id: bigint | string) => `/whichotp/api/v1/orders/${id}`,
    (id: bigint | string) => `/fivesim/v1/user/check/${id}`,
    (id: bigint | string) => `/stubs/handler_api.php?api_key=${stubs}&action=getStatus&id=${id}`,
  ]
  const ask = (path: string) =>
    call<unknown>(server, path.includes(stubs) ? null : key, 'GET', path).then(
      ({ status, body }) => ({ status, body }),
    )
  const plain = (reply: Awaited<ReturnType<typeof ask>>) =>
    JSON.stringify(reply).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d{6,}|req_\w+/g, '')
  const never = new Map<string, string>()
  for (const pathOf of paths) {
    never.set(pathOf('ID'), plain(await ask(pathOf(one.id + 100_000n))))
    expect(plain(await ask(pathOf(one.id))), pathOf('ID')).not.toBe(never.get(pathOf('ID')))
  }
  await json('run', month)
  for (const pathOf of paths)
    expect(plain(await ask(pathOf(one.id))), pathOf('ID')).toBe(never.get(pathOf('ID')))
  await json('restore', month)
})

it('still lists its transactions, counts its outcomes, and repeats no request', async () => {
  const { db, json, expectClean } = archives
  const idempotency = { 'idempotency-key': 'before-the-archive' }
  const wanted = { service: 'whatsapp', country: 'US' }
  const first = await call<Order>(server, key, 'POST', '/v1/orders', wanted, idempotency)
  expect(first.status).toBe(201)
  const lines = async () =>
    (
      await get<Page<{ id: string; order_id: string | null; type: string }>>(
        '/v1/transactions?limit=100',
      )
    ).body.data.map(({ id, order_id, type }) => ({ id, order_id, type }))
  const rates = () => db.query('select id, measured_rate from offers order by id')
  const [before, ratesBefore] = [await lines(), await rates()]
  const open = (await get<Page<Order>>('/v1/orders?limit=100')).body.data
  await json('run', month)
  expect(await lines()).toEqual(before)
  expect(before.filter(({ order_id: id }) => orders.some(({ token }) => token === id))).not.toEqual(
    [],
  )
  expect(await rates()).toEqual(ratesBefore)
  const left = (await get<Page<Order>>('/v1/orders?limit=100')).body.data
  expect(left.map(({ id }) => id)).toEqual(
    open.map(({ id }) => id).filter((id) => !orders.some(({ token }) => token === id)),
  )
  expect(left.map(({ id }) => id)).toContain(first.body.id)
  // The key of an order that is there, and of one that is not.
  const again = await call<Order>(server, key, 'POST', '/v1/orders', wanted, idempotency)
  expect(again.body).toEqual(first.body)
  expect((await call(server, null, 'GET', '/metrics')).status).toBe(200)
  await json('restore', month)
  await expectClean()
})

it('says to operators where an order is', async () => {
  const { json, numlet } = archives
  const [one] = orders
  const token = one?.token as string
  const why = ['--reason', 'ticket 12']
  await json('run', month)
  for (const args of [
    ['orders', 'show', token],
    ['orders', 'show', String(one?.id)],
    ['orders', 'refund', token, ...why],
    ['orders', 'cancel', token, ...why],
    ['messages', 'purge', '--order', token, ...why],
  ]) {
    const { code, stderr } = await numlet(...args)
    expect(code, args.join(' ')).toBe(1)
    expect(stderr).toContain(`is in the archive of ${month}. numlet archive restore ${month}`)
  }
  const found = await numlet('orders', 'find', '--limit', '1', '--json')
  expect(found).toMatchObject({ code: 0 })
  expect(found.stderr).toContain(`Not searched, because they are archived: ${month}.`)
  const never = await numlet('orders', 'show', '99999999999')
  expect(never.stderr).toContain('There is no order 99999999999.')
  await json('restore', month)
  expect(await numlet('orders', 'show', token)).toMatchObject({ code: 0, stderr: '' })
})
