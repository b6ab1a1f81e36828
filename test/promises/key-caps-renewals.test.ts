// A renewal at a supplier that comes to nothing does not count towards the daily limit of its key.
import { expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { withKeyOf } from '../../src/core/accounts/acting-key.ts'
import { importNumbers } from '../../src/core/inventory/import.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { call } from '../harness/server.ts'
import { apis } from '../supply/upstream/between.ts'
import { dayS, openRentalGround, rentalPrice } from '../supply/upstream/rental-ground.ts'
import { expectCleanAudit, outcomeOf } from './market.ts'

const ground = await openRentalGround(apis[0])
const { app, db, theirs, accountId, pass, rent, allocationsOf } = ground

/** The next day begins, so that none ends while a test runs. */
const nextDay = () => pass(dayS - (Math.floor(app.now().getTime() / 1000) % dayS) + 60)

type Reply = { code?: string; renewals?: number }

/** A key with which two renewals may be paid on a day, but not three. */
async function cappedKey() {
  const body = { max_spend_a_day: '9.00' }
  const made = await call<{ id: string; key: string }>(ground, ground.key, 'POST', '/v1/keys', body)
  expect(made.status).toBe(201)
  const { id, key } = made.body
  const renew = ({ id: order }: Order) => {
    const path = `/v1/orders/${app.ids.toToken('ord', order)}/renew`
    return ground.meanwhile(call<Reply>(ground, key, 'POST', path, {}))
  }
  const principal = {
    ...({ kind: 'key', id: Number(app.ids.fromToken('key', id)), isCapped: true } as const),
    ...{ accountId, currency: 'USD', decimals: 2, scopes: [], defaultCountry: null },
    errorForm: 'native',
  }
  /** Renews with the key, and does not wait for the answer. */
  const ask = ({ id: one }: Order) =>
    withKeyOf(principal, () =>
      outcomeOf(app.orders.renew({ accountId, id: one, once: null, waitS: 0 })),
    )
  const unanswered = (order: Order) => withKeyOf(principal, () => ground.renewUnanswered(order))
  const spent = async () => {
    const path = '/v1/keys?limit=100'
    const all = await call<{ data: { id: string; spent_today: string }[] }>(
      ground,
      ground.key,
      'GET',
      path,
    )
    return all.body.data.find((one) => one.id === id)?.spent_today
  }
  return { key, ask, unanswered, renew, spent }
}

const refused = { status: 409, body: { code: 'order_not_renewable' } }
const lastOf = async (order: Order) => (await allocationsOf(order)).at(-1)

it('is free again after refusals, and used by a renewal', async () => {
  expect(rentalPrice).toBe(40_000n)
  await nextDay()
  const order = await rent()
  const { renew, spent } = await cappedKey()
  const before = await balanceOf(db, accountId)
  await theirs.db.query(`update offers set active = false where kind = 'rental'`)
  for (let at = 0; at < 3; at++) {
    expect(await renew(order)).toMatchObject(refused)
    expect(await spent()).toBe('0.00')
  }
  expect(await balanceOf(db, accountId)).toBe(before)
  await theirs.db.query(`update offers set active = true where kind = 'rental'`)
  for (const renewals of [1, 2])
    expect(await renew(order)).toMatchObject({ status: 200, body: { renewals } })
  expect(await spent()).toBe('8.00')
  expect(await renew(order)).toMatchObject({ status: 402, body: { code: 'key_limit_reached' } })
  expect(await spent()).toBe('8.00')
  await expectCleanAudit(db, app.now())
})

it('is free again if the limit of the platform lets nothing be asked', async () => {
  await nextDay()
  const order = await rent()
  const { renew, spent } = await cappedKey()
  await db.query('update suppliers set daily_limit = 0')
  expect(await renew(order)).toMatchObject(refused)
  expect(await lastOf(order)).toMatchObject({ purpose: 'renew', state: 'refused' })
  expect(await spent()).toBe('0.00')
  await db.query('update suppliers set daily_limit = null')
  await expectCleanAudit(db, app.now())
})

it('is free again if nobody asks the platform in time', async () => {
  await nextDay()
  const order = await rent()
  const { ask, spent } = await cappedKey()
  expect(await ask(order)).toBe('order_not_renewable')
  expect(await lastOf(order)).toMatchObject({ purpose: 'renew', state: 'refused' })
  expect(await spent()).toBe('0.00')
  await expectCleanAudit(db, app.now())
})

it('keeps what was spent on another day, when a renewal is given up', async () => {
  await nextDay()
  const order = await rent()
  const { key, unanswered, spent } = await cappedKey()
  await pass(2.5 * dayS)
  ground.between.set((asked) => (asked === 'renew' ? 'lose request' : 'none'))
  expect(await unanswered(order)).toBe('supply_pending')
  expect(await spent()).toBe('4.00')
  await db.query(`update suppliers set state = 'off'`)
  await pass(dayS - 120)
  expect(await spent()).toBe('0.00')
  const { country, operatorId } = order
  await importNumbers(db, {
    ...{ supplierId: ground.supplierId, country: country as string, pool: '1' },
    ...{ operatorId: operatorId as number, phones: ['+12025550143'] },
  })
  const body = { service: 'whatsapp', country }
  const bought = await call<{ price: string }>(ground, key, 'POST', '/v1/orders', body)
  expect(bought.status).toBe(201)
  const before = await balanceOf(db, accountId)
  await pass(180)
  expect(await lastOf(order)).toMatchObject({ purpose: 'renew', state: 'refused' })
  expect(await spent()).toBe(bought.body.price)
  expect(await balanceOf(db, accountId)).toBe(before + rentalPrice)
  await db.query(`update suppliers set state = 'on'`)
  ground.between.set('none')
  await expectCleanAudit(db, app.now())
})
