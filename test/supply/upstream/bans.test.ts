// Numbers of another Numlet that their service knows already: reported there where the wire has that, and
// cancelled there where it has not.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { requestCancel } from '../../../src/core/orders/cancel-at-supplier.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { testCustomer } from '../../harness/server.ts'
import { expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { openGround } from '../../promises/upstream-ground.ts'
import { apis } from './between.ts'
import { openUpstream, price, purchaseOf, upstreamDesk } from './market.ts'

const cooldownS = 121

describe.each(apis)('a number of another Numlet that is reported, over $kind', async (api) => {
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
  const buy = async () => {
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [{ id } = { id: 0n }] = 'orders' in bought ? bought.orders : []
    await settle()
    ground.advance(cooldownS)
    return id
  }
  const isBanned = async (id: bigint) => (await app.orders.bannedAmong([id])).has(id)
  const theirOrder = async () => {
    const { id, state } = (await account.orders()).at(-1) ?? expect.unreachable()
    return { state, isReported: (await theirs.app.orders.bannedAmong([id])).has(id) }
  }
  const reported = { state: 'cancelled', isReported: api.kind === 'fivesim' }
  const expectRight = async () => {
    expect(await ground.books()).toMatchObject({ atRisk: 0n })
    expect(await db.query('select kind from differences')).toEqual([])
    await expectCleanAudit(db)
    await expectCleanAudit(theirs.db)
  }

  it('is reported there, and the money is back on both sides', async () => {
    const before = await balanceOf(db, accountId)
    const id = await buy()
    const target = { accountId, id }
    expect(await meanwhile(app.orders.ban(target))).toMatchObject({ order: { state: 'cancelled' } })
    expect(await isBanned(id)).toBe(true)
    expect(await theirOrder()).toEqual(reported)
    expect(await balanceOf(db, accountId)).toBe(before)
    expect(await app.orders.ban(target)).toMatchObject({ changed: false })
    await expectRight()
  })

  it('is reported once, also if the answer is lost', async () => {
    const id = await buy()
    const isBan = (url: string) => /\/ban\/|\/cancel(?:$|\?)|status=8/.test(url)
    between.set((_asked, { url = '' }) => (isBan(url) ? 'lose answer' : 'none'))
    await requestCancel(db, app.now(), { accountId, id }, 'ban')
    await settle()
    between.set('none')
    await ground.pass(20)
    expect(await app.orders.read(accountId, id)).toMatchObject({ state: 'cancelled' })
    expect(await isBanned(id)).toBe(true)
    expect(await theirOrder()).toEqual(reported)
    await expectRight()
  })

  it('is not if a code comes first, or by the customer who only cancels', async () => {
    const before = await balanceOf(db, accountId)
    const id = await buy()
    const { phone } = await app.orders.read(accountId, id)
    await ground.send(phone as string, 'Your WhatsApp code: 593-821')
    expect(await outcomeOf(meanwhile(app.orders.ban({ accountId, id })))).toBe(
      'order_not_cancellable',
    )
    expect(await app.orders.read(accountId, id)).toMatchObject({ state: 'received' })
    await app.orders.finish({ accountId, id })
    const other = await buy()
    await meanwhile(app.orders.cancel({ accountId, id: other }))
    expect([await isBanned(id), await isBanned(other)]).toEqual([false, false])
    expect(await theirOrder()).toEqual({ state: 'cancelled', isReported: false })
    await ground.pass(5)
    expect(await balanceOf(db, accountId)).toBe(before - price)
    await expectRight()
  })

  it('is BANNED for a customer who uses 5sim', async () => {
    const id = await buy()
    const call = fetch(`${ground.url}/fivesim/v1/user/ban/${id}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    expect(await (await meanwhile(call)).json()).toMatchObject({ status: 'BANNED' })
    expect(await theirOrder()).toEqual(reported)
    await expectRight()
  })
})

describe('a number that was reported', async () => {
  const desk = await upstreamDesk()
  const { app, db, dealing, accountId, offerId } = desk
  const { supplierId } = await openUpstream(db, app.now(), { offerId, stock: 50 })
  await db.query(
    `insert into settings (name, value) values ('reuse_after_days', '0')
     on conflict (name) do update set value = excluded.value`,
  )
  const phone = '+447700900777'
  /** An order that this number comes for. */
  const get = async (ref: string) => {
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [{ id } = { id: 0n }] = 'orders' in bought ? bought.orders : []
    const [ask] = await app.supply.claimAsks(supplierId)
    const { allocationId, claims } = ask ?? expect.unreachable()
    const told = { operator: null, cost: 9_000n, currency: null, endsAt: null, cancelAfter: null }
    const verdict = { kind: 'number', ref, phone, ...told } as const
    await recordAnswer(dealing, app.now(), { allocationId, claims, verdict })
    return id
  }
  const end = async (id: bigint, verb: 'cancel' | 'ban') => {
    desk.advance(cooldownS)
    await requestCancel(db, app.now(), { accountId, id }, verb)
    const [command] = await app.supply.claimCommands(supplierId, 1)
    const { commandId, claims } = command ?? expect.unreachable()
    expect(command).toMatchObject({ verb })
    await app.supply.recordCommand({ commandId, claims, verdict: { kind: 'done' } })
    desk.advance(1)
  }

  it('is never let for the service again, where others come back', async () => {
    const first = await get('1')
    await end(first, 'cancel')
    const second = await get('2')
    expect(await app.orders.read(accountId, second)).toMatchObject({ state: 'waiting', phone })
    await end(second, 'ban')
    const third = await get('3')
    expect(await app.orders.read(accountId, third)).toMatchObject({ state: 'failed', phone: null })
    const [last] = await db.query('select error from allocations order by id desc limit 1')
    expect(last).toEqual({ error: 'the service knows it' })
    await expectCleanAudit(db)
  })
})
