// Replacing a number of another Numlet: the old one is given back there, the new one is another, and the
// money is right on both sides.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { claimAsks } from '../../../src/core/supply/asks.ts'
import { call, testCustomer } from '../../harness/server.ts'
import { anyNumberFor, dramaNumbers, expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { openGround } from '../../promises/upstream-ground.ts'
import { apis, type Fault } from './between.ts'
import { openUpstream, price, purchaseOf, upstreamDesk } from './market.ts'
import { meanwhileOf } from './rental-ground.ts'

const patience = { allocateS: 15, waitS: 15 }
const cooldownS = 121
type Shown = { state: string; phone: string; code?: string }

describe.each(apis)('a number of another Numlet that is replaced, over $kind', async (api) => {
  const ground = await openGround(api)
  const { app, db, theirs, account, settle } = ground
  await ground.pay(1_000_000n)
  const { accountId, key } = await testCustomer(db, { credit: '1000' })
  const meanwhile = meanwhileOf(settle)
  const buy = async (more = {}) => {
    const bought = await app.orders.buy(purchaseOf(accountId, more))
    const [{ id } = { id: 0n }] = 'orders' in bought ? bought.orders : []
    await settle()
    return app.orders.read(accountId, id)
  }
  const replace = async ({ id }: Order) =>
    (await meanwhile(app.orders.replace({ accountId, id, once: null, patience }))) as Order
  /** Lets time pass until the code of an order was read, which is in its turn. */
  const codeOf = async ({ id }: Order) => {
    const read = async () => (await app.orders.read(accountId, id)).code
    for (let turn = 0; turn < 12 && (await read()) === null; turn++) await ground.pass(5)
    return read()
  }
  const theirStates = async () => (await account.orders()).slice(-2).map(({ state }) => state)
  const expectRight = async () => {
    expect(await db.query('select kind from differences')).toEqual([])
    await expectCleanAudit(db)
    await expectCleanAudit(theirs.db)
  }

  it('is given back, and the new one is another', async () => {
    const old = await buy()
    const before = await balanceOf(db, accountId)
    const fresh = await replace(old)
    expect(fresh).toMatchObject({ state: 'waiting', replaces: old.id, price })
    expect(fresh.phone).not.toBe(old.phone)
    expect(await app.orders.read(accountId, old.id)).toMatchObject({
      ...{ state: 'cancelled', replacedBy: fresh.id },
    })
    expect(await balanceOf(db, accountId)).toBe(before)
    ground.advance(cooldownS)
    await ground.pass(5)
    expect(await theirStates()).toEqual(['cancelled', 'waiting'])
    expect(await ground.books()).toMatchObject({ atRisk: 5_000n, cost: 0n })
    await expectRight()
  })

  it('is kept when it does not come with the answer, but with a look-up', async () => {
    const old = await buy()
    let asks = 0
    ground.between.set((asked) => (asked === 'ask' && ++asks === 1 ? 'no number' : 'none'))
    const fresh = await replace(old)
    ground.between.set('none')
    expect(fresh).toMatchObject({ state: 'waiting', replaces: old.id })
    ground.advance(cooldownS)
    await ground.pass(5)
    expect(await app.orders.read(accountId, fresh.id)).toMatchObject({ state: 'waiting' })
    expect(await theirStates()).toEqual(['cancelled', 'waiting'])
    await expectRight()
  })

  it('is replaced once, and not when it has a code', async () => {
    const old = await buy()
    const both = await Promise.all([1, 2].map(() => outcomeOf(replace(old))))
    expect(both.filter((one) => one === 'order_not_replaceable')).toHaveLength(1)
    const coded = await buy()
    await ground.send(coded.phone as string, 'Your WhatsApp code: 593-821')
    await codeOf(coded)
    expect(await outcomeOf(replace(coded))).toBe('order_not_replaceable')
    await expectRight()
  })

  it('never gets the same one, nor one with a prefix that its customer excluded', async () => {
    const exclude = ['4420']
    const old = await buy({ selection: { ...anyNumberFor('whatsapp'), exclude } })
    const fresh = await replace(old)
    const again = await replace(fresh)
    const unwanted = await db.query<{ unwanted: string[] }>(
      'select unwanted from allocations where order_id = any($1) order by order_id',
      [[old.id, fresh.id, again.id]],
    )
    const digits = [old, fresh].map(({ phone }) => phone?.slice(1))
    expect(unwanted.map((one) => one.unwanted)).toEqual([
      ...[exclude, [...exclude, digits[0]], [...exclude, ...digits]],
    ])
    await expectRight()
  })

  it('changes nothing if none is shown, and if none is had', async () => {
    const old = await buy()
    const before = await balanceOf(db, accountId)
    await ground.show(0)
    expect(await outcomeOf(replace(old))).toBe('out_of_stock')
    expect(await app.orders.read(accountId, old.id)).toEqual(old)
    await ground.show(1_000)
    await ground.sell(false)
    expect(await outcomeOf(replace(old))).toBe('out_of_stock')
    expect(await app.orders.read(accountId, old.id)).toEqual(old)
    expect(await balanceOf(db, accountId)).toBe(before)
    await ground.sell(true)
    await ground.show(1_000)
    await expectRight()
  })

  it('changes nothing if a code comes first, and gives the number back', async () => {
    const old = await buy()
    const before = await balanceOf(db, accountId)
    ground.between.set(async (asked): Promise<Fault> => {
      if (asked !== 'ask') return 'none'
      // While the platform is asked for the new number, the old one has its code.
      await ground.send(old.phone as string, 'Your WhatsApp code: 593-829', `early ${old.id}`)
      const ref = await db.query<{ id: bigint }>('select id from allocations where order_id = $1', [
        old.id,
      ])
      await app.supply.receive([
        {
          ...{ supplierId: ground.supplierId, ref: `early ${ref[0]?.id}`, orderId: old.id },
          ...{ serviceId: old.serviceId, phone: old.phone as string, sender: 'WhatsApp' },
          ...{ text: 'Your WhatsApp code: 593-829', code: null },
        },
      ])
      return 'none'
    })
    expect(await outcomeOf(replace(old))).toBe('order_not_replaceable')
    ground.between.set('none')
    expect(await app.orders.read(accountId, old.id)).toMatchObject({
      ...{ state: 'received', replacedBy: null, phone: old.phone },
    })
    expect(await balanceOf(db, accountId)).toBe(before)
    ground.advance(cooldownS)
    for (const seconds of [5, 65]) await ground.pass(seconds)
    expect((await account.orders()).at(-1)?.state).toBe('cancelled')
    await expectRight()
  })

  it('changes nothing if there is no money for it, or its account is suspended meanwhile', async () => {
    const old = await buy()
    const offerId = old.offerId
    const balance = await balanceOf(db, accountId)
    for (const change of ['price', 'suspended'] as const) {
      ground.between.set(async (asked): Promise<Fault> => {
        if (asked !== 'ask') return 'none'
        if (change === 'price')
          await db.query(`update offers set price = 2000000000 where id = $1`, [offerId])
        else await db.query(`update accounts set state = 'suspended' where id = $1`, [accountId])
        return 'none'
      })
      expect(await outcomeOf(replace(old)), change).toBe('out_of_stock')
      ground.between.set('none')
      await db.query('update offers set price = $1 where id = $2', [price, offerId])
      await db.query(`update accounts set state = 'active' where id = $1`, [accountId])
      expect(await app.orders.read(accountId, old.id)).toEqual(old)
      expect(await balanceOf(db, accountId)).toBe(balance)
      ground.advance(cooldownS)
      for (const seconds of [5, 65]) await ground.pass(seconds)
      expect((await account.orders()).at(-1)?.state).toBe('cancelled')
    }
    await expectRight()
  })

  it('is replaced once with a key, and may be tried again with it if there was none', async () => {
    const old = await buy()
    const headers = { 'idempotency-key': `replace-${old.id}` }
    const path = `/v1/orders/${app.ids.toToken('ord', old.id)}/replace`
    const ask = () => meanwhile(call<Shown>({ url: ground.url }, key, 'POST', path, {}, headers))
    await ground.sell(false)
    expect(await ask()).toMatchObject({ status: 409, body: { code: 'out_of_stock' } })
    await ground.sell(true)
    await ground.show(1_000)
    const first = await ask()
    expect(first).toMatchObject({ status: 201, body: { state: 'waiting' } })
    expect(first.body.phone).not.toBe(old.phone)
    expect(await ask()).toMatchObject({ status: 201, body: first.body })
    await expectRight()
  })

  it('has one outcome, whatever comes at the same moment', async () => {
    // Orders of before end now, and not meanwhile.
    await ground.pass(1_300)
    for (let round = 0; round < 5; round++) {
      const old = await buy()
      const before = await balanceOf(db, accountId)
      const { id, phone } = old
      ground.advance(cooldownS)
      const [replaced] = await Promise.all([
        outcomeOf(replace(old)),
        outcomeOf(meanwhile(app.orders.cancel({ accountId, id }))),
        ground.send(phone as string, 'Your WhatsApp code: 593-821', `code ${id}`),
      ])
      await ground.pass(20)
      const { state } = await app.orders.read(accountId, id)
      expect(['cancelled', 'received']).toContain(state)
      const isFresh = typeof replaced !== 'string'
      expect(isFresh && state === 'received').toBe(false)
      const held = isFresh || state === 'received' ? 0n : price
      expect(await balanceOf(db, accountId)).toBe(before + held)
    }
    await expectRight()
  })

  it('is answered with the new order by the APIs that have the call', async () => {
    const post = async (path: string, body: object) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      const answer = await meanwhile(fetch(`${ground.url}${path}`, init))
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    const made = await post('/v1/orders', { service: 'whatsapp', country: 'GB' })
    const { status, body } = await post(`/v1/orders/${made.body.id}/replace`, {})
    expect(status).toBe(201)
    expect(body).toMatchObject({ state: 'waiting', replaces: made.body.id })
    const old = app.ids.fromToken('ord', String(body.id)) ?? 0n
    const { phone } = await app.orders.read(accountId, old)
    const zap = await post('/otpzap/api/v1/order/replace', { order_id: Number(old) })
    expect([zap.status, zap.body]).toEqual([
      200,
      expect.objectContaining({ data: expect.anything() }),
    ])
    expect(JSON.stringify(zap.body)).not.toContain(phone)
    await expectRight()
  })
})

describe('an order with a number of our own', async () => {
  const { app, db, offerId, dealing } = await upstreamDesk(1)
  const { accountId } = await testCustomer(db, { credit: '10' })
  await db.query(`update numbers set state = 'active'`)
  await db.query(`update stock set remaining = 1, next_position = 0`)

  it('can be replaced by a supplier’s, and is not without leave to ask one', async () => {
    const { sourceId, supplierId } = await openUpstream(db, app.now(), { offerId, stock: 2 })
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [old] = 'orders' in bought ? bought.orders : []
    const target = { accountId, id: old?.id as bigint, once: null }
    expect(await outcomeOf(app.orders.replace(target))).toBe('out_of_stock')
    const replaced = app.orders.replace({ ...target, patience })
    await expect.poll(() => db.query('select 1 as yes from allocations')).toHaveLength(1)
    expect(await db.query('select source_id, purpose, unwanted from allocations')).toEqual([
      { source_id: sourceId, purpose: 'replace', unwanted: [old?.phone?.slice(1)] },
    ])
    expect(await app.orders.read(accountId, target.id)).toMatchObject({ state: 'waiting' })
    await expectCleanAudit(db)
    const [ask] = await claimAsks(dealing, app.now(), supplierId)
    const untold = {
      operator: 'drama',
      cost: null,
      currency: null,
      endsAt: null,
      cancelAfter: null,
    }
    const verdict = {
      ...untold,
      kind: 'number',
      ref: 'r1',
      phone: dramaNumbers(1)[0] as string,
    } as const
    const { allocationId = 0n, claims = 0 } = ask ?? {}
    await app.supply.recordAnswer({ allocationId, claims, verdict })
    expect(await replaced).toMatchObject({
      state: 'waiting',
      phone: verdict.phone,
      replaces: old?.id,
    })
    const before = await app.orders.read(accountId, target.id)
    expect(before).toMatchObject({ state: 'cancelled', phone: old?.phone })
    await expectCleanAudit(db)
  })
})
