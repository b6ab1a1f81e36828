// `numlet suppliers sources` and `trust`: what a platform shows, and how much of it customers see.
import { describe, expect, it } from 'vitest'
import { putSources, restock } from '../../src/core/supply/sources.ts'
import { openUpstream, upstreamDesk } from '../supply/upstream/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

describe('numlet suppliers trust', async () => {
  const { app, db, databaseUrl, offerId } = await upstreamDesk()
  const one = await openUpstream(db, app.now(), { offerId, stock: 101, product: 'first' })
  const other = await openUpstream(db, app.now(), { offerId, stock: 10 })
  const numlet = insideOn(databaseUrl)
  const trust = async (...args: string[]) =>
    jsonOf(await numlet('suppliers', 'trust', ...args, '--json'))
  const failed = async (...args: string[]) => {
    const { code, stderr } = await numlet('suppliers', 'trust', ...args, '--json')
    return [code, stderr] as const
  }
  const sources = async (...args: string[]) =>
    jsonOf(await numlet('suppliers', 'sources', ...args, '--json'))
  const shown = async () =>
    (
      await db.query<{ shown: number }>(
        'select sum(shown)::int as shown from stock where offer_id = $1',
        [offerId],
      )
    )[0]?.shown
  const all = { service: null, country: null }

  it('shows a part of what a platform shows, at once and after the next list', async () => {
    expect(await shown()).toBe(111)
    const half = { name: one.name, ...all, trust_percent: 50, products: 1 }
    expect(await trust(one.name, '50')).toEqual(half)
    expect(await shown()).toBe(50 + 10)
    expect(await trust(one.name, '50')).toEqual(half)
    const listed = {
      offerId,
      supplierId: one.supplierId,
      product: 'first',
      cost: 10_000n,
      stock: 200,
    }
    await db.begin((tx) => putSources(tx, app.now(), [listed]))
    expect(await shown()).toBe(100 + 10)
    await trust(one.name, '0')
    expect(await shown()).toBe(10)
    await trust(one.name, '100')
    expect(await shown()).toBe(200 + 10)
  })

  it('is for a service and a country alone if it is said so', async () => {
    const place = ['--service', 'whatsapp', '--country', 'gb']
    expect(await trust(other.name, '30', ...place)).toMatchObject({
      ...{ service: 'whatsapp', country: 'GB', trust_percent: 30, products: 1 },
    })
    expect(await failed(other.name, '30', '--country', 'US')).toEqual([
      1,
      expect.stringContaining('no such product'),
    ])
    expect(await shown()).toBe(200 + 3)
  })

  it('holds for a new product of a platform if all of its products have it', async () => {
    const add = async (product: string) => {
      const source = { offerId, supplierId: other.supplierId, product, cost: 10_000n, stock: 10 }
      await db.begin((tx) => putSources(tx, app.now(), [source]))
      const rows = await sources(other.name)
      return rows.find((row: { product: string }) => row.product === product).trust_percent
    }
    expect(await add('second')).toBe(30)
    await db.query(`update sources set trust = 70 where product = 'second'`)
    await db.begin((tx) => restock(tx, app.now(), [offerId]))
    expect(await add('third')).toBe(100)
  })

  it('is listed with the stock, and why a product is not asked for', async () => {
    const hidden = new Date(app.now().getTime() + 600_000)
    await db.query('update sources set empty_streak = 3, hidden_until = $2 where id = $1', [
      one.sourceId,
      hidden,
    ])
    expect(await sources(one.name)).toEqual([
      {
        ...{ service: 'whatsapp', country: 'GB', operator: 'drama', pool: '1', product: 'first' },
        duration: null,
        ...{ state: 'on', cost: '1.00', currency: 'USD', stock: 200, trust_percent: 100 },
        ...{
          seen_at: app.now().toISOString(),
          empty_streak: 3,
          hidden_until: hidden.toISOString(),
        },
      },
    ])
    expect(await sources(one.name, '--country', 'US')).toEqual([])
    expect(await sources(other.name, '--limit', '1')).toHaveLength(1)
  })

  it('is in the operator log with what it was, and refuses what is no percentage', async () => {
    await trust(other.name, '40', '--reason', 'they oversell')
    const [entry] = await db.query(
      `select actor, action, reason, subject_id, detail from audit_log
        where action = 'supplier.trust' order by id desc limit 1`,
    )
    expect(entry).toEqual({
      ...{ actor: 'tester', action: 'supplier.trust', reason: 'they oversell' },
      subject_id: other.name,
      detail: { ...all, products: 3, before: [30, 100], after: 40 },
    })
    const before = await shown()
    expect((await failed(one.name, '101'))[0]).toBe(1)
    expect((await failed(one.name, '-1'))[0]).toBe(2)
    expect((await failed(one.name, 'half'))[0]).toBe(2)
    expect((await failed('nobody', '50'))[0]).toBe(1)
    expect((await failed(one.name, '50', '--service', 'whatsap'))[0]).toBe(1)
    expect(await shown()).toBe(before)
  })
})
