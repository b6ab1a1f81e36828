// What was weighed when a supplier was chosen: operators see it with the order, and it is forgotten in time.
import { expect, it } from 'vitest'
import { setSupplier } from '../../../src/core/operating/suppliers.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { claimAsks } from '../../../src/core/supply/asks.ts'
import type { NoClass } from '../../../src/core/supply/verdict.ts'
import { jobs } from '../../../src/jobs/schedule.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

const desk = await upstreamDesk()
const { app, db, databaseUrl, dealing, accountId, offerId } = desk
const by = { actor: 'tester', reason: 'a test' }
const open = (cost: bigint, more: { currency?: string } = {}) =>
  openUpstream(db, app.now(), { offerId, stock: 5, cost, ...more })
const cheap = await open(5_000n)
const middle = await open(6_000n)
const dear = await open(7_000n)
const lossy = await open(20_001n)
const paused = await open(1_000n)
await setSupplier(db, by, paused.name, 'paused')
const hidden = await open(2_000n)
await db.query(`update sources set hidden_until = '2100-01-01' where id = $1`, [hidden.sourceId])

const buy = async () => {
  const bought = await app.orders.buy(purchaseOf(accountId))
  if (!('orders' in bought) || !bought.orders[0]) throw new Error('nothing was bought')
  return bought.orders[0].id
}
const refuse = async (supplierId: number, noClass: NoClass) => {
  const [ask] = await claimAsks(dealing, app.now(), supplierId)
  if (!ask) throw new Error('nothing was asked')
  const verdict = { kind: 'no', class: noClass } as const
  const { allocationId, claims } = ask
  await recordAnswer(dealing, app.now(), { allocationId, claims, verdict })
}
type Shown = {
  routings: { attempt: number; policy: string; candidates: Record<string, unknown>[] }[]
}
const shown = async (id: bigint) =>
  jsonOf(await insideOn(databaseUrl)('orders', 'show', String(id), '--json')) as Shown
/** By the names of the suppliers. */
const reasonsIn = ({ candidates }: Shown['routings'][number]) =>
  Object.fromEntries(candidates.map((one) => [one.supplier, one.passed_over]))

it('names the chosen source first, and why each of the others was passed over', async () => {
  const id = await buy()
  const { routings } = await shown(id)
  expect(routings).toHaveLength(1)
  const [first] = routings
  expect(first).toMatchObject({ attempt: 1, policy: 'cheapest' })
  expect(first?.candidates[0]).toMatchObject({
    ...{ supplier: cheap.name, cost: '0.50', currency: 'USD', stock: 5, passed_over: null },
  })
  expect(reasonsIn(first as Shown['routings'][number])).toEqual({
    [cheap.name]: null,
    [middle.name]: 'ranks below',
    [dear.name]: 'ranks below',
    [lossy.name]: 'loses money',
    [paused.name]: 'its supplier is paused',
    [hidden.name]: 'empty several times',
  })
  // At the next source, and when there is none any more.
  await refuse(cheap.supplierId, 'empty')
  await setSupplier(db, by, dear.name, 'off')
  await refuse(middle.supplierId, 'empty')
  const later = (await shown(id)).routings
  expect(later.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  expect(reasonsIn(later[1] as Shown['routings'][number])).toMatchObject({
    [cheap.name]: 'asked before',
    [middle.name]: null,
    [dear.name]: 'ranks below',
  })
  expect(reasonsIn(later[2] as Shown['routings'][number])).toMatchObject({
    [cheap.name]: 'asked before',
    [middle.name]: 'asked before',
    [dear.name]: 'its supplier is off',
  })
  expect(await app.orders.read(accountId, id)).toMatchObject({ state: 'failed' })
  await expectCleanAudit(db)
})

it('is forgotten with the texts', async () => {
  const job = jobs.find(({ name }) => name === 'forget-routings')
  const count = async () => (await db.query('select 1 as yes from routings')).length
  const before = await count()
  const days = app.settings().retention_days
  const at = (day: number) => new Date(app.now().getTime() + day * 86_400_000)
  expect(before).toBe(3)
  expect(await job?.run(app, at(days - 1))).toBe(0)
  expect(await count()).toBe(before)
  expect(await job?.run(app, at(days + 1))).toBe(before)
  expect(await count()).toBe(0)
})
