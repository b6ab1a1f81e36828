// `lists`: each list and search of a customer with 100,000 orders, over HTTP, on a platform with many more;
// and for each the same number of rows by the primary key, with a bare statement.
import { type Database, openDatabase } from '../src/db/database.ts'
import { type BenchServer, fillPlatform, type ServerProcess, startServer } from './ground.ts'
import { pastMonths, writePast } from './history-past.ts'
import { httpLoad, requestText } from './http-load.ts'
import { compare, median, type Result } from './measure.ts'

const rounds = 3
const callsARound = 5
/** All orders, of accounts with 100,000 each: LISTS_ORDERS=200000 for a shorter run. */
const orders = Number(process.env.LISTS_ORDERS ?? '1200000')
const ordersOfOne = 100_000
const annotated = 20_000

export async function lists(ground: BenchServer): Promise<Result[]> {
  const accounts = Math.max(1, Math.round(orders / ordersOfOne))
  const platform = await fillPlatform(ground, 'bench_lists', { numbers: 100_000, accounts })
  const now = new Date()
  await writePast(platform, now, pastMonths(now), orders)
  const db = openDatabase({ url: platform.url, poolSize: 2, kind: 'migrations' })
  const customer = await prepare(db, now)
  const server = await startServer(platform.url)
  const key = platform.keys[0] as string
  await buySome(server, key)
  const results: Result[] = []
  for (const [name, path] of Object.entries(pathsOf(customer)))
    results.push(
      await compare(
        name,
        'ms',
        rounds,
        () => timed(() => get(server, key, path)),
        () => timed(() => firstRows(db, customer.middle)),
      ),
    )
  await server.stop()
  await db.end()
  await platform.db.end()
  return results
}

/** The median of some calls. */
async function timed(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < callsARound; i++) {
    const begun = performance.now()
    await call()
    times.push(performance.now() - begun)
  }
  return median(times)
}

async function get(server: ServerProcess, key: string, path: string): Promise<void> {
  let sent = false
  await httpLoad(server, 1, {
    request: () => {
      if (sent) return null
      sent = true
      return requestText('GET', path, { authorization: `Bearer ${key}` })
    },
    answered(status, body) {
      if (status !== 200) throw new Error(`${path} was answered ${status}: ${body}`)
    },
  })
}

const firstRows = (db: Database, id: bigint) =>
  db.query('select * from orders where id >= $1 order by id limit 20', [id])

type Customer = {
  readonly middle: bigint
  readonly phone: string
  readonly service: string
  readonly day: string
}

/** The first customer: notes, references, a few orders in states that are rare, and a log of requests. */
async function prepare(db: Database, now: Date): Promise<Customer> {
  const [{ id: account }] = (await db.query<{ id: number }>(
    'select id from accounts order by id limit 1',
  )) as [{ id: number }]
  await db.query(
    `update orders o set reference = 'ref-' || n.place, note = 'note number ' || n.place,
            metadata = jsonb_build_object('team', 'team ' || n.place % 7)
       from (select id, row_number() over (order by id) as place from orders where account_id = $1) n
      where o.id = n.id and n.place % ${Math.round(ordersOfOne / annotated)} = 0`,
    [account],
  )
  await db.query(
    `update orders set state = 'failed' where id in (select id from orders
      where account_id = $1 and state = 'cancelled' order by id limit 5)`,
    [account],
  )
  await db.query(
    `create table request_log_before partition of request_log for values from (0) to (17000000000000000)`,
  )
  await db.query(
    `insert into request_log (account_id, id, key_id, dialect, method, path, status, ms, request_id)
     select $1, 16000000000000000 + i * 1000, 1, 'native', 'GET', '/v1/orders',
            case when i % 50000 = 7 then 503 else 200 end, 3, 'bench-' || i
       from generate_series(1, 100000) i`,
    [account],
  )
  await db.query('vacuum analyze orders, request_log')
  const [row] = await db.query<{ middle: bigint; phone: string; service: string }>(
    `select o.id as middle, o.phone, s.slug as service from orders o join services s on s.id = o.service_id
      where o.account_id = $1 order by o.id offset ${ordersOfOne / 2} limit 1`,
    [account],
  )
  if (!row) throw new Error('the first account has too few orders')
  const day = new Date(now.getTime() - 180 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
  return { ...row, day }
}

async function buySome(server: ServerProcess, key: string): Promise<void> {
  let asked = 0
  const body = '{"service":"telegram","country":"US"}'
  await httpLoad(server, 1, {
    request: () =>
      asked++ < 5
        ? requestText('POST', '/v1/orders', { authorization: `Bearer ${key}` }, body)
        : null,
    answered() {},
  })
}

const afterId = (id: bigint) => Buffer.from(`after:${id}`).toString('base64url')

const dayQuery = (day: string) => `created_after=${day}T00:00:00Z&created_before=${day}T23:59:59Z`

/** Each list and search, by what is asked for. */
const pathsOf = ({ middle, phone, service, day }: Customer) => ({
  'orders, newest': '/v1/orders',
  'orders, from the middle': `/v1/orders?cursor=${afterId(middle)}`,
  'orders, open': '/v1/orders?state=waiting&state=received&state=active&state=allocating',
  'orders, received (none)': '/v1/orders?state=received',
  'orders, active (none)': '/v1/orders?state=active',
  'orders, failed (5 of all)': '/v1/orders?state=failed',
  'orders, expired': '/v1/orders?state=expired',
  'orders, kind (none)': '/v1/orders?kind=email',
  'orders, country (none)': '/v1/orders?country=FR',
  'orders, service': `/v1/orders?service=${service}`,
  'orders, of a day': `/v1/orders?${dayQuery(day)}`,
  'orders, reference': '/v1/orders?reference=ref-50000',
  'search, reference': '/v1/orders?q=ref-50000',
  'search, part of a note': '/v1/orders?q=number%2099995',
  'search, nowhere': '/v1/orders?q=nowhere',
  'search, number': `/v1/orders?q=${phone.slice(1)}`,
  'search, last digits': `/v1/orders?q=${phone.slice(-4)}`,
  'search, id': `/v1/orders?q=${middle}`,
  'transactions, newest': '/v1/transactions',
  'transactions, type (none)': '/v1/transactions?type=debit',
  'transactions, of a day': `/v1/transactions?${dayQuery(day)}`,
  'requests, newest': '/v1/requests',
  'requests, 5xx (2 of all)': '/v1/requests?status=5xx',
  'last used products': '/v1/last-used',
  overview: '/v1/overview',
})
