// A renewal of a rental with another platform's number, by each dialect that renews: what it answers when the
// platform renews, refuses or says nothing, and when there is no money. What was refused costs nothing.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { createKey } from '../../../src/core/accounts/keys.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { call, testCustomer } from '../../harness/server.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { apis } from './between.ts'
import { lengthS, openRentalGround, rentalPrice } from './rental-ground.ts'

const ground = await openRentalGround(apis[0])
const { app, db, theirs, accountId, between } = ground

const keyOf = async (account: number, scopes?: string[]) =>
  (await createKey(db, app.now(), { accountId: account, scopes })).key

const handler =
  (action: string) =>
  async (account: number, { id }: Order) => {
    const key = await keyOf(account, ['handler-api'])
    const query = `api_key=${key}&action=${action}&id=${id}`
    return call(ground, null, 'GET', `/stubs/handler_api.php?${query}`)
  }
const jsonError = (message: string) => ({ status: 'error', message })

const dialects = [
  {
    name: 'native',
    renew: async (account: number, { id }: Order) =>
      call(ground, await keyOf(account), 'POST', `/v1/orders/${app.ids.toToken('ord', id)}/renew`),
    renewed: [200, { state: 'active', renewals: 1 }],
    refused: [409, { code: 'order_not_renewable' }],
    pending: [503, { code: 'supply_pending' }],
    poor: [402, { code: 'insufficient_balance' }],
  },
  {
    name: 'smsVerificationService',
    renew: async (account: number, { id }: Order) =>
      call(
        ground,
        await keyOf(account),
        'POST',
        `/smsverificationservice/api/v1/order/${id}/renew/`,
      ),
    renewed: [200, { success: true, data: { status: 'active' } }],
    refused: [400, { success: false, error: 'Order cannot be renewed' }],
    pending: [503, { success: false, error: 'Service temporarily unavailable' }],
    poor: [402, { success: false, error: 'Insufficient balance' }],
  },
  ...['continueRentNumber', 'prolong'].map((action) => ({
    name: `handler_api’s ${action}`,
    renew: handler(action),
    renewed: [200, { status: 'success' }],
    refused: [200, jsonError('RENT_DIE')],
    pending: [200, jsonError('ERROR_SQL')],
    poor: [200, jsonError('NO_BALANCE')],
  })),
] as const

describe.each(dialects)('a renewal by $name', ({ renew, renewed, refused, pending, poor }) => {
  const left = () => balanceOf(db, accountId)
  const ask = (order: Order, account = accountId) => ground.meanwhile(renew(account, order))
  const answer = (expected: readonly [number, object] | readonly (number | object)[]) => ({
    status: expected[0],
    body: expected[1],
  })

  it('is done when the platform has renewed, also in the grace time', async () => {
    const order = await ground.rent()
    await ground.pass(lengthS + 60)
    const before = await left()
    expect(await ask(order)).toMatchObject(answer(renewed))
    expect(await ground.read(order.id)).toMatchObject({ state: 'active', renewals: 1 })
    expect(await left()).toBe(before - rentalPrice)
    await expectCleanAudit(db, app.now())
  })

  it('is refused if the platform refuses it', async () => {
    const order = await ground.rent()
    const before = await left()
    await theirs.db.query(`update offers set active = false where kind = 'rental'`)
    const said = await ask(order)
    await theirs.db.query(`update offers set active = true where kind = 'rental'`)
    expect(said).toMatchObject(answer(refused))
    expect(await ground.read(order.id)).toEqual(order)
    expect(await left()).toBe(before)
  })

  it('is pending while the platform does not answer', async () => {
    const order = await ground.rent()
    const before = await left()
    between.set((asked) => (asked === 'renew' ? 'lose request' : 'none'))
    await ground.renewUnanswered(order)
    expect(await ask(order)).toMatchObject(answer(pending))
    expect(await left()).toBe(before - rentalPrice)
    between.set('none')
    for (const seconds of [65, 65]) await ground.pass(seconds)
    expect(await ground.read(order.id)).toMatchObject({ renewals: 1 })
    expect(await left()).toBe(before - rentalPrice)
  })

  it('is refused to somebody without the money, and the platform is not asked', async () => {
    const customer = await testCustomer(db, { credit: '4' })
    const bought = await app.orders.rent({ ...ground.wanted, accountId: customer.accountId })
    const [{ id } = { id: 0n }] = 'orders' in bought ? bought.orders : []
    await ground.settle()
    const order = await app.orders.read(customer.accountId, id)
    expect(order).toMatchObject({ state: 'active' })
    const asks = between.seen.length
    expect(await ask(order, customer.accountId)).toMatchObject(answer(poor))
    expect(between.seen.slice(asks)).not.toContain('renew')
    expect(await app.orders.read(customer.accountId, id)).toEqual(order)
    await expectCleanAudit(db, app.now())
  })
})
