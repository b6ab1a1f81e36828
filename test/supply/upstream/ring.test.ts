// Numlets without numbers of their own that ask each other: in a ring, and one after the other.
import { afterEach, describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { testDatabase } from '../../harness/database.ts'
import { serverOn, type TestServer, testCustomer, testServer } from '../../harness/server.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { type Api, accountAt, addNumlet, apis, engineOf, faultyProxy, senderAt } from './between.ts'
import { allocateS, openOwnMarket, purchaseOf } from './market.ts'

const [one, two, three] = [await bareNumlet(), await bareNumlet(), await testServer()]

type Bare = TestServer & { readonly offerId: number }

/** A Numlet with an offer, and no number. */
async function bareNumlet(): Promise<Bare> {
  const { db, url } = await testDatabase()
  // Databases of tests are copies of one, and two platforms are not.
  await db.query('update installation set id_key = uuid_send(gen_random_uuid())')
  const server = await serverOn(url)
  const { supplierId } = await senderAt(server)
  const offerId = await openOwnMarket(server.db, supplierId, 1, 'Any')
  await server.db.query('update stock set remaining = 0, next_position = 1000')
  await server.db.query(`update numbers set state = 'disabled'`)
  return { ...server, offerId }
}

/** Makes a Numlet the supplier of another. */
async function link(api: Api, from: Bare, to: TestServer) {
  const account = await accountAt(to, api)
  const between = await faultyProxy(to.url)
  const { offerId } = from
  const at = { api, url: between.url, key: account.key, offerId, cost: 5_000n }
  await addNumlet(from.db, from.app.now(), at)
  const asks = () => between.seen.filter((asked) => asked === 'ask').length
  return { ...account, asks, balance: () => balanceOf(to.db, account.accountId) }
}

/** Buys at the first of some Numlets, and lets time pass at all of them until that has come to an end. */
async function buyAt(all: readonly TestServer[]) {
  const [first] = all as [TestServer]
  const engines = all.map(({ app }) => engineOf(app))
  /** Has done what is due. One may wait for the other. */
  async function untilQuiet() {
    for (let done = 1; done > 0; ) {
      done = 0
      let isOver = false
      const over = Promise.all(engines.map((engine) => engine.idle())).then(() => {
        isOver = true
      })
      do for (const engine of engines) done += await engine.turn()
      while (!isOver)
      await over
    }
  }
  const pass = async (seconds: number) => {
    for (const { advance } of all) advance(seconds)
    await untilQuiet()
  }
  const { accountId } = await testCustomer(first.db, { credit: '10' })
  const answer = await first.app.orders.buy(purchaseOf(accountId))
  const [bought] = 'orders' in answer ? answer.orders : []
  const read = () => first.app.orders.read(accountId, bought?.id as bigint)
  await untilQuiet()
  // Over /v1 it is looked for from time to time; over the others it is waited for.
  let seconds = 0
  for (; (await read()).state === 'allocating' && seconds < allocateS; seconds++) await pass(1)
  return { seconds, order: await read(), balance: await balanceOf(first.db, accountId), pass }
}

describe.each(apis)('over $kind', (api) => {
  // No test has the suppliers of another.
  afterEach(async () => {
    for (const { db } of [one, two]) {
      await db.query(`update sources set state = 'off'`)
      await db.query('update stock set upstream = 0')
    }
  })

  it('two that are each the other’s supplier ask once round, refuse, and return the money', async () => {
    const atTwo = await link(api, one, two)
    const atOne = await link(api, two, one)
    const { seconds, order, balance, pass } = await buyAt([one, two])
    expect(seconds).toBeLessThan(allocateS)
    expect(order).toMatchObject({ state: 'failed', phone: null })
    expect(balance).toBe(100_000n)
    expect(await atOne.orders()).toEqual([])
    expect(await atTwo.orders()).toMatchObject([{ state: 'failed', phone: null }])
    for (let time = 0; time < 3; time++) await pass(60)
    expect(atOne.asks()).toBe(1)
    for (const { db } of [one, two]) {
      const allocations = await db.query<{ cost_state: string }>(
        'select cost_state from allocations where order_id = (select max(id) from orders)',
      )
      expect(allocations).toHaveLength(1)
      expect(['none', 'voided']).toContain(allocations[0]?.cost_state)
      await expectCleanAudit(db)
    }
    for (const { balance: there } of [atOne, atTwo]) expect(await there()).toBe(1_000_000n)
  })

  it('one has a number of a third through the second, in time', async () => {
    const atTwo = await link(api, one, two)
    const atThree = await link(api, two, three)
    const { seconds, order } = await buyAt([one, two, three])
    expect(seconds).toBeLessThan(allocateS)
    const [theirs] = await atThree.orders()
    expect(theirs?.phone).toMatch(/^\+44/)
    expect(order).toMatchObject({ state: 'waiting', phone: theirs?.phone })
    expect(await atTwo.orders()).toMatchObject([{ state: 'waiting', phone: theirs?.phone }])
    for (const { db } of [one, two, three]) await expectCleanAudit(db)
  })
})
