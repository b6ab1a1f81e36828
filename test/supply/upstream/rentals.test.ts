// Rentals of another Numlet's numbers: paid when the number is there, many messages over days, and an end on
// both sides.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { setMarginRule } from '../../../src/core/operating/margin-rules.ts'
import { syncSupplier } from '../../../src/core/operating/supplier-prices.ts'
import { supplierKindNamed } from '../../../src/supply/kinds.ts'
import { readPriceList } from '../../../src/supply/upstream-readings.ts'
import { expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { apis } from './between.ts'
import { dayS, lengthS, openRentalGround, rentalCost, rentalPrice } from './rental-ground.ts'

describe.each(apis.slice(0, 2))('a rental of another Numlet, over $kind', async (api) => {
  const ground = await openRentalGround(api)
  const { app, db, theirs, accountId, settle, pass, send, books } = ground
  const { read, ask, rent, theirStates, allocationsOf, cancelUnanswered } = ground
  const canRenew = supplierKindNamed(api.kind)?.upstream?.features({}).canRenew ?? false
  const left = () => balanceOf(db, accountId)
  const expectRight = async () => {
    expect(await db.query('select kind from differences')).toEqual([])
    await expectCleanAudit(db, app.now())
    await expectCleanAudit(theirs.db, theirs.app.now())
  }

  it('is held while the platform is asked, and paid when the number is there', async () => {
    const before = await left()
    const asked = await ask()
    expect(asked).toMatchObject({ kind: 'rental', state: 'allocating', phone: null })
    expect(await left()).toBe(before - rentalPrice)
    const posts = () =>
      db.query(`select 1 as yes from transfers where kind = 'post' and order_id = $1`, [asked.id])
    expect(await posts()).toHaveLength(0)
    await settle()
    expect(await posts()).toHaveLength(1)
    const order = await read(asked.id)
    const expiresAt = new Date(app.now().getTime() + lengthS * 1000)
    expect(order).toMatchObject({ state: 'active', durationS: lengthS, expiresAt })
    expect((await ground.account.orders()).at(-1)).toMatchObject({ phone: order.phone })
    expect(await books()).toMatchObject({ atRisk: rentalCost, cost: 0n })
    await expectRight()
  })

  it('is found and rented once if an answer is lost, also when nobody waits any more', async () => {
    for (const fault of ['lose answer', 'lose request'] as const) {
      const before = (await ground.account.orders()).length
      ground.between.set((asked) => (asked === 'ask' ? fault : 'none'))
      const { id } = await ask()
      await settle()
      ground.between.set('none')
      await pass(5)
      expect((await ground.account.orders()).length, fault).toBe(before + 1)
      expect(await read(id)).toMatchObject({ state: 'active' })
    }
    ground.between.set((asked) => (asked === 'ask' ? 'lose answer' : 'none'))
    const late = await ask()
    await settle()
    await pass(70)
    expect(await read(late.id)).toMatchObject({ state: 'failed', phone: null })
    ground.between.set('none')
    for (const seconds of [5, 65, 65]) await pass(seconds)
    expect((await theirStates()).at(-1)).toBe('cancelled')
    expect(await allocationsOf(late)).toMatchObject([
      { state: 'given_up', cost_state: 'voided', last_word: 'refunded' },
    ])
    await expectRight()
  })

  it('has its messages of all days, and costs once', async () => {
    const order = await rent()
    for (let day = 1; day <= 3; day++) {
      await send(order.phone as string, `Your WhatsApp code: 593-82${day}`, `day ${day}`)
      await pass(1_200)
      expect(await read(order.id)).toMatchObject({
        ...{ state: 'active', messageCount: day, code: `59382${day}` },
      })
      await pass(dayS / 2)
    }
    await expectRight()
    await pass(2 * dayS)
    expect(await read(order.id)).toMatchObject({ state: 'ended', messageCount: 3 })
    await pass(3_600)
    expect((await theirStates()).at(-1)).toBe('ended')
    expect(await allocationsOf(order)).toEqual([
      { purpose: 'buy', state: 'got', cost_state: 'posted', last_word: 'charged' },
    ])
    await expectRight()
  })

  it('without a message costs what it costs when it cannot be given back any more', async () => {
    const order = await rent()
    const { cost } = await books()
    await pass(19 * 60)
    expect(await allocationsOf(order)).toMatchObject([{ cost_state: 'held' }])
    await pass(5 * 60)
    expect(await allocationsOf(order)).toMatchObject([{ cost_state: 'posted', last_word: null }])
    expect((await books()).cost).toBe(cost + rentalCost)
    await expectRight()
  })

  it('is read the more seldom the older it is', async () => {
    const order = await rent()
    const pause = async () => {
      await ground.advance(1_200)
      await settle()
      const [row] = await db.query<{ s: number }>(
        `select extract(epoch from poll_at - $2::timestamptz)::int as s from allocations
          where order_id = $1`,
        [order.id, app.now()],
      )
      return row?.s ?? 0
    }
    const first = await pause()
    await pass(3 * 3_600)
    const later = await pause()
    await pass(dayS)
    expect([first, await pause()]).toEqual([20, 600])
    expect(later).toBeGreaterThan(first)
    expect(later).toBeLessThan(600)
  })

  it('fails with its money back if the platform has none, and if it sells another length', async () => {
    const before = await left()
    await ground.sell(false)
    const none = await rent()
    expect(none).toMatchObject({ state: 'failed', phone: null })
    await ground.sell(true)
    await ground.show(1_000)
    await theirs.db.query(`update offers set duration = '4 days' where kind = 'rental'`)
    expect(await rent()).toMatchObject({ state: 'failed', phone: null })
    await theirs.db.query(`update offers set duration = '3 days' where kind = 'rental'`)
    await ground.show(1_000)
    expect(await left()).toBe(before)
    await expectRight()
  })

  it('is cancelled at the platform first, and its money is back with its yes', async () => {
    const before = await left()
    const order = await rent()
    const target = { accountId, id: order.id }
    const cancelled = await ground.meanwhile(app.orders.cancel(target))
    expect(cancelled).toMatchObject({ changed: true, order: { state: 'cancelled' } })
    expect((await theirStates()).at(-1)).toBe('cancelled')
    expect(await left()).toBe(before)
    expect(await allocationsOf(order)).toMatchObject([
      { cost_state: 'voided', last_word: 'refunded' },
    ])
    expect(await app.orders.cancel(target)).toMatchObject({ changed: false })
    await expectRight()
  })

  it('runs on if the platform refuses to take it back, and is not taken back too late', async () => {
    const before = await left()
    const order = await rent()
    const target = { accountId, id: order.id }
    // There it has had a message, of which we know nothing yet.
    await send(order.phone as string, 'Your WhatsApp code: 593-829', `unseen ${order.id}`)
    const refused = await outcomeOf(ground.meanwhile(app.orders.cancel(target)))
    expect(['supplier_rejected', 'order_not_cancellable']).toContain(refused)
    await pass(15)
    expect(await read(order.id)).toMatchObject({ state: 'active' })
    expect(await left()).toBe(before - rentalPrice)
    const other = await rent()
    await pass(21 * 60)
    const late = app.orders.cancel({ accountId, id: other.id })
    expect(await outcomeOf(late)).toBe('order_not_cancellable')
    await expectRight()
  })

  it('that nobody answers for is pending, and its money is back when it is answered', async () => {
    const before = await left()
    const order = await rent()
    ground.between.set((asked) => (asked === 'cancel' ? 'lose request' : 'none'))
    expect(await cancelUnanswered(order)).toBe('supply_pending')
    expect(await read(order.id)).toMatchObject({ state: 'active' })
    expect(await left()).toBe(before - rentalPrice)
    ground.between.set('none')
    for (const seconds of [5, 60, 1_300]) await pass(seconds)
    expect(await read(order.id)).toMatchObject({ state: 'cancelled' })
    expect(await left()).toBe(before)
    await expectRight()
  })

  it('that was cancelled in time is paid back at its end, also if nobody has answered', async () => {
    const before = await left()
    const order = await rent()
    ground.between.set((asked) => (asked === 'cancel' ? 'lose request' : 'none'))
    expect(await cancelUnanswered(order)).toBe('supply_pending')
    // Whoever cancels does not end it meanwhile, and lose the price.
    expect(await outcomeOf(app.orders.end({ accountId, id: order.id }))).toBe('supply_pending')
    await db.query(`update suppliers set state = 'off'`)
    await pass(lengthS + 60)
    expect(await read(order.id)).toMatchObject({ state: 'cancelled' })
    expect(await left()).toBe(before)
    await expectCleanAudit(db, app.now())
    await db.query(`update suppliers set state = 'on'`)
    ground.between.set('none')
    await pass(5)
    // What the platform keeps for it is a matter between the two of us.
    await db.query('delete from differences')
  }, 30_000)

  it('that was cancelled in time is paid back, also shortly before its end', async () => {
    const before = await left()
    const order = await rent()
    const soon = new Date(app.now().getTime() + 50 * 60_000)
    await db.query('update upstream_leases set until = $2 where order_id = $1', [order.id, soon])
    await db.query('update orders set expires_at = $2 where id = $1', [order.id, soon])
    ground.between.set((asked) => (asked === 'cancel' ? 'lose answer' : 'none'))
    await cancelUnanswered(order)
    ground.between.set('none')
    for (const seconds of [5, 65, 65]) await pass(seconds)
    expect((await theirStates()).at(-1)).toBe('cancelled')
    expect(await read(order.id)).toMatchObject({ state: 'cancelled' })
    expect(await left()).toBe(before)
    await expectRight()
  })

  it.runIf(!canRenew)('says before money moves if its platform cannot renew', async () => {
    const order = await rent()
    const before = await left()
    const renewal = app.orders.renew({ accountId, id: order.id, once: null })
    expect(await outcomeOf(renewal)).toBe('order_not_renewable')
    expect(await left()).toBe(before)
  })

  it('is returned to a customer who had nothing of it, if the platform ends it', async () => {
    const before = await left()
    const order = await rent()
    const { id = 0n } = (await ground.account.orders()).at(-1) ?? {}
    await theirs.app.orders.cancel({ accountId: ground.account.accountId, id })
    for (const seconds of [10, 15, 15]) await pass(seconds)
    expect(await read(order.id)).toMatchObject({ state: 'cancelled' })
    expect(await left()).toBe(before)
    expect(await allocationsOf(order)).toMatchObject([
      { cost_state: 'voided', last_word: 'refunded' },
    ])
    await expectRight()
  })

  it('is offered by a sync, at the price of its rules, with the stock that is shown', async () => {
    const kind = supplierKindNamed(api.kind)?.upstream ?? expect.unreachable()
    const [{ name } = { name: '' }] = await db.query<{ name: string }>(
      'select name from suppliers where id = $1',
      [ground.supplierId],
    )
    const settings = {
      ...{ ...api.settings, url: `${theirs.url}${api.path}`, api_key: ground.account.key },
      ...{ currency: 'USD', ...ground.renting },
    }
    const reading = await readPriceList(kind, settings)
    if (reading.kind !== 'prices') throw new Error(`it is ${reading.kind}`)
    const by = { actor: 'tester', reason: null }
    const margin = { percent: 200_000n, fixed: 0n, floor: null, cap: null, rounding: null }
    await setMarginRule(db, by, { supplier: name, service: null, country: null }, margin)
    const { names } = kind.features(settings)
    const list = { lines: reading.lines, names, currency: 'USD', readAt: app.now() }
    const sync = { supplier: name, pool: 'rented', list, preview: false }
    await syncSupplier(db, app.now(), by, sync)
    const offers = () =>
      app.catalog.offers({ currency: 'USD', kind: 'rental', pool: 'rented', limit: 10 })
    const [offer, ...others] = await offers()
    expect(others).toEqual([])
    const their = (
      await theirs.app.catalog.offers({ currency: 'USD', kind: 'rental', limit: 1 })
    )[0]
    expect(offer).toMatchObject({ price: 12_000n, durationS: lengthS, stock: their?.stock })
    // Applied again, it changes nothing.
    const again = await syncSupplier(db, app.now(), by, sync)
    expect(again).toMatchObject({ added: [], changed: [], withdrawn: [] })
    const selection = { ...ground.wanted.selection, pool: 'rented' }
    await app.orders.rent({ ...ground.wanted, selection })
    await settle()
    expect((await offers())[0]).toMatchObject({ stock: (offer?.stock ?? 0) - 1 })
    await expectRight()
    expect(await outcomeOf(app.orders.rent({ ...ground.wanted, durationS: dayS }))).toBe(
      'offer_not_found',
    )
  })
})
