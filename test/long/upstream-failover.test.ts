// The primary is killed while numbers of another platform are asked for, read and given back, and its standby
// promoted, and some answers are lost: what customers were told stays true, each number there is one order's
// here, and the money is right.
import { describe, expect, it, onTestFinished } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { openPair, type Pair } from '../epochs/pair.ts'
import { testKey } from '../harness/database.ts'
import { eventually, unlimited } from '../harness/program.ts'
import { call, type Reply, testCustomer, testSupplier } from '../harness/server.ts'
import { expectCleanAudit, type Lots, lots } from '../promises/market.ts'
import { cost, openTheirs } from '../promises/upstream-ground.ts'
import { startNumlet } from '../start/program.ts'
import { addNumlet, apis } from '../supply/upstream/between.ts'
import { openOwnMarket, price } from '../supply/upstream/market.ts'
import { answered, type Target } from './failover-clients.ts'

const patienceMs = 300_000
const customers = 6
const ordersBeforeKill = 20
const ordersAfter = 20
const kills = 2
const credit = 10_000_000n

type Order = { id: string; state: string; phone: string | null; code: string | null }
/** What a customer was told of an order, last. */
type Told = { phone: string; verb?: 'cancel' | 'finish'; code?: string }

type Asked = [method: string, path: string, body?: unknown, headers?: Record<string, string>]
type Send = (phone: string, text: string, id: string) => Promise<unknown>

/** A server and a worker, which are never restarted. */
async function openNodes(url: string) {
  const env = {
    ...unlimited,
    DATABASE_URL: url,
    NUMLET_ENCRYPTION_KEY: testKey,
    NUMLET_CANCEL_COOLDOWN_S: '0',
  }
  const server = startNumlet(env, { args: ['serve'] })
  const worker = startNumlet(env, { args: ['work'] })
  const at = { url: await server.ready() }
  await worker.says(/The worker is running/)
  return {
    at,
    async stop() {
      for (const { child } of [server, worker]) child.kill('SIGTERM')
      for (const { ended } of [server, worker]) expect(await ended).toBe(0)
    },
  }
}

/** Customers of one account, who buy, get codes, cancel and finish, and repeat what has no answer. */
class Shoppers {
  readonly told = new Map<string, Told>()
  readonly wrong: string[] = []
  failed = 0
  readonly #at: Target
  readonly #key: string
  readonly #send: Send
  #asked = 0

  constructor(at: Target, key: string, send: Send) {
    this.#at = at
    this.#key = key
    this.#send = send
  }

  async run(lot: Lots, stopped: () => boolean): Promise<void> {
    const shop = async () => {
      while (!stopped()) await this.#shopOnce(lot)
    }
    await Promise.all(Array.from({ length: customers }, shop))
  }

  async #shopOnce(lot: Lots): Promise<void> {
    const wish = { service: 'whatsapp', country: 'GB' }
    const ours = ++this.#asked
    const once = { 'idempotency-key': `order-${ours}` }
    const { status, body } = await this.#answered<Order>('POST', '/v1/orders', wish, once)
    // No number in time, or the request was under way when the database went.
    if (status !== 201 || body.phone === null) {
      if (status !== 201 && status !== 409) this.wrong.push(`buy: ${status}`)
      this.failed += 1
      return
    }
    const told: Told = { phone: body.phone }
    this.told.set(body.id, told)
    if (lot.oneOf([true, false])) {
      const code = String(100_000 + ours)
      await this.#send(body.phone, `Your WhatsApp code: ${code}`, `message ${ours}`)
      told.code = code
      await eventually(async () => (await this.#read(body.id)).code === code, patienceMs)
    }
    const verb = told.code === undefined ? 'cancel' : 'finish'
    const ended = await this.#answered<Order>('POST', `/v1/orders/${body.id}/${verb}`)
    if (ended.status === 200) told.verb = verb
    else this.wrong.push(`${verb}: ${ended.status}`)
  }

  async #read(id: string): Promise<Order> {
    const { status, body } = await this.#answered<Order>('GET', `/v1/orders/${id}`)
    if (status !== 200) this.wrong.push(`read: ${status}`)
    return body
  }

  #answered<T>(...[method, path, body, headers]: Asked): Promise<Reply<T>> {
    return answered(() => call<T>(this.#at, this.#key, method, path, body, headers))
  }
}

/** A kill in the midst of it, and more orders afterwards. @returns the seconds without service */
async function failOver(pair: Pair, shoppers: Shoppers, at: Target, seed: number): Promise<number> {
  await pair.follow('on')
  let isOver = false
  const running = shoppers.run(lots(seed), () => isOver)
  const more = (count: number) => {
    const start = shoppers.told.size
    return eventually(async () => shoppers.told.size >= start + count, patienceMs)
  }
  try {
    await more(ordersBeforeKill)
    const begun = performance.now()
    await pair.killPrimary()
    await pair.promoteStandby()
    await eventually(async () => (await fetch(`${at.url}/health/ready`)).ok, patienceMs)
    const seconds = (performance.now() - begun) / 1_000
    await more(ordersAfter)
    return seconds
  } finally {
    isOver = true
    await running
  }
}

/** Makes what is repeated later due now. */
async function hasten(db: Database): Promise<void> {
  await db.query(`update allocations set poll_at = now() where poll_at is not null`)
  await db.query(`update supplier_commands set due_at = now() where state = 'open'`)
}

/** What has to be asked, told or looked up yet. */
async function underWay(db: Database): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select (select count(*) from allocations where state in ('planned', 'asking', 'unknown'))::int
          + (select count(*) from supplier_commands where state = 'open')::int
          + (select count(*) from orders where state = 'allocating')::int as count`,
  )
  return row?.count ?? 0
}

/** Each order is what its customer was told last. */
async function expectTrue(at: Target, key: string, told: Shoppers['told']): Promise<void> {
  const states = { cancel: 'cancelled', finish: 'finished' } as const
  for (const [id, { phone, verb, code = null }] of told) {
    const { body } = await call<Order>(at, key, 'GET', `/v1/orders/${id}`)
    expect(body, id).toMatchObject({ phone, code, ...(verb && { state: states[verb] }) })
  }
}

type Account = Awaited<ReturnType<typeof openTheirs>>['account']

/** Each number that was bought there is one request's here, and both sides say the same of it. */
async function expectSameThere(db: Database, account: Account): Promise<void> {
  const requests = await db.query<{ state: string; phone: string }>(
    `select case when a.state = 'got' then o.state else 'cancelled' end as state, a.phone
       from allocations a join orders o on o.id = a.order_id
      where a.upstream_ref is not null`,
  )
  const list = (all: readonly { state: string; phone: string | null }[]) =>
    all.map(({ state, phone }) => `${phone} ${state}`).sort()
  expect(list(requests)).toEqual(list(await account.orders()))
  const [row] = await db.query<{ cost: bigint }>(
    `select coalesce(sum(e.amount), 0)::bigint as cost
       from ledger_accounts a join entries e on e.ledger_account_id = a.id where a.kind = 'cost'`,
  )
  const kept = requests.filter(({ state }) => state === 'finished' || state === 'received')
  expect(row?.cost).toBe(BigInt(kept.length) * cost)
  expect(await db.query('select kind from differences')).toEqual([])
}

describe.skipIf(process.platform !== 'linux').each(apis.slice(0, 2))(
  'numbers of another platform, over $kind',
  (api) => {
    it(`${kills} kills of the primary`, { timeout: 3 * patienceMs }, async () => {
      const pair = await openPair()
      onTestFinished(() => pair.end())
      const db = openDatabase({ url: pair.url, poolSize: 4 })
      onTestFinished(() => db.end())
      const { theirs, send, account, between } = await openTheirs(api)
      await creditAccount(theirs.db, theirs.app.now(), {
        ...{ accountId: account.accountId, amount: credit, reference: 'payment' },
      })
      await db.query(`update numbers set state = 'disabled'`)
      await db.query('update stock set remaining = 0, next_position = 1000')
      let asked = 0
      between.set((what) => (what === 'ask' && ++asked % 7 === 0 ? 'lose answer' : 'none'))
      const { supplierId } = await testSupplier(db)
      const offerId = await openOwnMarket(db, supplierId, 0, 'Any')
      const at = { url: between.url, key: account.key, offerId, cost }
      const settings = { ...api.settings, rate_per_s: '100' }
      await addNumlet(db, new Date(), { api: { ...api, settings }, ...at })
      const { accountId, key } = await testCustomer(db, { credit: '1000' })
      const nodes = await openNodes(pair.url)
      const shoppers = new Shoppers(nodes.at, key, send)
      const unserved: number[] = []
      for (let kill = 0; kill < kills; kill++)
        unserved.push(await failOver(pair, shoppers, nodes.at, kill))
      await eventually(async () => {
        await hasten(db)
        return (await underWay(db)) === 0
      }, patienceMs)
      expect(shoppers.wrong).toEqual([])
      await expectTrue(nodes.at, key, shoppers.told)
      await nodes.stop()
      await expectSameThere(db, account)
      const [paid] = await db.query<{ count: number }>(
        `select count(*)::int as count from orders
          where account_id = $1 and state not in ('cancelled', 'failed', 'expired')`,
        [accountId],
      )
      expect(await balanceOf(db, accountId)).toBe(credit - BigInt(paid?.count ?? 0) * price)
      await expectCleanAudit(db)
      await expectCleanAudit(theirs.db, theirs.app.now())
      process.stderr.write(
        `${api.kind}: ${shoppers.told.size} orders with a number, ${shoppers.failed} without; ` +
          `unserved ${unserved.map((s) => s.toFixed(1)).join(', ')} s\n`,
      )
    })
  },
)
