// Promise 4 for numbers of other platforms: the program is killed after each step of an order, and the next
// one finds what was asked. Nothing is bought twice, nothing is lost, and the money is right on both sides.
// `npm test` kills it at a few places, `npm run test:long` at all of them, over all kinds of platforms.
import { describe, expect, it } from 'vitest'
import { attempts } from '../harness/attempts.ts'
import { eventually } from '../harness/program.ts'
import { call } from '../harness/server.ts'
import { apis } from '../supply/upstream/between.ts'
import { type Order, openCrashGround } from './upstream-crash-ground.ts'

/** Tests of the long run alone. */
const inLong = attempts<(name: string, test: () => Promise<void>) => void>(() => undefined, it)

describe.each(attempts(apis.slice(0, 1), [...apis]))('after kill -9, over $kind', async (api) => {
  const ground = await openCrashGround(api)
  const { db, account, key, between, send } = ground
  const { buy, rent, read, bought, post, whenIt } = ground
  const { hasten, killedAt, killedWriting, expectRight, whenCost } = ground

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
    const { body } = await call<{ data: Order[] }>(
      ground.program(),
      key,
      'GET',
      '/v1/orders?limit=1',
    )
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
    const { body } = await call<{ data: Order[] }>(
      ground.program(),
      key,
      'GET',
      '/v1/orders?limit=1',
    )
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
      await ground.program().end('SIGKILL')
      const before = between.seen.length
      await ground.start('serve')
      const order = await buy()
      expect(order).toMatchObject({ state: 'allocating', phone: null })
      for (const table of ['orders', 'allocations'])
        await db.query(
          `update ${table} set allocate_by = now() where state in ('allocating', 'planned')`,
        )
      await whenIt(order, 'failed')
      expect(between.seen).toHaveLength(before)
      expect(await ground.program().end('SIGTERM'), ground.program().output()).toBe(0)
      await ground.start()
      await expectRight({ ours: 'failed', theirs: null }, order)
    },
  )
})
