// `upstream`: the requests that it takes to know of 10,000 orders that wait for messages at one platform,
// compared with one request each five seconds for each order; and how old that knowledge gets.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inboxCloser } from '../src/core/inboxes/ending.ts'
import { createWithoutSecret } from '../src/core/inventory/suppliers.ts'
import { maxQuantity } from '../src/core/orders/order.ts'
import { recordAnswer } from '../src/core/supply/answers.ts'
import { claimAsks } from '../src/core/supply/asks.ts'
import type { Dealing } from '../src/core/supply/dealing.ts'
import { productText } from '../src/core/supply/product.ts'
import { putSources } from '../src/core/supply/sources.ts'
import type { Database } from '../src/db/database.ts'
import { type BenchServer, fillPlatform, type ServerProcess, startServer } from './ground.ts'
import { httpLoad, requestText } from './http-load.ts'
import { type Result, result } from './measure.ts'
import { openPeer, type Peer, phoneOf } from './upstream-peer.ts'

const orders = Number(process.env.UPSTREAM_ORDERS ?? 10_000)
const measuredS = Number(process.env.UPSTREAM_SECONDS ?? 60)
const warmS = 20
/** What is polled instead. */
const yardstickS = 5
const wires = [
  { kind: 'handler-api', path: '', name: 'handler_api, list' },
  { kind: 'fivesim', path: '', name: '5sim, list' },
  { kind: 'numlet', path: '', name: 'Numlet, list and stream' },
] as const

export async function upstream(ground: BenchServer): Promise<Result[]> {
  const peer = await openPeer(orders)
  const platform = await fillPlatform(ground, 'bench_upstream', { numbers: 20, accounts: 100 })
  const { db } = platform
  const supplierId = await addSupplier(db, peer)
  await fillOrders(platform, supplierId)
  const results: Result[] = []
  for (const wire of wires) results.push(...(await measure(platform, supplierId, peer, wire)))
  peer.stop()
  await db.end()
  return results
}

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
  const source = { offerId: offer.id, supplierId: id, product, cost: 1n, stock: 2 * orders }
  await db.begin((tx) => putSources(tx, new Date(), [source]))
  return id
}

const ordersACall = maxQuantity

/** Buys as customers do; the platform's answers are recorded without the network. */
async function fillOrders(
  { url, db, keys }: { url: string; db: Database; keys: readonly string[] },
  supplierId: number,
): Promise<void> {
  const server = await startServer(url)
  const terms = { cancelCooldownS: 120, activationWindowS: 1_200 }
  const dealing: Dealing = { db, terms, closers: { email: inboxCloser } }
  let id = 0
  for (let call = 0; id < orders; call++) {
    const quantity = Math.min(ordersACall, orders - id)
    await buy(server, keys[call % keys.length] as string, quantity)
    const asks = await claimAsks(dealing, new Date(), supplierId)
    if (asks.length !== quantity)
      throw new Error(`${quantity} were bought, ${asks.length} asked for`)
    await Promise.all(
      asks.map(({ allocationId, claims }) => {
        const ref = ++id
        return recordAnswer(dealing, new Date(), {
          ...{ allocationId, claims },
          verdict: {
            ...{ kind: 'number', ref: String(ref), phone: `+${phoneOf(ref)}`, cost: 1n },
            ...{ operator: null, currency: null, endsAt: null, cancelAfter: null },
          },
        })
      }),
    )
    if (id % 1_000 === 0) process.stderr.write(`  ${id} orders\n`)
  }
  await server.stop()
  // In their first two minutes orders are read more often.
  await db.query(`update allocations set asked_at = asked_at - interval '5 minutes'`)
}

async function buy(server: ServerProcess, key: string, quantity: number): Promise<void> {
  let isSent = false
  let refusal: string | null = null
  const body = JSON.stringify({ service: 'telegram', country: 'GB', quantity })
  await httpLoad(server, 1, {
    request: () => {
      if (isSent) return null
      isSent = true
      return requestText('POST', '/v1/orders?wait=0', { authorization: `Bearer ${key}` }, body)
    },
    answered(status, answer) {
      if (status !== 202) refusal = `${status}: ${answer.slice(0, 300)}`
    },
  })
  if (refusal !== null) throw new Error(refusal)
}

async function measure(
  { url, db }: { url: string; db: Database },
  supplierId: number,
  peer: Peer,
  wire: (typeof wires)[number],
): Promise<Result[]> {
  await db.query('update suppliers set kind = $2 where id = $1', [supplierId, wire.kind])
  await db.query('delete from supplier_feeds')
  await db.query('update allocations set poll_at = now() where poll_at is not null')
  const directory = await mkdtemp(join(tmpdir(), 'numlet-upstream-'))
  const server = await startServer(url, { NUMLET_DATA: directory, NUMLET_DEMO: '0' }, 'start')
  await pause(warmS)
  const before = { requests: peer.requests(), readings: await readings(db) }
  const began = performance.now()
  await pause(measuredS)
  const seconds = (performance.now() - began) / 1000
  const requests = (peer.requests() - before.requests) / seconds
  const read = ((await readings(db)) - before.readings) / seconds
  await server.stop()
  await rm(directory, { recursive: true, force: true })
  const times = Math.round(orders / yardstickS / requests)
  process.stderr.write(`  ${wire.name}: one request where the yardstick sends ${times}\n`)
  return [
    result(wire.name, 'requests/s', requests, orders / yardstickS),
    result(`${wire.name}, read again`, 's', orders / read, yardstickS),
  ]
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** How often orders were read so far. */
async function readings(db: Database): Promise<number> {
  const [row] = await db.query<{ polls: bigint }>(
    'select sum(polls)::bigint as polls from allocations',
  )
  return Number(row?.polls)
}
