// Promise 4 for numbers of other platforms: the program is killed after each step of an order, and the next
// one finds what was asked. Nothing is bought twice, nothing is lost, and the money is right on both sides.
// `npm test` kills it at a few places, `npm run test:long` at all of them, over all kinds of platforms.
import { afterAll, describe, expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { putOffers } from '../../src/core/catalog/set-offers.ts'
import { productText } from '../../src/core/supply/product.ts'
import { putSources } from '../../src/core/supply/sources.ts'
import type { Database } from '../../src/db/database.ts'
import { attempts } from '../harness/attempts.ts'
import { testDatabase, testKey } from '../harness/database.ts'
import { eventually, type Program, startProgram, unlimited } from '../harness/program.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import {
  type Asked,
  accountAt,
  addNumlet,
  apis,
  faultyProxy,
  senderAt,
} from '../supply/upstream/between.ts'
import { openOwnMarket } from '../supply/upstream/market.ts'
import { expectCleanAudit, services } from './market.ts'

type Order = { id: string; state: string; phone: string; code: string | null; messages: object[] }

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

/** Tests of the long run alone. */
const inLong = attempts<(name: string, test: () => Promise<void>) => void>(() => undefined, it)

describe.each(attempts(apis.slice(0, 1), [...apis]))('after kill -9, over $kind', async (api) => {
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
  // How fast a machine is does not decide whether a number comes in time.
  await db.query(
    `create function be_patient() returns trigger language plpgsql as $$
       begin new.allocate_by := new.allocate_by + interval '1 hour'; return new; end $$`,
  )
  for (const table of ['orders', 'allocations'])
    await db.query(
      `create trigger be_patient before insert on ${table}
         for each row when (new.allocate_by is not null) execute function be_patient()`,
    )
  const start = (role?: 'serve') =>
    startProgram(
      {
        ...unlimited,
        DATABASE_URL: url,
        NUMLET_ENCRYPTION_KEY: testKey,
        NUMLET_LOG: 'silent',
      },
      role,
    )
  let program: Program = await start()

  afterAll(async () => {
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
  })

  /** Buys, and does not wait. */
  async function buy(): Promise<Order> {
    const wanted = { service: 'whatsapp', country: 'GB' }
    const { body } = await call<Order>(program, key, 'POST', '/v1/orders?wait=0', wanted)
    return body
  }
  const read = async ({ id }: Order) =>
    (await call<Order>(program, key, 'GET', `/v1/orders/${id}`)).body
  const whenIt = (order: Order, state: string) =>
    eventually(async () => {
      const found = await read(order)
      return found.state === state && found
    })
  const bought = async () => whenIt(await buy(), 'waiting')
  const post = ({ id }: Order, verb: string) =>
    call(program, key, 'POST', `/v1/orders/${id}/${verb}`).catch(() => null)

  async function killAndStart() {
    await program.end('SIGKILL')
    // Otherwise PostgreSQL would finish the statement of the dead program.
    await db.query(`select pg_terminate_backend(pid) ${waitingLocks}`)
    between.set('none')
    program = await start()
  }

  /** What the dead program had claimed is due again. */
  async function hasten() {
    await db.query(`update allocations set lease_until = now() where state = 'asking'`)
    await db.query(`update allocations set poll_at = now() where poll_at is not null`)
    await db.query(`update supplier_commands set due_at = now() where state = 'open'`)
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
      await program.end('SIGKILL')
      await db.query(`select pg_terminate_backend(pid) ${waitingLocks}`)
    })
    await db.query('drop function hold cascade')
    await killAndStart()
    await hasten()
  }

  /** Each number there is that of one request here, and what was paid is right on both sides. */
  async function expectRight(states: { ours: string; theirs: string | null }, order: Order) {
    const found = await whenIt(order, states.ours)
    const [last] = (await account.orders()).slice(-1)
    if (states.theirs !== null)
      await eventually(async () => (await account.orders()).at(-1)?.state === states.theirs)
    if (found.phone !== null && states.theirs !== null) expect(found.phone).toBe(last?.phone)
    const refs = await db.query('select 1 as yes from allocations where upstream_ref is not null')
    expect(refs).toHaveLength((await account.orders()).length)
    const [paid] = await db.query<{ orders: number }>(
      `select count(*)::int as orders from orders
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

  inLong('of a purchase, its request is sent', async () => {
    let order: Order | undefined
    const when = `new.state = 'asking'`
    await killedWriting({ table: 'allocations', on: 'update', when }, async () => {
      order = await buy()
    })
    await expectRight({ ours: 'waiting', theirs: 'waiting' }, order as Order)
  })

  inLong('of a request that was not sent, it is repeated by its key, or never', async () => {
    const before = (await account.orders()).length
    let order: Order | undefined
    await killedAt('ask', 'sent', async () => {
      order = await buy()
    })
    if (api.isKeyed) {
      await expectRight({ ours: 'waiting', theirs: 'waiting' }, order as Order)
      return
    }
    const lost = () => db.query(`select 1 as yes from allocations where state = 'unknown'`)
    await eventually(async () => (await lost()).length > 0)
    await db.query(`update orders set allocate_by = now() where state = 'allocating'`)
    await db.query(`update allocations set allocate_by = now() where state = 'unknown'`)
    await expectRight({ ours: 'failed', theirs: null }, order as Order)
    expect(await account.orders()).toHaveLength(before)
  })

  inLong('of a request without its answer, the number is found', async () => {
    const before = (await account.orders()).length
    let order: Order | undefined
    await killedAt('ask', 'done', async () => {
      order = await buy()
    })
    await expectRight({ ours: 'waiting', theirs: 'waiting' }, order as Order)
    expect(await account.orders()).toHaveLength(before + 1)
  })

  it('of an answer that was not recorded, the number is found', async () => {
    const before = (await account.orders()).length
    let order: Order | undefined
    const when = `new.state = 'got' and old.state <> 'got'`
    await killedWriting({ table: 'allocations', on: 'update', when }, async () => {
      order = await buy()
    })
    await expectRight({ ours: 'waiting', theirs: 'waiting' }, order as Order)
    expect(await account.orders()).toHaveLength(before + 1)
  })

  /** Its new number is there, and the old one is given back. */
  async function expectReplaced(old: Order) {
    await whenIt(old, 'cancelled')
    const [row] = await db.query<{ id: bigint }>(
      'select n.id from orders n join orders o on o.replaced_by = n.id where o.phone = $1',
      [old.phone],
    )
    const { body } = await call<{ data: Order[] }>(program, key, 'GET', '/v1/orders?limit=1')
    const [fresh] = body.data
    const found = await expectRight({ ours: 'waiting', theirs: 'waiting' }, fresh as Order)
    expect(found).toMatchObject({ number: Number(row?.id), replaces: old.id })
    expect(found.phone).not.toBe(old.phone)
    await hasten()
    const theirOld = async () =>
      (await account.orders()).find(({ phone }) => phone === old.phone)?.state
    await expect.poll(theirOld).toBe('cancelled')
  }

  inLong('of a replacement without its answer, it is found, and made once', async () => {
    const old = await bought()
    await killedAt('ask', 'done', async () => void post(old, 'replace'))
    await expectReplaced(old)
  })

  it('of a replacement that was not recorded, it is found, and made once', async () => {
    const old = await bought()
    const place = { table: 'orders', on: 'insert' }
    await killedWriting(place, async () => void post(old, 'replace'))
    await expectReplaced(old)
  })

  if (api.kind !== 'fivesim')
    inLong('of a rental, it is rented once, and paid once', async () => {
      const wanted = { kind: 'rental', service: 'whatsapp', country: 'GB', duration: '1d' }
      const rent = async () =>
        (await call<Order>(program, key, 'POST', '/v1/orders?wait=0', wanted)).body
      let order: Order | undefined
      await killedAt('ask', 'done', async () => {
        order = await rent()
      })
      await expectRight({ ours: 'active', theirs: 'active' }, order as Order)
      const when = `new.state = 'got' and old.state <> 'got'`
      await killedWriting({ table: 'allocations', on: 'update', when }, async () => {
        order = await rent()
      })
      await expectRight({ ours: 'active', theirs: 'active' }, order as Order)
      const place = { table: 'messages', on: 'insert' }
      const { phone } = await read(order as Order)
      await killedWriting(place, () => send(phone, 'Your WhatsApp code: 593-821'))
      await eventually(async () => (await read(order as Order)).code === '593821')
      await expectRight({ ours: 'active', theirs: 'active' }, order as Order)
    })

  inLong('of a number that is bought again, it is bought once', async () => {
    const first = await bought()
    await send(first.phone, 'Your WhatsApp code: 593-821')
    await whenIt(first, 'received')
    await post(first, 'finish')
    await expectRight({ ours: 'finished', theirs: 'finished' }, first)
    const before = (await account.orders()).length
    await killedAt('ask', 'done', async () => void post(first, 'repeat'))
    const { body } = await call<{ data: Order[] }>(program, key, 'GET', '/v1/orders?limit=1')
    const [again] = body.data
    const found = await expectRight({ ours: 'waiting', theirs: 'waiting' }, again as Order)
    expect(found.phone).toBe(first.phone)
    expect(await account.orders()).toHaveLength(before + 1)
  })

  it('of a number that nobody wants, it is given back', async () => {
    let order: Order | undefined
    await killedAt('ask', 'done', async () => {
      order = await buy()
    })
    await post(order as Order, 'cancel')
    await killedAt('cancel', 'sent', hasten)
    await expectRight({ ours: 'cancelled', theirs: 'cancelled' }, order as Order)
    await whenCost({ state: 'given_up', cost_state: 'voided', last_word: 'refunded' })
  })

  inLong('of a code, it is stored once, and its cost is kept once', async () => {
    const places = [
      { table: 'messages', on: 'insert' },
      { table: 'allocations', on: 'update', when: `new.cost_state = 'posted'` },
    ]
    for (const place of places) {
      const order = await bought()
      await killedWriting(place, () => send(order.phone, 'Your WhatsApp code: 593-821'))
      const found = await expectRight({ ours: 'received', theirs: 'received' }, order)
      expect(found).toMatchObject({ code: '593821', messages: [{}] })
      await whenCost({ state: 'got', cost_state: 'posted', last_word: null })
      await post(order, 'finish')
      await expectRight({ ours: 'finished', theirs: 'finished' }, order)
      await whenCost({ state: 'got', cost_state: 'posted', last_word: 'charged' })
    }
  })

  inLong('of a cancel, sent or not, it is done on both sides', async () => {
    for (const when of ['sent', 'done'] as const) {
      const order = await bought()
      await killedAt('cancel', when, async () => void post(order, 'cancel'))
      await expectRight({ ours: 'cancelled', theirs: 'cancelled' }, order)
      await whenCost({ state: 'got', cost_state: 'voided', last_word: 'refunded' })
    }
  })

  it('of a cancel that was confirmed, and not recorded, it is done', async () => {
    const order = await bought()
    const place = { table: 'orders', on: 'update', when: `new.state = 'cancelled'` }
    await killedWriting(place, async () => void post(order, 'cancel'))
    await expectRight({ ours: 'cancelled', theirs: 'cancelled' }, order)
    await whenCost({ state: 'got', cost_state: 'voided', last_word: 'refunded' })
  })

  inLong('of an order that was closed, the other side is told', async () => {
    for (const when of ['sent', 'done'] as const) {
      const order = await bought()
      await send(order.phone, 'Your WhatsApp code: 593-821')
      await whenIt(order, 'received')
      await killedAt('finish', when, () => post(order, 'finish'))
      await expectRight({ ours: 'finished', theirs: 'finished' }, order)
      await whenCost({ state: 'got', cost_state: 'posted', last_word: 'charged' })
    }
  })

  inLong(
    'of the only worker, an order fails when its time is over, and its money is back',
    async () => {
      const before = between.seen.length
      await program.end('SIGKILL')
      program = await start('serve')
      const order = await buy()
      expect(order).toMatchObject({ state: 'allocating', phone: null })
      for (const table of ['orders', 'allocations'])
        await db.query(
          `update ${table} set allocate_by = now() where state in ('allocating', 'planned')`,
        )
      await whenIt(order, 'failed')
      expect(between.seen).toHaveLength(before)
      expect(await program.end('SIGTERM'), program.output()).toBe(0)
      program = await start()
      await expectRight({ ours: 'failed', theirs: null }, order)
    },
  )
})
