// A look-up that the platform refuses says nothing of the ask: its number may have been bought.
import { describe, expect, it } from 'vitest'
import { mapped } from '../../../src/supply/answers.ts'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import type { LookUpVerdict, Upstream } from '../../../src/supply/upstream.ts'
import { supplyEngine } from './engines.ts'
import { askingDesk, numletPeer } from './peer.ts'

const upstream = numletKind.upstream as Upstream

/** A kind that takes a refusal of its list for an answer. */
const careless = {
  ...numletKind,
  upstream: {
    ...upstream,
    lookUp: (settings: Parameters<Upstream['listOrders']>[0]) => {
      const list = upstream.listOrders(settings)
      if (list === null) throw new Error('a Numlet has a list')
      return mapped(
        list,
        (found): LookUpVerdict =>
          found.kind === 'list' ? { kind: 'listed', list: found.list } : found,
      )
    },
  },
}

describe('an ask without an answer', async () => {
  const desk = await askingDesk(await numletPeer())
  const { app, db, between, buy, advance } = desk
  const engine = supplyEngine(app, () => careless)
  const work = async () => {
    await engine.turn()
    await engine.idle()
  }
  const orders = /^\/v1\/orders/

  it.each([401, 429])('is not given up by a look-up that is refused with %i', async (status) => {
    const id = await buy()
    between.answer({ status: 500, headers: {}, path: orders })
    await work()
    between.answer({ status, headers: {}, path: orders })
    const refused = between.passed.length
    for (let turn = 0; turn < 4; turn++) {
      advance(2)
      await work()
    }
    expect(between.passed.slice(refused).some((one) => one.status === status)).toBe(true)
    between.answer(null)
    expect(await db.query('select state from allocations where order_id = $1', [id])).toEqual([
      { state: 'unknown' },
    ])
  })
})
