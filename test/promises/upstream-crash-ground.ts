// Where the program is killed while it deals with another Numlet: the real program here, the other platform,
// and what is between them.
import { afterAll, expect } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { putOffers } from '../../src/core/catalog/set-offers.ts'
import { productText } from '../../src/core/supply/product.ts'
import { putSources } from '../../src/core/supply/sources.ts'
import type { Database } from '../../src/db/database.ts'
import { testDatabase, testKey } from '../harness/database.ts'
import { eventually, type Program, startProgram, unlimited } from '../harness/program.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import {
  type Api,
  type Asked,
  accountAt,
  addNumlet,
  faultyProxy,
  senderAt,
} from '../supply/upstream/between.ts'
import { openOwnMarket } from '../supply/upstream/market.ts'
import { expectCleanAudit, services } from './market.ts'

export type Order = {
  id: string
  state: string
  phone: string
  code: string | null
  messages: object[]
}

/** Where the program waits until it is killed: for a lock that this test holds. */
const heldKey = 728_302
const waitingLocks = `from pg_locks where locktype = 'advisory' and not granted and objid = ${heldKey}
  and database = (select oid from pg_database where datname = current_database())`
const credit = '1000'
const dayS = 86_400

/** Rentals of a day at both, for the price of an activation. @returns the offer here */
async function offerRentals(ours: Database, theirs: Database): Promise<number> {
  await theirs.query(`update offers set price = 5000 where kind = 'rental'`)
  const [place] = await ours.query<{ country: string; operatorId: number; pool: string }>(
    `select country, operator_id as "operatorId", pool from offers
      where kind = 'activation' and service_id = $1 order by id limit 1`,
    [services.whatsapp],
  )
  if (!place) throw new Error('there is no offer')
  const rental = { kind: 'rental', serviceId: services.whatsapp, price: 20_000n } as const
  await ours.begin((tx) => putOffers(tx, [{ ...place, ...rental, durationS: dayS }]))
  const [row] = await ours.query<{ id: number }>(`select id from offers where kind = 'rental'`)
  return (row as { id: number }).id
}

/** The program, the platform that it asks, and what may happen to both. */
export async function openCrashGround(api: Api) {
  const places = await openPlaces(api)
  await bePatient(places.db)
  const program = await programOn(places.url)
  const customer = customerOf(program, places.key)
  return {
    ...{ ...places, ...program, ...customer },
    ...killing(places, program),
    ...rights(places, customer),
  }
}

type Places = Awaited<ReturnType<typeof openPlaces>>
type Running = Awaited<ReturnType<typeof programOn>>

/** The database of the program, the platform, and what is between them. */
async function openPlaces(api: Api) {
  const { db, url } = await testDatabase('catalog')
  const { supplierId } = await testSupplier(db)
  const offerId = await openOwnMarket(db, supplierId, 1, 'Any')
  await db.query('update stock set remaining = 0, next_position = 1000')
  await db.query(`update numbers set state = 'disabled'`)
  const theirs = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { send } = await senderAt(theirs)
  const account = await accountAt(theirs, api)
  const between = await faultyProxy(theirs.url)
  const at = { api, url: between.url, key: account.key, offerId, cost: 5_000n }
  const { supplierId: numletId } = await addNumlet(db, new Date(), at)
  const addRentals = (id: number) => {
    const product = productText({ ...api.product, durationS: dayS }) as string
    const source = { offerId: id, supplierId: numletId, product, cost: 5_000n, stock: 1_000 }
    return db.begin((tx) => putSources(tx, new Date(), [source]))
  }
  const rentalId = await offerRentals(db, theirs.db)
  if (api.kind !== 'fivesim') await addRentals(rentalId)
  const { accountId, key } = await testCustomer(db, { credit })
  return { db, url, theirs, account, accountId, key, between, send }
}

/** How fast a machine is does not decide whether a number comes in time. */
async function bePatient(db: Database): Promise<void> {
  await db.query(
    `create function be_patient() returns trigger language plpgsql as $$
       begin new.allocate_by := new.allocate_by + interval '1 hour'; return new; end $$`,
  )
  for (const table of ['orders', 'allocations'])
    await db.query(
      `create trigger be_patient before insert on ${table}
         for each row when (new.allocate_by is not null) execute function be_patient()`,
    )
}

async function programOn(url: string) {
  const env = { ...unlimited, NUMLET_ENCRYPTION_KEY: testKey, NUMLET_LOG: 'silent' }
  let program: Program
  const start = async (role?: 'serve') => {
    program = await startProgram({ ...env, DATABASE_URL: url }, role)
  }
  await start()

  afterAll(async () => {
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
  })
  return { program: () => program, start }
}

/** What the customer does. */
function customerOf({ program }: Running, key: string) {
  /** Buys, and does not wait. */
  async function buy(): Promise<Order> {
    const wanted = { service: 'whatsapp', country: 'GB' }
    const { body } = await call<Order>(program(), key, 'POST', '/v1/orders?wait=0', wanted)
    return body
  }
  /** Rents for a day, and does not wait. */
  async function rent(): Promise<Order> {
    const wanted = { kind: 'rental', service: 'whatsapp', country: 'GB', duration: '1d' }
    const { body } = await call<Order>(program(), key, 'POST', '/v1/orders?wait=0', wanted)
    return body
  }
  const read = async ({ id }: Order) =>
    (await call<Order>(program(), key, 'GET', `/v1/orders/${id}`)).body
  const whenIt = (order: Order, state: string) =>
    eventually(async () => {
      const found = await read(order)
      return found.state === state && found
    })
  const bought = async () => whenIt(await buy(), 'waiting')
  const post = ({ id }: Order, verb: string) =>
    call(program(), key, 'POST', `/v1/orders/${id}/${verb}`).catch(() => null)
  return { buy, rent, read, whenIt, bought, post }
}

/** How the program is killed. */
function killing({ db, between }: Places, { program, start }: Running) {
  async function killAndStart() {
    await program().end('SIGKILL')
    // Otherwise PostgreSQL would finish the statement of the dead program.
    await db.query(`select pg_terminate_backend(pid) ${waitingLocks}`)
    between.set('none')
    await start()
  }

  /** What the dead program had claimed is due again. */
  async function hasten() {
    await db.query(`update allocations set lease_until = now() where state = 'asking'`)
    await db.query(`update allocations set poll_at = now() where poll_at is not null`)
    await db.query(`update supplier_commands set due_at = now() where state = 'open'`)
    await db.query('update supplier_feeds set leased_until = null, due_at = now()')
  }

  /** Kills the program while a request of a sort is on its way: before the other side has seen it, or when it
   * has done it, and the answer is not back. */
  async function killedAt(asked: Asked, when: 'sent' | 'done', work: () => Promise<unknown>) {
    const here = Promise.withResolvers<void>()
    const dead = Promise.withResolvers<void>()
    between.set(async (one) => {
      if (one !== asked) return 'none'
      if (when === 'done') return 'hang'
      here.resolve()
      await dead.promise
      return 'lose request'
    })
    const before = between.done.length
    await work()
    if (when === 'sent') await here.promise
    else await eventually(async () => between.done.slice(before).includes(asked))
    await killAndStart()
    dead.resolve()
    await hasten()
  }

  /** Kills the program while it waits to write something. */
  async function killedWriting(
    place: { table: string; on: string; when?: string },
    work: () => Promise<unknown>,
  ) {
    const { table, on, when = 'true' } = place
    await db.query(
      `create function hold() returns trigger language plpgsql as $$
         begin perform pg_advisory_xact_lock(${heldKey}); return new; end $$`,
    )
    await db.query(
      `create trigger hold before ${on} on ${table} for each row when (${when}) execute function hold()`,
    )
    await db.begin(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(${heldKey})`)
      await work()
      await eventually(async () => (await db.query(`select 1 as yes ${waitingLocks}`)).length > 0)
      await program().end('SIGKILL')
      await db.query(`select pg_terminate_backend(pid) ${waitingLocks}`)
    })
    await db.query('drop function hold cascade')
    await killAndStart()
    await hasten()
  }
  return { hasten, killedAt, killedWriting }
}

/** What has to be right in the end. */
function rights(
  { db, theirs, account, accountId }: Places,
  { whenIt }: ReturnType<typeof customerOf>,
) {
  /** Each number there is that of one request here, and what was paid is right on both sides. */
  async function expectRight(states: { ours: string; theirs: string | null }, order: Order) {
    const found = await whenIt(order, states.ours)
    const [last] = (await account.orders()).slice(-1)
    if (states.theirs !== null)
      await eventually(async () => (await account.orders()).at(-1)?.state === states.theirs)
    if (found.phone !== null && states.theirs !== null) expect(found.phone).toBe(last?.phone)
    const refs = await db.query(
      `select 1 as yes from allocations where upstream_ref is not null and purpose <> 'renew'`,
    )
    expect(refs).toHaveLength((await account.orders()).length)
    const [paid] = await db.query<{ orders: number }>(
      `select (count(*) + coalesce(sum(renewals), 0))::int as orders from orders
        where state in ('allocating', 'waiting', 'received', 'finished', 'active')`,
    )
    expect(await balanceOf(db, accountId)).toBe(10_000_000n - BigInt(paid?.orders ?? 0) * 20_000n)
    await expectCleanAudit(db)
    await expectCleanAudit(theirs.db)
    return found
  }
  /** The request that has the number that was bought last. */
  const costOf = async () => {
    const [row] = await db.query<{ cost_state: string; last_word: string | null; state: string }>(
      'select state, cost_state, last_word from allocations where phone = $1 order by id desc limit 1',
      [(await account.orders()).at(-1)?.phone],
    )
    return row
  }
  const whenCost = (wanted: Awaited<ReturnType<typeof costOf>>) =>
    expect.poll(costOf).toEqual(wanted)
  return { expectRight, whenCost }
}
