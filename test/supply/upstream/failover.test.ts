// Several suppliers of one offer: an empty one, one that hangs, and a good one.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { attempts } from '../../harness/attempts.ts'
import { type TestServer, testServer } from '../../harness/server.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { type Api, accountAt, addNumlet, apis, engineOf, faultyProxy } from './between.ts'
import { allocateS, price, purchaseOf, upstreamDesk } from './market.ts'

/** Over which API the one that hangs is asked. */
const hanging = attempts(apis.slice(0, 1), [...apis])

describe.each(hanging)(
  'an order with three suppliers, of which one hangs over $kind',
  async (api) => {
    const [first, second] = apis.filter((one) => one !== api) as [Api, Api]
    const desk = await upstreamDesk(1, 'Any')
    const { app, db, accountId, offerId, advance } = desk
    const theirs = await testServer()
    const between = await faultyProxy(theirs.url)
    const engine = engineOf(app)
    /** One there has no money left: it says so, as one without numbers does. */
    const add = async (one: Api, cost: bigint, credit = '100') => {
      const account = await accountAt(theirs, one, credit)
      const at = { api: one, url: between.url, key: account.key, offerId, cost }
      return { ...account, ...(await addNumlet(db, app.now(), at)) }
    }
    const empty = await add(first, 1_000n, '0')
    const hangs = await add(api, 2_000n)
    const good = await add(second, 5_000n)

    it('has a number before its time is over, at the price that was shown', async () => {
      let hung = 0
      between.set(async (asked, request) => {
        const isOfHanging = await isFrom(request, hangs.key)
        if (!isOfHanging || (asked !== 'ask' && asked !== 'list')) return 'none'
        // Time is what it costs: as long as the one who asks waits for an answer.
        request.socket.once('close', () => advance(Number(request.headers['numlet-deadline'] ?? 2)))
        hung++
        return 'hang'
      })
      const before = await balanceOf(db, accountId)
      const began = app.now().getTime()
      const bought = await app.orders.buy(purchaseOf(accountId))
      const [order] = 'orders' in bought ? bought.orders : []
      const id = order?.id as bigint
      while ((await engine.turn()) > 0) {
        await engine.idle()
        await app.orders.failOverdue()
      }
      const found = await app.orders.read(accountId, id)
      expect(found).toMatchObject({ state: 'waiting', price })
      expect(found.phone).toBe((await good.orders())[0]?.phone)
      // Its request, and the look-up after it, took their time-outs: 5 and 2 seconds.
      expect(hung).toBeGreaterThanOrEqual(2)
      expect(app.now().getTime() - began).toBeLessThan(allocateS * 1000)
      expect(await balanceOf(db, accountId)).toBe(before - price)
      expect(await attemptsOf(db, id)).toEqual([
        [empty.supplierId, 'refused'],
        [hangs.supplierId, 'unknown'],
        [good.supplierId, 'got'],
      ])
    })

    it('gives back what the one that hung had sold all the same', async () => {
      between.set('none')
      for (let time = 0; time < 4; time++) {
        advance(60)
        theirs.advance(60)
        await app.supply.tidyUp(app.now())
        while ((await engine.turn()) > 0) await engine.idle()
      }
      expect(await empty.orders()).toEqual([])
      expect(await hangs.orders()).toMatchObject([{ state: 'cancelled' }])
      expect(await good.orders()).toMatchObject([{ state: 'waiting' }])
      expect(await balanceOf(theirs.db, hangs.accountId)).toBe(1_000_000n)
      await expectCleanAudit(db)
      await expectCleanAudit(theirs.db)
    })
  },
)

/** Whether a request has the key of an account. */
function isFrom(request: { url?: string; headers: Record<string, unknown> }, key: string) {
  const told = `${request.url} ${request.headers.authorization}`
  return told.includes(key)
}

async function attemptsOf(db: TestServer['db'], orderId: bigint) {
  const rows = await db.query<{ supplier_id: number; state: string }>(
    'select supplier_id, state from allocations where order_id = $1 order by attempt',
    [orderId],
  )
  return rows.map((row) => [row.supplier_id, row.state])
}
