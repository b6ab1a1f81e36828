// `upstream`: the requests that it takes to know of 10,000 orders that wait for messages at one platform,
// compared with one request each five seconds for each order; and how old that knowledge gets.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inboxCloser } from '../src/core/inboxes/ending.ts'
import { createWithoutSecret } from '../src/core/inventory/suppliers.ts'
import { maxQuantity } from '../src/core/orders/order.ts'
import { type Answer, recordAnswer } from '../src/core/supply/answers.ts'
import { type ClaimedAsk, claimAsks } from '../src/core/supply/asks.ts'
import type { Dealing } from '../src/core/supply/dealing.ts'
import { productText } from '../src/core/supply/product.ts'
import { recordReading } from '../src/core/supply/readings.ts'
import { putSources } from '../src/core/supply/sources.ts'
import type { Database } from '../src/db/database.ts'
import { databaseMs } from './cpu.ts'
import { type BenchServer, fillPlatform, type ServerProcess, startServer } from './ground.ts'
import { httpLoad, requestText } from './http-load.ts'
import { percentile, type Result, result } from './measure.ts'
import { openPeer, type Peer, phoneOf } from './upstream-peer.ts'

const orders = Number(process.env.UPSTREAM_ORDERS ?? 10_000)
/** As many sweeps are measured. */
const sweeps = Number(process.env.UPSTREAM_SWEEPS ?? 1)
/** A sweep that takes longer is late: orders are to be read each 15 s. */
const sweepTimeoutS = 60
const sampleMs = 100
/** How many orders are recorded one by one, to see what that costs. */
const oneByOne = 500
/** What is polled instead. */
const yardstickS = 5
const wires = [
  { kind: 'handler-api', name: 'handler_api' },
  { kind: 'fivesim', name: '5sim' },
  { kind: 'numlet', name: 'Numlet' },
] as const

export async function upstream(ground: BenchServer): Promise<Result[]> {
  const peer = await openPeer(orders)
  const { url, db, keys } = await fillPlatform(ground, 'bench_upstream', {
    ...{ numbers: 20, accounts: 100 },
  })
  const supplierId = await addSupplier(db, peer)
  await fillOrders(dealingOf(db), { url, keys, supplierId })
  const bench: Bench = { url, db, supplierId, peer, oneByOneMs: await costOneByOne(dealingOf(db)) }
  const results: Result[] = []
  for (const wire of wires) results.push(...(await measure(bench, wire)))
  peer.stop()
  await db.end()
  return results
}

const dealingOf = (db: Database): Dealing => ({
  db,
  terms: { cancelCooldownS: 120, activationWindowS: 1_200 },
  closers: { email: inboxCloser },
})

/** A platform that may be asked as often as it takes: what is measured is what is needed. */
async function addSupplier(db: Database, peer: Peer): Promise<number> {
  await db.query('update stock set remaining = 0, next_position = 1000')
  await db.query(`update numbers set state = 'disabled'`)
  const config = { url: peer.url, rate_per_s: '9999', max_asking: '10000' }
  const settings = { config, secrets: { api_key: 'plain:bench' } }
  const wanted = { name: 'platform', kind: 'handler-api' }
  const { id } = await createWithoutSecret(db, wanted, settings, 'USD')
  const [offer] = await db.query<{ id: number }>(
    `select o.id from offers o join services s on s.id = o.service_id
      where s.slug = 'telegram' and o.country = 'GB' and o.kind = 'activation' limit 1`,
  )
  const product = productText({ service: 'tg', country: '16', operator: null, pool: null })
  if (!offer || product === null) throw new Error('there is nothing to sell')
  const source = { offerId: offer.id, supplierId: id, product, cost: 100n, stock: 2 * orders }
  await db.begin((tx) => putSources(tx, new Date(), [source]))
  return id
}

/** As many are bought; the others are copies of them. */
const bought = Math.min(orders, 200)

type Filling = {
  readonly url: string
  readonly keys: readonly string[]
  readonly supplierId: number
}

/** Buys as customers do; the platform's answers are recorded without the network. */
async function fillOrders(dealing: Dealing, { url, keys, supplierId }: Filling): Promise<void> {
  const server = await startServer(url)
  await buy(server, keys)
  const asks = await claimAsks(dealing, new Date(), supplierId)
  if (asks.length !== bought) throw new Error(`${bought} were bought, ${asks.length} asked for`)
  for (const [place, ask] of asks.entries())
    await recordAnswer(dealing, new Date(), numberFor(ask, place + 1))
  await server.stop()
  const { db } = dealing
  await copyOrders(db)
  // In their first two minutes orders are read more often.
  await db.query(`update allocations set asked_at = asked_at - interval '5 minutes'`)
  await db.query('vacuum analyze')
}

const numberFor = ({ allocationId, claims }: ClaimedAsk, ref: number): Answer => ({
  ...{ allocationId, claims },
  verdict: {
    ...{ kind: 'number', ref: String(ref), phone: `+${phoneOf(ref)}`, cost: 100n },
    ...{ operator: null, currency: null, endsAt: null, cancelAfter: null },
  },
})

/** Buys of each customer as many as a call may have. */
async function buy(server: ServerProcess, keys: readonly string[]): Promise<void> {
  const refusals: string[] = []
  const sent = new Set<number>()
  await httpLoad(server, Math.ceil(bought / maxQuantity), {
    request(client) {
      if (sent.has(client)) return null
      sent.add(client)
      const quantity = Math.min(maxQuantity, bought - client * maxQuantity)
      const body = JSON.stringify({ service: 'telegram', country: 'GB', quantity })
      const headers = { authorization: `Bearer ${keys[client]}` }
      return requestText('POST', '/v1/orders?wait=0', headers, body)
    },
    answered(status, answer) {
      if (status !== 202) refusals.push(`${status}: ${answer.slice(0, 300)}`)
    },
  })
  if (refusals.length > 0) throw new Error(refusals[0])
}

/** Copies what was bought, with references and phones of their own, until there are enough orders. */
async function copyOrders(db: Database): Promise<void> {
  await db.query(
    `create unlogged table bench_copies as
     select c.*, c.place::text as ref, '+4470' || lpad(c.place::text, 8, '0') as phone
       from (select a.id as allocation, a.order_id as "order", nextval('order_ids') as order_id,
                    nextval(pg_get_serial_sequence('allocations', 'id')) as allocation_id,
                    ${bought} + row_number() over () as place
               from allocations a cross join generate_series(2, ${Math.ceil(orders / bought)})
              limit ${orders - bought}) c`,
  )
  const copied = (table: string, key: string, changes: string) =>
    `insert into ${table} overriding system value
     select (jsonb_populate_record(t, jsonb_build_object(${changes}))).*
       from bench_copies c join ${table} t on t.${key} = c."order"`
  const own = `'phone', c.phone`
  await db.query(
    copied('orders', 'id', `'id', c.order_id, 'allocation_id', c.allocation_id, ${own}`),
  )
  const ids = `'order_id', c.order_id, ${own}`
  await db.query(
    copied(
      'allocations',
      'order_id',
      `'id', c.allocation_id, 'upstream_ref', c.ref, 'request_key', gen_random_uuid(),
       'cost_hold_id', gen_random_uuid(), ${ids}`,
    ),
  )
  await db.query(copied('upstream_leases', 'order_id', `'allocation_id', c.allocation_id, ${ids}`))
}

/** The database's CPU time for recording each order by itself, as if each had been read alone, in ms. */
async function costOneByOne(dealing: Dealing): Promise<number> {
  const rows = await dealing.db.query<{ id: bigint }>('select id from allocations limit $1', [
    oneByOne,
  ])
  const reading = { state: 'waiting', cost: null, hasMessage: false } as const
  const before = await databaseMs(dealing.db)
  for (const { id } of rows) await recordReading(dealing, new Date(), id, reading)
  return ((await databaseMs(dealing.db)) - before) * (orders / rows.length)
}

type Bench = {
  readonly url: string
  readonly db: Database
  readonly supplierId: number
  readonly peer: Peer
  /** What it costs the database to record each order by itself. */
  readonly oneByOneMs: number
}

async function measure(bench: Bench, { kind, name }: (typeof wires)[number]): Promise<Result[]> {
  const { url, db, supplierId, peer } = bench
  await db.query('update suppliers set kind = $2 where id = $1', [supplierId, kind])
  await db.query('delete from supplier_feeds')
  await db.query('update allocations set poll_at = now() where poll_at is not null')
  await db.query('vacuum allocations')
  peer.forget()
  const directory = await mkdtemp(join(tmpdir(), 'numlet-upstream-'))
  const server = await startServer(url, { NUMLET_DATA: directory, NUMLET_DEMO: '0' }, 'start')
  // The first sweep finds all orders due at once, and the code is compiled.
  const first = await nextSweep(bench, null)
  const before = { requests: peer.requests(), polls: await polls(db), ms: await databaseMs(db) }
  const ages = sampledAges(peer)
  let last = first
  for (let sweep = 0; sweep < sweeps; sweep++) last = await nextSweep(bench, last)
  const seconds = (last.getTime() - first.getTime()) / 1000
  const sampled = ages()
  const requests = (peer.requests() - before.requests) / seconds
  const read = ((await polls(db)) - before.polls) / seconds
  const ms = ((await databaseMs(db)) - before.ms) / sweeps
  await server.stop()
  await rm(directory, { recursive: true, force: true })
  const times = Math.round(orders / yardstickS / requests)
  process.stderr.write(`  ${name}: one request where the yardstick sends ${times}\n`)
  const age = (share: number) =>
    result(`${name}: age, p${share * 100}`, 's', percentile(sampled, share), share * yardstickS)
  return [
    result(`${name}: requests`, 'requests/s', requests, orders / yardstickS),
    result(`${name}: read again`, 's', orders / read, yardstickS),
    ...[age(0.5), age(0.95)],
    result(`${name}: database’s CPU, a sweep`, 'ms', ms, bench.oneByOneMs),
  ]
}

/** How old the platform’s last word on each order is, from now until it is called, in seconds. */
function sampledAges(peer: Peer): () => readonly number[] {
  const sampled: number[] = []
  const take = () => sampled.push(...peer.ages().filter((_, place) => place % 10 === 0))
  const timer = setInterval(take, sampleMs)
  return () => {
    clearInterval(timer)
    return sampled
  }
}

/** Waits for the end of a sweep. @param last when the one before ended @returns when it ended */
async function nextSweep({ db, supplierId }: Bench, last: Date | null): Promise<Date> {
  for (const end = performance.now() + sweepTimeoutS * 1000; performance.now() < end; ) {
    const [feed] = await db.query<{ at: Date | null }>(
      `select swept_at as at from supplier_feeds where supplier_id = $1 and feed = 'list'`,
      [supplierId],
    )
    if (feed?.at && feed.at.getTime() !== last?.getTime()) return feed.at
    await new Promise((resolve) => setTimeout(resolve, sampleMs))
  }
  throw new Error(`no sweep has ended within ${sweepTimeoutS} s`)
}

/** How often orders were read so far. */
async function polls(db: Database): Promise<number> {
  const [row] = await db.query<{ polls: bigint }>(
    'select sum(polls)::bigint as polls from allocations',
  )
  return Number(row?.polls)
}
