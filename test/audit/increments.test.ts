// The audit of a large ledger proves what has changed since the last clean one.
import { beforeAll, describe, expect, it } from 'vitest'
import { type Checkpoint, readCheckpoint } from '../../src/core/audit/checkpoint.ts'
import { auditDue, type DueReport } from '../../src/core/audit/due.ts'
import { changedSince, everything } from '../../src/core/audit/scope.ts'
import type { Database, Tx } from '../../src/db/database.ts'
import { testDatabase } from '../harness/database.ts'
import { keepBusy } from './busy.ts'
import { tamperedWith } from './tampering.ts'

const large = { smallLedger: 0 }
const wrongIn = (report: Pick<DueReport, 'checks'>) =>
  report.checks.filter((check) => !check.ok).map(({ name }) => name)

let db: Database
let before: Checkpoint
beforeAll(async () => {
  db = (await testDatabase('demo')).db
  await keepBusy(db, 4)
  expect(await auditDue(db, new Date())).toMatchObject({ ok: true, since: null })
  before = (await readCheckpoint(db)) as Checkpoint
  await keepBusy(db, 3)
})

const sumsOf = () =>
  db.query(`select ledger_account_id, amount from audit_sums where amount <> 0 order by 1`)
const proven = () =>
  db.query(
    `select e.id as ledger_account_id, sum(e.amount)::bigint as amount
       from (select debit_id as id, -amount as amount, seq from transfers
             union all select credit_id, amount, seq from transfers) e
      where e.seq <= (select transfer_seq from audit_checkpoint)
      group by 1 having sum(e.amount) <> 0 order by 1`,
  )

it('continues from one clean audit to the next, also while the platform is busy', async () => {
  expect(await sumsOf()).toEqual(await proven())
  const now = new Date()
  const report = await auditDue(db, now, large)
  expect(report).toMatchObject({ ok: true, since: before.provedAt })
  const next = (await readCheckpoint(db)) as Checkpoint
  expect(next.transferSeq).toBeGreaterThan(before.transferSeq)
  expect(next).toMatchObject({ provedAt: now, fullAt: before.fullAt })
  expect(await sumsOf()).toEqual(await proven())

  const work = keepBusy(db, 8)
  let isBusy = true
  const ended = work.finally(() => {
    isBusy = false
  })
  let audits = 0
  while (isBusy) {
    expect(wrongIn(await auditDue(db, new Date(), large))).toEqual([])
    audits++
  }
  await ended
  expect(audits).toBeGreaterThan(1)
  expect(await auditDue(db, new Date(), large)).toMatchObject({ ok: true })
  expect(await sumsOf()).toEqual(await proven())
  const full = await auditDue(db, new Date(), { ...large, full: true })
  expect(full).toMatchObject({ ok: true, since: null })
  expect(await sumsOf()).toEqual(await proven())
})

it('looks at what has changed, and not at the rest', async () => {
  await auditDue(db, new Date(), { full: true })
  const quiet = await auditDue(db, new Date(), large)
  const sizeOf = (report: DueReport, name: string) =>
    Number(/^\d+/.exec(report.checks.find((check) => check.name === name)?.detail ?? '')?.[0])
  const [open] = await db.query<{ orders: number }>(
    'select count(*)::int as orders from orders where closed_at is null',
  )
  expect(sizeOf(quiet, 'orders-have-their-hold')).toBeLessThan((open?.orders ?? 0) + 100)
  const whole = await auditDue(db, new Date(), { full: true })
  for (const name of ['balance-chain', 'orders-have-their-hold'])
    expect(sizeOf(quiet, name), name).toBeLessThan(sizeOf(whole, name) / 2)
})

describe('after a clean audit and more orders', () => {
  let known: Checkpoint
  beforeAll(async () => {
    await auditDue(db, new Date(), { full: true })
    known = (await readCheckpoint(db)) as Checkpoint
    await keepBusy(db, 2)
  })

  const recent = (tx: Tx) => changedSince(tx, known)

  it.each([
    [
      'the balance of a wallet that did not change since',
      `update ledger_accounts set balance = balance + 1 where id =
       (select id from ledger_accounts where kind = 'customer' order by balance limit 1) returning id`,
      'balances-match-history',
    ],
    [
      'a new transfer',
      `update transfers set amount = amount + 1 where id =
       (select id from transfers where kind = 'void' order by seq desc limit 1) returning id`,
      'balance-chain',
    ],
    [
      'a new order’s state',
      `update orders set state = 'expired' where id =
       (select id from orders where kind = 'activation' and state = 'finished' and hold_id is not null
         order by id desc limit 1) returning id`,
      'order-money-fits-state',
    ],
    [
      'the end of an old order that was open',
      `update orders set state = 'waiting', received_at = null where id =
       (select order_id from leases where ended_at is null and order_id in
         (select id from orders where state = 'received' and hold_id is not null) limit 1) returning id`,
      'order-money-fits-state',
    ],
  ])('finds that somebody changed %s', async (_what, sql, check) => {
    expect(await tamperedWith(db, sql, recent)).toContain(check)
  })

  it('finds nothing if nobody changed anything', async () => {
    expect(await tamperedWith(db, 'select 1 as one', recent)).toEqual([])
  })

  it('a change of what was proved before is found by a full audit', async () => {
    const sql = `update transfers set balance_after = balance_after + 1 where id =
    (select id from transfers where kind = 'credit' and seq <= ${known.transferSeq}
      order by seq limit 1) returning id`
    expect(await tamperedWith(db, sql, recent)).toEqual([])
    expect(await tamperedWith(db, sql, () => everything)).toEqual(['balance-chain'])
  })
})

it('a wrong result is not remembered', async () => {
  const known = await readCheckpoint(db)
  await db.query(`update ledger_accounts set balance = balance + 1 where kind = 'customer'`)
  expect((await auditDue(db, new Date(), large)).ok).toBe(false)
  expect((await auditDue(db, new Date(), { full: true })).ok).toBe(false)
  expect(await readCheckpoint(db)).toEqual(known)
  await db.query(`update ledger_accounts set balance = balance - 1 where kind = 'customer'`)
  expect((await auditDue(db, new Date(), large)).ok).toBe(true)
})
