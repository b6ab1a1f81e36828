// Numbers that must not begin with some prefixes: our own first, and what another Numlet gives is looked at.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import type { Purchase } from '../../../src/core/orders/buying/selection.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { testCustomer } from '../../harness/server.ts'
import { stateOf } from '../../harness/state.ts'
import { anyNumberFor, expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { openGround } from '../../promises/upstream-ground.ts'
import { apis } from './between.ts'
import { openUpstream, price, purchaseOf, upstreamDesk } from './market.ts'

const without = (...exclude: string[]): Partial<Purchase> => ({
  selection: { ...anyNumberFor('whatsapp'), exclude },
})

describe('a purchase without some prefixes', async () => {
  const { app, db, accountId, offerId } = await upstreamDesk(3)
  await openUpstream(db, app.now(), { offerId, stock: 2 })
  await db.query(`update numbers set state = 'active'`)
  await db.query(`update stock set remaining = 3, next_position = 0`)
  const buy = async (more: Partial<Purchase>) => {
    const bought = await app.orders.buy(purchaseOf(accountId, more))
    return 'orders' in bought ? bought.orders : []
  }

  it('gets our own numbers first, and then asks a supplier for none of the prefixes', async () => {
    const orders = await buy({ ...without('4479'), quantity: 4 })
    expect(orders.map(({ state }) => state)).toEqual([
      ...['waiting', 'waiting', 'waiting', 'allocating'],
    ])
    const asked = await db.query(
      'select order_id, unwanted, state from allocations order by order_id desc limit 1',
    )
    expect(asked).toEqual([{ order_id: orders[3]?.id, unwanted: ['4479'], state: 'planned' }])
    await expectCleanAudit(db)
  })

  it('changes nothing without leave to ask suppliers, or when they show nothing', async () => {
    const before = await stateOf(db)
    const alone = { ...without('4479'), allocateS: undefined }
    expect(await outcomeOf(buy(alone))).toBe('out_of_stock')
    expect(await outcomeOf(buy({ ...without('4479'), quantity: 5 }))).toBe('out_of_stock')
    expect(await stateOf(db)).toEqual(before)
  })
})

describe.each(apis)('another Numlet’s numbers without some prefixes, over $kind', async (api) => {
  const ground = await openGround(api)
  const { app, db, theirs, account, settle } = ground
  await ground.pay(1_000_000n)
  const { accountId } = await testCustomer(db, { credit: '1000' })
  const buy = async (prefix: string): Promise<Order> => {
    const bought = await app.orders.buy(purchaseOf(accountId, without(prefix)))
    const [order] = 'orders' in bought ? bought.orders : []
    await settle()
    return app.orders.read(accountId, (order as Order).id)
  }

  it('are an order’s if they begin otherwise', async () => {
    expect(await buy('4479')).toMatchObject({ state: 'waiting', phone: expect.any(String) })
  })

  it('are not, and are given back, if they begin so', async () => {
    const before = await balanceOf(db, accountId)
    const bought = (await account.orders()).length
    const order = await buy('447700')
    // The other side may say that it is a moment too early.
    await ground.pass(5)
    expect(order).toMatchObject({ state: 'failed', phone: null })
    expect(await balanceOf(db, accountId)).toBe(before)
    const [given] = (await account.orders()).slice(bought)
    // This wire takes the prefixes, and nothing was bought.
    if (api.kind === 'handler-api') expect(given).toBeUndefined()
    else expect(given).toMatchObject({ state: 'cancelled' })
    expect(await ground.books()).toMatchObject({ atRisk: 5_000n, cost: 0n })
    expect(await db.query('select kind from differences')).toEqual([])
    await expectCleanAudit(db)
    await expectCleanAudit(theirs.db)
  })

  it('cost what they cost, and make no difference, if a code comes first', async () => {
    if (api.kind === 'handler-api') return
    const before = await balanceOf(db, accountId)
    const bought = (await account.orders()).length
    ground.between.set((asked) => (asked === 'cancel' ? 'lose request' : 'none'))
    expect(await buy('447700')).toMatchObject({ state: 'failed' })
    const [given] = (await account.orders()).slice(bought)
    await ground.send(given?.phone as string, 'Your WhatsApp code: 593-821')
    ground.between.set('none')
    for (const seconds of [30, 1_500, 60]) await ground.pass(seconds)
    expect(await balanceOf(db, accountId)).toBe(before + price)
    expect(await ground.books()).toMatchObject({ atRisk: 0n, cost: 5_000n })
    expect(await db.query('select kind from differences')).toEqual([])
    await expectCleanAudit(db)
    await expectCleanAudit(theirs.db)
  })
})

describe('phoneException of handler_api', async () => {
  const ground = await openGround(apis[1])
  const { db, url } = ground
  const { key } = await testCustomer(db, { credit: '10', scopes: ['handler-api'] })
  /** Asks, and has done what becomes due meanwhile. */
  const getNumber = async (phoneException: string) => {
    const query = new URLSearchParams({ api_key: key, action: 'getNumber', service: 'wa' })
    query.set('country', '16')
    query.set('phoneException', phoneException)
    let isOver = false
    const answer = fetch(`${url}/stubs/handler_api.php?${query}`).finally(() => {
      isOver = true
    })
    while (!isOver) await ground.settle()
    return (await answer).text()
  }

  it('is passed on to a platform that takes it', async () => {
    await ground.pay(1_000_000n)
    expect(await getNumber('4479')).toMatch(/^ACCESS_NUMBER:\d+:447700\d+$/)
    expect(await getNumber('447700')).toBe('NO_NUMBERS')
    expect(await ground.account.orders()).toHaveLength(1)
    await expectCleanAudit(db)
  })
})
