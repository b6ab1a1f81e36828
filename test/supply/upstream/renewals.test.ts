// Renewals of rentals with another Numlet's numbers: held while it is asked, and paid or returned by what it
// answers.
import { expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { importNumbers } from '../../../src/core/inventory/import.ts'
import { closeAccount } from '../../../src/core/leaving/close.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { call } from '../../harness/server.ts'
import { expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { apis } from './between.ts'
import { dayS, lengthS, openRentalGround, rentalCost, rentalPrice } from './rental-ground.ts'

const ground = await openRentalGround(apis[0])
const { app, db, theirs, accountId, pass, send } = ground
const { read, rent, allocationsOf, renewUnanswered } = ground
const left = () => balanceOf(db, accountId)
const expectRight = async () => {
  expect(await db.query('select kind from differences')).toEqual([])
  await expectCleanAudit(db, app.now())
  await expectCleanAudit(theirs.db, theirs.app.now())
}

it('ends when its renewal was not answered for a day, and the price of that is back', async () => {
  const order = await rent()
  const before = await left()
  await pass(lengthS - 30)
  ground.between.set((asked) => (asked === 'renew' ? 'lose request' : 'none'))
  expect(await renewUnanswered(order)).toBe('supply_pending')
  await db.query(`update suppliers set state = 'off'`)
  await pass(dayS / 2)
  expect(await read(order.id)).toMatchObject({ state: 'active' })
  await pass(dayS / 2 + 60)
  await pass(60)
  expect(await read(order.id)).toMatchObject({ state: 'ended', renewals: 0 })
  expect(await left()).toBe(before)
  await db.query(`update suppliers set state = 'on'`)
  ground.between.set('none')
  await pass(3_600)
  await expectRight()
})

it('is renewed at the platform first, and paid when that has renewed', async () => {
  const before = await left()
  const order = await rent()
  const target = { accountId, id: order.id, once: null }
  const renewed = await ground.meanwhile(app.orders.renew(target))
  const expiresAt = new Date(order.expiresAt.getTime() + lengthS * 1000)
  expect(renewed).toMatchObject({ state: 'active', renewals: 1, expiresAt })
  expect(await left()).toBe(before - 2n * rentalPrice)
  const { id = 0n } = (await ground.account.orders()).at(-1) ?? {}
  const their = await theirs.app.orders.read(ground.account.accountId, id)
  expect(their).toMatchObject({ renewals: 1 })
  expect(await allocationsOf(order)).toMatchObject([
    { purpose: 'buy', state: 'got' },
    { purpose: 'renew', state: 'got', cost_state: 'posted', last_word: 'charged' },
  ])
  await expectRight()
  await pass(4 * dayS)
  expect(await read(order.id)).toMatchObject({ state: 'active' })
  await send(order.phone as string, 'Your WhatsApp code: 593-824', `renewed ${order.id}`)
  await pass(1_200)
  expect(await read(order.id)).toMatchObject({ code: '593824' })
  await pass(2 * dayS)
  expect(await read(order.id)).toMatchObject({ state: 'ended' })
  await pass(3_600)
  await expectRight()
})

it('is renewed once if the answer is lost, also beyond its end', async () => {
  const order = await rent()
  const before = await left()
  const target = { accountId, id: order.id, once: null }
  await pass(lengthS - 30)
  ground.between.set((asked) => (asked === 'renew' ? 'lose answer' : 'none'))
  expect(await renewUnanswered(order)).toBe('supply_pending')
  expect(await outcomeOf(app.orders.renew(target))).toBe('supply_pending')
  expect(await left()).toBe(before - rentalPrice)
  await pass(120)
  // It would be over by now.
  expect(await read(order.id)).toMatchObject({ state: 'active', renewals: 0 })
  await expectCleanAudit(db, app.now())
  ground.between.set('none')
  for (const seconds of [65, 65]) await pass(seconds)
  expect(await read(order.id)).toMatchObject({ state: 'active', renewals: 1 })
  expect(await left()).toBe(before - rentalPrice)
  const { id = 0n } = (await ground.account.orders()).at(-1) ?? {}
  expect(await theirs.app.orders.read(ground.account.accountId, id)).toMatchObject({
    renewals: 1,
  })
  await expectRight()
})

it('is not renewed without the platform’s yes: the price is back', async () => {
  const order = await rent()
  const before = await left()
  const headers = { 'idempotency-key': `renew-${order.id}` }
  const path = `/v1/orders/${app.ids.toToken('ord', order.id)}/renew`
  const ask = () => ground.meanwhile(call(ground, ground.key, 'POST', path, {}, headers))
  await theirs.db.query(`update offers set active = false where kind = 'rental'`)
  expect(await ask()).toMatchObject({ status: 409, body: { code: 'order_not_renewable' } })
  expect(await left()).toBe(before)
  expect(await read(order.id)).toEqual(order)
  await theirs.db.query(`update offers set active = true where kind = 'rental'`)
  const renewed = await ask()
  expect(renewed).toMatchObject({ status: 200, body: { renewals: 1 } })
  const graceMs = Date.parse(renewed.body.renewable_until as string) - app.now().getTime()
  expect(graceMs).toBe(
    (2 * lengthS + dayS) * 1000 - (app.now().getTime() - order.createdAt.getTime()),
  )
  expect(await ask()).toMatchObject({ status: 200, body: { renewals: 1 } })
  expect(await left()).toBe(before - rentalPrice)
  await expectRight()
})

it('is not renewed there at more than the price leaves', async () => {
  const order = await rent()
  const before = await left()
  const target = { accountId, id: order.id, once: null }
  // Since the last sync, the platform has become dearer.
  const costs = (cost: bigint) =>
    theirs.db.query(`update offers set price = $1 where kind = 'rental'`, [cost])
  await costs(rentalPrice + 100n)
  expect(await outcomeOf(ground.meanwhile(app.orders.renew(target)))).toBe('order_not_renewable')
  expect(await read(order.id)).toEqual(order)
  expect(await left()).toBe(before)
  expect((await allocationsOf(order)).at(-1)).toMatchObject({
    purpose: 'renew',
    state: 'refused',
  })
  await costs(rentalCost)
  const above = app.orders.renew({ ...target, maxPrice: rentalPrice - 1n })
  expect(await outcomeOf(above)).toBe('price_above_maximum')
  const renewed = await ground.meanwhile(app.orders.renew({ ...target, maxPrice: rentalPrice }))
  expect(renewed).toMatchObject({ renewals: 1 })
  expect(await left()).toBe(before - rentalPrice)
  await expectRight()
})

/** A rental whose time is over, here and there. */
async function ended(): Promise<Order> {
  const order = await rent()
  await pass(lengthS + 60)
  await pass(3_600)
  expect(await read(order.id)).toMatchObject({ state: 'ended' })
  expect((await ground.theirStates()).at(-1)).toBe('ended')
  await expectRight()
  return order
}

it('is possible when it has ended, for the grace time: it runs again, and ends again', async () => {
  const order = await ended()
  const before = await left()
  const target = { accountId, id: order.id, once: null }
  const renewed = await ground.meanwhile(app.orders.renew(target))
  const expiresAt = new Date(order.expiresAt.getTime() + lengthS * 1000)
  expect(renewed).toMatchObject({ state: 'active', renewals: 1, expiresAt, phone: order.phone })
  expect(await left()).toBe(before - rentalPrice)
  await expectRight()
  await pass(dayS)
  await send(order.phone as string, 'Your WhatsApp code: 593-826', `again ${order.id}`)
  await pass(1_200)
  expect(await read(order.id)).toMatchObject({ state: 'active', code: '593826' })
  await pass(2 * dayS)
  expect(await read(order.id)).toMatchObject({ state: 'ended' })
  await pass(3_600)
  expect((await allocationsOf(order))[0]).toMatchObject({ last_word: 'charged' })
  await expectRight()
  await pass(dayS)
  expect(await outcomeOf(app.orders.renew(target))).toBe('order_not_renewable')
})

it('of one that has ended is done once if the answer is lost: it has ended until then', async () => {
  const order = await ended()
  const before = await left()
  ground.between.set((asked) => (asked === 'renew' ? 'lose answer' : 'none'))
  expect(await renewUnanswered(order)).toBe('supply_pending')
  const target = { accountId, id: order.id, once: null }
  expect(await outcomeOf(app.orders.renew(target))).toBe('supply_pending')
  expect(await read(order.id)).toMatchObject({ state: 'ended', renewals: 0 })
  expect(await left()).toBe(before - rentalPrice)
  await expectCleanAudit(db, app.now())
  // The price is still held: the account stays until that is decided.
  const closing = closeAccount(db, app.now(), { actor: 'tester', reason: 'a test' }, accountId)
  await expect(closing).rejects.toMatchObject({ detail: { openOrders: 1 } })
  ground.between.set('none')
  for (const seconds of [65, 65]) await pass(seconds)
  expect(await read(order.id)).toMatchObject({ state: 'active', renewals: 1 })
  expect(await left()).toBe(before - rentalPrice)
  await expectRight()
})

it('of one that has ended is refused by the platform, or here if the number is ours since', async () => {
  const order = await ended()
  const before = await left()
  const target = { accountId, id: order.id, once: null }
  const renew = () => outcomeOf(ground.meanwhile(app.orders.renew(target)))
  await theirs.db.query(`update offers set active = false where kind = 'rental'`)
  expect(await renew()).toBe('order_not_renewable')
  await theirs.db.query(`update offers set active = true where kind = 'rental'`)
  await expectRight()
  const { country, operatorId } = order
  await importNumbers(db, {
    ...{
      supplierId: ground.supplierId,
      country: country as string,
      operatorId: operatorId as number,
    },
    ...{ pool: '1', phones: [order.phone as string] },
  })
  const asks = ground.between.seen.length
  expect(await renew()).toBe('order_not_renewable')
  expect(ground.between.seen.slice(asks)).not.toContain('renew')
  expect(await read(order.id)).toMatchObject({ state: 'ended', renewals: 0 })
  expect(await left()).toBe(before)
})
