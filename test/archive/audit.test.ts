// The audit of archived months: their totals stand for their orders, and nobody changes them unnoticed.
import { beforeAll, expect, it } from 'vitest'
import { type Checkpoint, readCheckpoint } from '../../src/core/audit/checkpoint.ts'
import { auditDue } from '../../src/core/audit/due.ts'
import { changedSince, everything } from '../../src/core/audit/scope.ts'
import type { Tx } from '../../src/db/database.ts'
import { keepBusy } from '../audit/busy.ts'
import { tamperedWith } from '../audit/tampering.ts'
import { type Archives, testArchives } from './archives.ts'
import { oldMonth } from './old-month.ts'

let archives: Archives
/** Of an audit after the month was archived. */
let known: Checkpoint
beforeAll(async () => {
  archives = await testArchives()
  const { db, json } = archives
  const month = await oldMonth(db)
  await auditDue(db, new Date(), { full: true })
  expect((await json('run', month)).archived).toHaveLength(1)
  expect(await auditDue(db, new Date(), { smallLedger: 0 })).toMatchObject({ ok: true })
  known = (await readCheckpoint(db)) as Checkpoint
  await keepBusy(db, 1)
})

const whole = 'archived-totals-are-whole'
const match = 'archived-totals-match-transfers'
const ofArchived = `order_id < (select max(orders_to) from archived_months)`

it.each([
  [
    'an amount',
    `update archived_totals set held = held + 1, posted = posted + 1 where state = 'finished'
     and kind = 'rental' or state = 'ended' returning 1 as yes`,
    [whole, match],
  ],
  [
    'a number of orders',
    'update archived_totals set orders = orders + 1 returning 1 as yes',
    [whole],
  ],
  [
    'a wallet',
    `update archived_totals set account_id = account_id + 1 returning 1 as yes`,
    [whole, match],
  ],
  [
    'a total that is gone',
    `delete from archived_totals where state = 'finished' returning 1 as yes`,
    [whole, match],
  ],
  ['the hash', `update archived_months set totals_hash = sha256('') returning 1 as yes`, [whole]],
  [
    'the number of the month',
    'update archived_months set orders = orders - 1 returning 1 as yes',
    [whole],
  ],
  [
    'a total of no month',
    `update archived_totals set month = '1999-01' returning 1 as yes`,
    [whole],
  ],
])('notices %s, in full and by increments', async (_, sql, names) => {
  expect(await tamperedWith(archives.db, sql, () => everything)).toEqual(
    expect.arrayContaining(names),
  )
  expect(await tamperedWith(archives.db, sql, (tx) => changedSince(tx, known))).toContain(whole)
})

it.each([
  [
    'a transfer that is gone',
    `delete from transfers where kind = 'void' and ${ofArchived} returning id`,
    match,
  ],
  [
    'another amount',
    `update transfers set amount = amount + 1 where kind = 'post' and ${ofArchived} returning id`,
    match,
  ],
  [
    'a month without its record',
    `delete from archived_months returning 1 as yes`,
    'holds-have-their-order',
  ],
  ['other ids', `update archived_months set orders_to = orders_from + 1 returning 1 as yes`, match],
  [
    'an inbox that is open',
    `update inboxes set ended_at = null where ${ofArchived} returning order_id`,
    'inboxes-are-their-orders',
  ],
])('notices %s, in full', async (_, sql, name) => {
  expect(await tamperedWith(archives.db, sql, () => everything)).toContain(name)
})

it('notices a new transfer for an archived order by increments, too', async () => {
  const sql = `insert into transfers (id, kind, debit_id, credit_id, amount, currency, hold_id, account_id,
      balance_after, order_id, created_at)
    select gen_random_uuid(), 'hold', debit_id, credit_id, amount, currency, null, account_id, balance_after,
           order_id, now() from transfers where kind = 'hold' and ${ofArchived} limit 1 returning id`
  for (const scope of [() => everything, (tx: Tx) => changedSince(tx, known)])
    expect(await tamperedWith(archives.db, sql, scope)).toContain(match)
})

it('reads no transfers of archived months again once they are proved', async () => {
  const { db } = archives
  const transfersRead = async (days: number) => {
    const later = new Date(Date.now() + days * 86_400_000)
    const { checks } = await auditDue(db, later, { smallLedger: 0 })
    return Number(
      /^\d+/.exec(checks.find((one) => one.name === 'money-conserved')?.detail ?? '')?.[0],
    )
  }
  const [row] = await db.query<{ transfers: number }>(
    `select count(*)::int as transfers from transfers where ${ofArchived}`,
  )
  expect(row?.transfers).toBeGreaterThan(100)
  expect(await transfersRead(3)).toBeGreaterThanOrEqual(row?.transfers as number)
  expect(await transfersRead(4)).toBeLessThan(row?.transfers as number)
})
