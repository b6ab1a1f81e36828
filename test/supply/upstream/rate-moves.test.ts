// Exchange rates that move: nothing of a supplier is for sale at prices that were made by another rate, until
// they are made again, or an operator says that they may stay.
import { describe, expect, it } from 'vitest'
import { setRate } from '../../../src/core/catalog/rates.ts'
import { changeRate } from '../../../src/core/operating/rates.ts'
import { acceptSupplierRate } from '../../../src/core/operating/supplier-prices.ts'
import { jobs } from '../../../src/jobs/schedule.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

const by = { actor: 'operator', reason: 'the market is mad' }

describe('a rate that moves', async () => {
  const { app, db, url, databaseUrl, accountId, offerId } = await upstreamDesk()
  const now = () => app.now()
  await setRate(db, now(), 'EUR', '0.9')
  await setRate(db, now(), 'GBP', '0.8')
  const euro = await openUpstream(db, now(), { offerId, stock: 50, currency: 'EUR', cost: 5_000n })
  await acceptSupplierRate(db, now(), by, euro.name)
  const moved = async () =>
    (
      await db.query(
        'select rate_moved_at is not null as moved, name from suppliers where rate_moved_at is not null',
      )
    ).length
  const shown = async () =>
    (await db.query<{ n: number }>('select sum(upstream)::int as n from stock'))[0]?.n ?? 0
  const buy = async () => {
    const outcome = await outcomeOf(app.orders.buy(purchaseOf(accountId)))
    return typeof outcome === 'string' ? outcome : 'bought'
  }
  const watch = jobs.find(({ name }) => name === 'tidy-up-supply')
  const look = () => watch?.run(app, now())
  const metric = async () => {
    const text = await (await fetch(`${url}/metrics`)).text()
    return text.split('\n').filter((line) => line.startsWith('numlet_supplier_rate_moved{'))
  }

  it('by 5 % or less changes nothing', async () => {
    for (const rate of ['0.945', '0.856', '0.9']) {
      await changeRate(db, now(), by, 'EUR', rate)
      await look()
      expect([rate, await moved()]).toEqual([rate, 0])
    }
    expect(await buy()).toBe('bought')
    expect(app.troubles.all().get('exchange rates of suppliers')?.isOn ?? false).toBe(false)
  })

  it('by more takes all of its currency off sale at once, up or down, and tells operators', async () => {
    for (const rate of ['0.946', '0.854']) {
      await changeRate(db, now(), by, 'EUR', rate)
      // Before any job has seen it.
      expect(await buy()).toBe('out_of_stock')
      await look()
      expect([await moved(), await shown()]).toEqual([1, 0])
      expect(await metric()).toEqual([`numlet_supplier_rate_moved{supplier="${euro.name}"} 1`])
      expect(app.troubles.all().get('exchange rates of suppliers')).toMatchObject({ isOn: true })
      // It stays so, also if the rate comes back.
      await changeRate(db, now(), by, 'EUR', '0.9')
      await look()
      expect(await buy()).toBe('out_of_stock')
      await acceptSupplierRate(db, now(), by, euro.name)
      expect(await shown()).toBeGreaterThan(0)
      expect(await buy()).toBe('bought')
    }
    await expectCleanAudit(db)
  })

  it('leaves suppliers of other currencies alone', async () => {
    const failures = () => app.troubles.all().get('exchange rates of suppliers')?.failures
    const before = failures()
    await changeRate(db, now(), by, 'GBP', '2')
    await look()
    expect([await moved(), await buy()]).toEqual([0, 'bought'])
    expect(failures()).toBe(before)
  })

  it('is accepted by a command, once for each move, which is logged', async () => {
    const run = insideOn(databaseUrl)
    await changeRate(db, now(), by, 'EUR', '1.5')
    await look()
    const outcome = await run(
      'suppliers',
      'accept-rate',
      euro.name,
      '--reason',
      'ticket 9',
      '--json',
    )
    expect(jsonOf(outcome)).toEqual({ name: euro.name, currency: 'EUR', rate: '1.5' })
    expect([await moved(), await buy()]).toEqual([0, 'bought'])
    const [logged] = await db.query(
      `select reason, detail from audit_log where action = 'supplier.accept-rate' order by id desc limit 1`,
    )
    const rates = { before: { rate: '0.9' }, after: { rate: '1.5' } }
    expect(logged).toEqual({ reason: 'ticket 9', detail: { currency: 'EUR', ...rates } })
    expect((await run('suppliers', 'accept-rate', 'nobody')).code).toBe(1)
  })
})
