// Buying a number of another Numlet again: only this platform is asked, for this very number.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { createKey } from '../../../src/core/accounts/keys.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { attempts } from '../../harness/attempts.ts'
import { testCustomer } from '../../harness/server.ts'
import { stateOf } from '../../harness/state.ts'
import { expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { openGround } from '../../promises/upstream-ground.ts'
import { apis, type Fault } from './between.ts'
import { price, purchaseOf } from './market.ts'

const patience = { allocateS: 15, waitS: 15 }
const isRebuy = /\/repeat$|\/user\/reuse\/|action=(?:getExtraActivation|reactivate)/

describe.each(apis)('a number of another Numlet that is bought again, over $kind', async (api) => {
  const ground = await openGround(api)
  const { app, db, theirs, account, between, settle } = ground
  await ground.pay(1_000_000n)
  const { accountId, key } = await testCustomer(db, { credit: '1000' })
  const meanwhile = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false
    const ended = work.finally(() => {
      isOver = true
    })
    ended.catch(() => undefined)
    while (!isOver) await settle()
    return ended
  }
  /** An order whose code came, and which is finished. */
  const past = async (owner = accountId): Promise<Order> => {
    const bought = await app.orders.buy(purchaseOf(owner))
    const [{ id } = { id: 0n }] = 'orders' in bought ? bought.orders : []
    await settle()
    const { phone } = await app.orders.read(owner, id)
    await ground.send(phone as string, 'Your WhatsApp code: 593-821', `code of ${id}`)
    await ground.pass(5)
    await app.orders.finish({ accountId: owner, id })
    await ground.pass(5)
    return app.orders.read(owner, id)
  }
  const rebuy = async ({ id }: Order): Promise<Order> => {
    const target = { accountId, id, once: null, patience }
    const bought = await meanwhile(app.orders.rebuy(target))
    return ('orders' in bought ? bought.orders[0] : undefined) as Order
  }
  const expectRight = async () => {
    expect(await db.query('select kind from differences')).toEqual([])
    const open = await db.query(
      `select 1 as yes from allocations where state in ('planned', 'asking')`,
    )
    expect(open).toEqual([])
    await expectCleanAudit(db)
    await expectCleanAudit(theirs.db)
  }

  it('is the same number, in a new order at the current price, with codes of its own', async () => {
    const first = await past()
    const before = await balanceOf(db, accountId)
    expect(await app.orders.quoteRebuy({ accountId, id: first.id })).toMatchObject({ price })
    const again = await rebuy(first)
    expect(again).toMatchObject({ state: 'waiting', phone: first.phone, price, code: null })
    expect(await balanceOf(db, accountId)).toBe(before - price)
    expect((await account.orders()).slice(-2).map(({ phone }) => phone)).toEqual([
      ...[first.phone, first.phone],
    ])
    await ground.send(again.phone as string, 'Your WhatsApp code: 111-222', 'second code')
    await ground.pass(5)
    expect(await app.orders.read(accountId, again.id)).toMatchObject({
      ...{ state: 'received', code: '111222' },
    })
    expect(await app.orders.read(accountId, first.id)).toMatchObject({ code: '593821' })
    await app.orders.finish({ accountId, id: again.id })
    await ground.pass(5)
    expect(await ground.books()).toMatchObject({ atRisk: 0n, cost: 10_000n })
    await expectRight()
  })

  it('is refused, and nothing changes, if it cannot be asked for', async () => {
    const first = await past()
    const { accountId: other } = await testCustomer(db, { credit: '10' })
    const target = { accountId, id: first.id, once: null }
    const refused = async (call: () => Promise<unknown>) => {
      const before = await stateOf(db)
      expect(await outcomeOf(call())).toMatch(/^order_not_(?:repeatable|found)$/)
      expect(await stateOf(db)).toEqual(before)
    }
    await refused(() => app.orders.rebuy(target))
    await refused(() => app.orders.rebuy({ ...target, accountId: other, patience }))
    await db.query(`update suppliers set state = 'paused' where kind = $1`, [api.kind])
    await refused(() => rebuy(first))
    await refused(() => app.orders.quoteRebuy(target))
    await db.query(`update suppliers set state = 'on' where kind = $1`, [api.kind])
    if (api.kind !== 'handler-api') return
    const changes = JSON.stringify({ again: null })
    const change = `update suppliers set config = config || $1 where kind = 'handler-api'`
    await db.query(change, [{ profile_changes: changes }])
    await refused(() => rebuy(first))
    await db.query(change, [{ profile_changes: '{}' }])
  })

  it('is refused, with the money back, if the platform does not give it', async () => {
    const first = await past()
    const before = await balanceOf(db, accountId)
    const sources = 'select stock_seen, state, empty_streak, hidden_until from sources'
    const shown = await db.query(sources)
    await ground.sell(false)
    const asked = between.seen.length
    expect(await outcomeOf(rebuy(first))).toBe('order_not_repeatable')
    expect(between.seen.slice(asked).length).toBeGreaterThan(0)
    await ground.sell(true)
    expect(await balanceOf(db, accountId)).toBe(before)
    // That says nothing of the other numbers.
    expect(await db.query(sources)).toEqual(shown)
    await expectRight()
  })

  it('is bought once, whatever is lost', async () => {
    for (const fault of ['lose answer', 'lose request', 'none'] as const) {
      const first = await past()
      const before = await balanceOf(db, accountId)
      const count = (await account.orders()).length
      let rebuys = 0
      const faults = (_: unknown, { url = '' }: { url?: string }): Fault =>
        isRebuy.test(url.split('&api_key')[0] ?? '') && rebuys++ === 0 ? fault : 'none'
      between.set(faults)
      const target = { accountId, id: first.id, once: null }
      await app.orders.rebuy({ ...target, patience: { allocateS: 15, waitS: 0 } })
      await settle()
      await ground.pass(3)
      await ground.pass(20)
      expect(rebuys).toBeGreaterThan(0)
      const [newest] = await app.orders.list({ accountId, limit: 1 })
      const isGot = newest?.state === 'waiting'
      if (fault !== 'lose request' || api.isKeyed)
        expect(newest).toMatchObject({ state: 'waiting' })
      else expect(newest).toMatchObject({ state: 'failed' })
      expect((await account.orders()).length).toBe(count + (isGot ? 1 : 0))
      expect(await balanceOf(db, accountId)).toBe(before - (isGot ? price : 0n))
      if (isGot) expect(newest?.phone).toBe(first.phone)
      between.set('none')
      for (const seconds of [1_200, 300, 60, 60]) await ground.pass(seconds)
    }
    await expectRight()
  })

  it(`goes to one of many who want it at once`, async () => {
    for (let round = 0; round < attempts(1, 5); round++) {
      const first = await past()
      const before = await balanceOf(db, accountId)
      const all = await Promise.all(Array.from({ length: 6 }, () => outcomeOf(rebuy(first))))
      const got = all.filter((one) => typeof one !== 'string')
      expect(got).toHaveLength(1)
      expect(await balanceOf(db, accountId)).toBe(before - price)
      for (const seconds of [1_200, 300, 60, 60]) await ground.pass(seconds)
    }
    await expectRight()
  })

  it('is answered by the APIs that have the call', async () => {
    const headers = { authorization: `Bearer ${key}` }
    const get = async (path: string, init?: object) =>
      (await meanwhile(fetch(`${ground.url}${path}`, init))).text()
    const one = await past()
    const token = app.ids.toToken('ord', one.id)
    const init = { method: 'POST', headers }
    const repeat = await meanwhile(fetch(`${ground.url}/v1/orders/${token}/repeat`, init))
    expect([repeat.status, await repeat.json()]).toEqual([
      ...[201, expect.objectContaining({ state: 'waiting', phone: one.phone })],
    ])
    const two = await past()
    expect(
      JSON.parse(await get(`/fivesim/v1/user/reuse/whatsapp/${two.phone?.slice(1)}`, { headers })),
    ).toEqual(expect.objectContaining({ phone: two.phone, status: 'PENDING' }))
    const three = await past()
    const scopes = ['handler-api']
    const { key: own } = await createKey(db, new Date(), { accountId, scopes })
    const hero = `/stubs/handler_api.php?api_key=${own}&action=getExtraActivation`
    expect(await get(`${hero}&activationId=${three.id}`)).toMatch(
      new RegExp(`^ACCESS_NUMBER:\\d+:${three.phone?.slice(1)}$`),
    )
    const four = await past()
    await ground.sell(false)
    expect(await get(`${hero}&activationId=${four.id}`)).toBe('RENEW_ACTIVATION_NOT_AVAILABLE')
    await ground.sell(true)
    await ground.pass(1)
    await expectRight()
  })
})
