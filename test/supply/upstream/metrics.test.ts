// What metrics show of another platform: each sample, after a purchase, a refusal, and too low a balance.
import { expect, it } from 'vitest'
import { topUpSupplier } from '../../../src/core/operating/supplier-money.ts'
import { noteForeign } from '../../../src/core/supply/lost.ts'
import { askingDesk, numletPeer } from './peer.ts'

it('metrics show what was asked, what is open, and what is at stake', async () => {
  const peer = await numletPeer()
  const desk = await askingDesk(peer)
  const { app, db, url, supplierId, supplierName: supplier, buy, work, pass } = desk
  await db.query(
    `update suppliers set config = config || '{"alarm_balance": "5000"}' where id = $1`,
    [supplierId],
  )
  const order = await buy()
  // The purchase is asked for before the balance is known to be too low.
  await work()
  await pass(3)
  await noteForeign(db, app.now(), supplierId, 100n)
  const by = { actor: 'tester', reason: 'a test' }
  const paid = { supplier, currency: 'USD', amount: 10_000_000n, reference: 'paid' }
  await topUpSupplier(db, app.now(), by, paid)
  await db.query('update stock set upstream = 5')
  await peer.db.query('update stock set remaining = 0')
  await buy()
  await work()
  const [bought] = await db.query<{ cost: bigint }>(
    'select cost from allocations where order_id = $1',
    [order],
  )
  const cost = Number(bought?.cost) / 10_000
  const text = await (await fetch(`${url}/metrics`)).text()
  const samples = text.split('\n').filter((line) => line.includes(`supplier="${supplier}"`))
  const sampleOf = (name: string) => {
    const line = samples.find((one) => one.startsWith(`${name} `))
    return line === undefined ? undefined : Number(line.slice(name.length + 1))
  }
  const of = (name: string, labels = '') => sampleOf(`${name}{supplier="${supplier}"${labels}}`)
  expect(of('numlet_supplier_asks_total', ',verdict="number"')).toBe(1)
  expect(of('numlet_supplier_asks_total', ',verdict="empty"')).toBe(1)
  expect(of('numlet_supplier_ask_seconds_count')).toBe(2)
  expect(of('numlet_supplier_sweeps_total')).toBe(1)
  expect(of('numlet_supplier_sweep_requests_total')).toBe(1)
  expect(of('numlet_supplier_open_numbers')).toBe(1)
  expect(of('numlet_supplier_differences')).toBe(1)
  expect(of('numlet_supplier_dry')).toBe(1)
  for (const until of ['timed', 'resumed'])
    expect(of('numlet_supplier_paused', `,until="${until}"`)).toBe(0)
  const money = (what: string) => of('numlet_supplier_money', `,currency="USD",what="${what}"`)
  expect(money('at_risk')).toBe(cost)
  expect(money('prepaid')).toBe(1_000 - cost)
  expect(money('told')).toBe(1_000 - cost)
  expect(money('exposure')).toBe(0)
})
