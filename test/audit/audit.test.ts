// The audit passes on a platform in use, and finds whatever breaks a promise.
import { beforeAll, describe, expect, it } from 'vitest'
import { audit, checks } from '../../src/core/audit/audit.ts'
import { type Checkpoint, readCheckpoint } from '../../src/core/audit/checkpoint.ts'
import { auditDue } from '../../src/core/audit/due.ts'
import { changedSince } from '../../src/core/audit/scope.ts'
import type { Database, Tx } from '../../src/db/database.ts'
import { testDatabase } from '../harness/database.ts'
import { keepBusy } from './busy.ts'
import { esimTampering } from './esim-tampering.ts'
import { inboundTampering } from './inbound-tampering.ts'
import { lateCodeTampering } from './late-code-tampering.ts'
import { numberTampering } from './number-tampering.ts'
import { supplyTampering } from './supply-tampering.ts'

let db: Database
/** From before everything that the tests break. */
let start: Checkpoint
beforeAll(async () => {
  db = (await testDatabase('demo')).db
  await auditDue(db, new Date())
  start = (await readCheckpoint(db)) as Checkpoint
  await keepBusy(db, 6)
})

const failed = (report: Awaited<ReturnType<typeof audit>>) =>
  report.checks.filter((check) => !check.ok)

describe('on a platform in use', () => {
  it('passes while orders are bought, paid, cancelled, replaced and swept', async () => {
    const work = keepBusy(db, 12)
    let running = true
    const ended = work.finally(() => {
      running = false
    })
    let audits = 0
    while (running) {
      expect(failed(await audit(db, new Date()))).toEqual([])
      audits++
    }
    await ended
    expect(audits).toBeGreaterThan(1)
    const report = await audit(db, new Date())
    expect(report.ok).toBe(true)
    expect(failed(report)).toEqual([])
  })

  it('has every sort of row for its checks to look at', async () => {
    const [counts] = await db.query<Record<string, number>>(
      `select count(*) filter (where state = 'cancelled')::int as cancelled,
              count(*) filter (where state = 'expired')::int as expired,
              count(*) filter (where state = 'finished')::int as finished,
              count(*) filter (where replaced_by is not null)::int as replaced,
              (select count(*) from messages where purged_at is not null)::int as purged,
              (select count(*) from messages where state = 'repeat')::int as repeats,
              (select count(*) from messages where state = 'claimed')::int as claimed,
              (select count(*) from messages where state = 'late' and claimable and code is not null)::int
                as late_codes,
              (select count(*) from order_services where state = 'paid')::int as paid_services,
              (select count(*) from order_services where state = 'refunded')::int as refunded_services,
              (select count(*) from transfers where kind = 'post')::int as posted,
              (select count(*) from returned_numbers)::int as returned
         from orders`,
    )
    for (const [name, count] of Object.entries(counts ?? {})) expect(count, name).toBeGreaterThan(0)
  })

  it('names no check twice', () => {
    expect(new Set(checks.map((check) => check.name)).size).toBe(checks.length)
  })
})

/** The order, or another row, that each case changes. */
const someOrder = (where: string) => `(select o.id from orders o where ${where} limit 1)`
const finished = someOrder(`o.state = 'finished' and o.kind = 'activation' and o.hold_id is not null
  and not exists (select from leases l where l.number_id = o.number_id and l.ended_at is null)`)
const cancelled = someOrder(`o.state = 'cancelled' and o.kind = 'activation'
  and o.hold_id is not null`)
const holdOf = (order: string) => `(select hold_id from orders where id = ${order})`
const endOf = (order: string) => `hold_id = ${holdOf(order)}`
const copy = (changes: string, where: string) =>
  `insert into transfers (id, kind, debit_id, credit_id, amount, currency, hold_id, account_id,
     balance_after, order_id, created_at)
   select gen_random_uuid(), ${changes}, order_id, created_at from transfers where ${where} limit 1`
const openOrder = `
  update orders set state = 'waiting', closed_at = null, received_at = null where id = ${cancelled}`

const paidDeposit = `
  insert into deposits (account_id, gateway, state, amount, total, currency, pay_token, created_at,
    expires_at, paid_at, reference, credited)
  select w.account_id, 'sandbox', 'success', 10000, 10000, w.currency, repeat('a', 32), now(),
         now() + interval '1 hour', now(), 'NL000000000001', 10000
    from ledger_accounts w where w.kind = 'customer' limit 1;
  insert into transfers (id, kind, debit_id, credit_id, amount, currency, account_id, balance_after,
    reference, created_at)
  select gen_random_uuid(), 'deposit', p.id, w.id, d.amount, d.currency, d.account_id,
         w.balance + d.amount, 'deposit ' || d.id || ' by sandbox', now()
    from deposits d
    join ledger_accounts w on w.kind = 'customer' and w.account_id = d.account_id
    join ledger_accounts p on p.kind = 'deposits' and p.currency = d.currency`

/** All orders count as archived, and nothing stands for them. */
const archivedMonth = (totalsHash: string) => `
  insert into archived_months (month, orders_from, orders_to, messages_from, messages_to, orders, messages,
    texts, manifest_hash, totals_hash, archived_by, archived_at)
  select '1999-01', min(id), max(id) + 1, 0, 0, 1, 0, 0, sha256(''), ${totalsHash}, 'test', now() from orders`

/** Each check with statements that break its promise, and whatever else would stop them. */
const tampering: Record<string, readonly string[]> = {
  'repeats-have-their-first': [
    `update messages set repeat_of = -1 where state = 'repeat'`,
    `update messages set fingerprint = fingerprint + 1 where state = 'repeat'`,
    `update messages set received_at = received_at + interval '11 s' where state = 'repeat'`,
  ],
  'service-holds-fit-states': [
    `update order_services set price = price + 1 where state = 'paid'`,
    `update order_services set state = 'held', settled_at = null, paid_by = null where state = 'paid'`,
    `update order_services set hold_id = gen_random_uuid()`,
    `delete from transfers where kind = 'void'
       and hold_id in (select hold_id from order_services where state = 'refunded')`,
  ],
  'services-fit-their-order': [
    `update orders set price = price + 1 where hold_id is null`,
    `delete from order_services where place = 2`,
    `update order_services set state = 'held', settled_at = null where state = 'refunded'`,
  ],
  'services-are-paid-by-their-messages': [
    `update order_services set paid_by = -order_id where place = 1 and state = 'paid'`,
    `update messages set order_id = order_id + 1
      where id in (select paid_by from order_services where paid_by is not null)`,
  ],
  'money-conserved': [
    `update ledger_accounts set balance = balance + 1 where kind = 'customer'`,
    `update transfers set debit_id = 999999 where kind = 'credit'`,
    `update transfers set credit_id = (select id from ledger_accounts
       where kind = 'revenue' and currency <> 'USD' limit 1) where kind = 'post'`,
  ],
  'balances-match-history': [
    `update ledger_accounts set balance = balance + 1 where kind = 'customer'`,
    `delete from transfers where ${endOf(cancelled)}`,
  ],
  'balance-chain': [
    `update transfers set balance_after = balance_after + 1 where id = ${holdOf(finished)}`,
    `delete from transfers where ${endOf(cancelled)}`,
    `update transfers set balance_after = null where id = ${holdOf(finished)}`,
  ],
  'nothing-negative': [
    `alter table ledger_accounts drop constraint no_overdraft;
     update ledger_accounts set balance = -1 where kind = 'customer'`,
    `alter table transfers drop constraint transfers_amount_check;
     update transfers set amount = -1 where id = ${holdOf(finished)}`,
    copy(
      `'void', debit_id, credit_id, 1000000000, currency, hold_id, account_id, balance_after`,
      `kind = 'void'`,
    ).replace('insert', 'drop index transfers_hold_end; insert'),
  ],
  'transfers-join-accounts': [
    `update transfers set debit_id = 999999 where id = ${holdOf(finished)}`,
    `update transfers set currency = 'JPY' where ${endOf(finished)}`,
    `update transfers set debit_id = credit_id, credit_id = debit_id where ${endOf(finished)}`,
    `update transfers set account_id = account_id + 1 where id = ${holdOf(finished)}`,
  ],
  'holds-end-once': [
    `drop index transfers_hold_end; ${copy(
      `'post', debit_id, credit_id, amount, currency, hold_id, account_id, balance_after`,
      endOf(cancelled),
    )}`,
    `update transfers set amount = amount - 1 where ${endOf(finished)}`,
    copy(
      `'release', debit_id, credit_id, 0, currency, hold_id, account_id, balance_after`,
      endOf(cancelled),
    ),
  ],
  'refunds-have-a-post': [
    `update transfers set amount = amount + 1 where kind = 'refund'`,
    `delete from transfers where kind = 'post'
       and hold_id in (select hold_id from transfers where kind = 'refund')`,
  ],
  'ends-have-a-hold': [
    `delete from transfers where id = ${holdOf(finished)}`,
    `update transfers set hold_id = gen_random_uuid() where ${endOf(finished)}`,
    `update transfers set account_id = account_id + 1 where ${endOf(finished)}`,
  ],
  'order-money-fits-state': [
    openOrder,
    `delete from transfers where ${endOf(finished)}`,
    `update orders set state = 'finished' where id = ${cancelled}`,
    `update orders set state = 'expired' where id = ${finished}`,
  ],
  'orders-have-their-hold': [
    `update orders set price = price + 1 where id = ${finished}`,
    `update orders set hold_id = gen_random_uuid() where id = ${finished}`,
    `update orders set currency = 'JPY' where id = ${finished}`,
    `delete from transfers where id = ${holdOf(finished)}`,
  ],
  'holds-have-their-order': [
    `alter table orders drop constraint claims_are_sound;
     update orders set claim_hold_id = null where claimed_at is not null`,
    `delete from orders where id = ${finished}`,
    copy(
      `'hold', debit_id, credit_id, amount, currency, null, account_id, balance_after`,
      `id = ${holdOf(finished)}`,
    ),
  ],
  'deposits-are-credited-once': [
    `${paidDeposit}; delete from transfers where kind = 'deposit'`,
    `${paidDeposit}; update deposits set state = 'expired', paid_at = null, credited = null`,
    `${paidDeposit}; update deposits set credited = credited - 1`,
    `${paidDeposit}; ${copy(
      `'deposit', debit_id, credit_id, amount, currency, null, account_id, balance_after`,
      `kind = 'deposit'`,
    )}`,
    `${paidDeposit};
     insert into transfers (id, kind, debit_id, credit_id, amount, currency, account_id, balance_after,
       reference, created_at)
     select gen_random_uuid(), kind, debit_id, credit_id, amount, currency, account_id, balance_after,
            reference, created_at from transfers where kind = 'deposit'`,
  ],
  'deposit-credits-are-from-deposits': [
    `${paidDeposit}; update transfers t set debit_id = a.id from ledger_accounts a
      where a.kind = 'adjustments' and a.currency = t.currency and t.kind = 'deposit'`,
  ],
  'deposit-surpluses-are-credited-once': [
    `${paidDeposit}; update deposits set surplus = 1`,
    `${paidDeposit}; update transfers set kind = 'credit' where kind = 'deposit'`,
  ],
  'deposit-refunds-are-debited-once': [
    `${paidDeposit};
     update deposits set state = 'refunded', refund = 'by_hand', refunded_at = now()`,
    `${paidDeposit}; update transfers set kind = 'debit', debit_id = credit_id, credit_id = debit_id
      where kind = 'deposit'`,
  ],
  'open-leases-are-open-orders': [
    openOrder,
    `update leases set ended_at = null where order_id = ${finished}`,
    `${openOrder}; update leases set ended_at = null, number_id = -1
       where order_id = ${someOrder(`o.state = 'waiting'`)}`,
    `update leases set until = until + interval '1 minute' where ended_at is null`,
  ],
  'no-number-leased-twice': [
    `alter table leases drop constraint one_open_lease;
     insert into leases select order_id + 1000000000 + g, service_id, account_id, number_id, shelf_id,
       starts_at, until, null from leases, generate_series(1, 2) g where order_id = ${finished}`,
    `insert into leases select order_id + 1000000000, service_id, account_id, number_id, shelf_id,
       starts_at - interval '1 minute', until, starts_at + interval '1 minute'
       from leases where order_id = ${finished}`,
  ],
  'no-number-let-twice': [
    `update orders o set number_id = f.number_id, created_at = f.created_at - interval '1 minute',
            closed_at = f.created_at + interval '1 minute'
       from (select * from orders where id = ${finished}) f where o.id = ${cancelled}`,
    `update orders o set number_id = f.number_id, state = 'waiting', closed_at = null
       from (select * from orders where id = ${finished}) f
      where o.id in (select id from orders where state = 'cancelled' limit 2)`,
  ],
  'open-orders-counted': [
    `update account_usage set open_orders = open_orders + 1`,
    openOrder,
    `delete from account_usage; ${openOrder}`,
  ],
  'orders-have-their-events': [
    `delete from events where type = 'order.created' and order_id = ${finished}`,
    `delete from events where type = 'order.finished' and order_id = ${finished}`,
    `update events set type = 'order.expired' where type = 'order.finished'
        and order_id = ${finished}`,
    `insert into events (account_id, type, order_id, created_at)
     select account_id, type, order_id, created_at from events where order_id = ${finished}`,
  ],
  'stock-counted': [
    `update stock set remaining = remaining + 1 where remaining > 0`,
    `update numbers set state = 'disabled' where id = (select n.id from numbers n
       join stock s on s.shelf_id = n.shelf_id and n.position >= s.next_position limit 1)`,
    `delete from returned_numbers`,
  ],
  'stock-fits-offers': [
    `update stock set price = price + 1 where price is not null`,
    `update offers set active = false`,
    `update stock set offer_id = null, price = null`,
    `update stock set area = '999'`,
  ],
  'stock-beyond-let-numbers': [
    `update stock set next_position = 1`,
    `delete from stock s using orders o, numbers n where o.number_id = n.id
        and s.service_id = o.service_id and s.shelf_id = n.shelf_id`,
  ],
  'returned-numbers-are-free': [
    `update numbers set state = 'disabled' where id in (select number_id from returned_numbers)`,
    `update leases l set ended_at = null from (select l.order_id, l.service_id from leases l
       join returned_numbers r on r.number_id = l.number_id and r.service_id = l.service_id limit 1) r
      where r.order_id = l.order_id and r.service_id = l.service_id`,
    `insert into returned_numbers (service_id, shelf_id, number_id)
     select s.service_id, s.shelf_id, n.id from stock s join numbers n on n.shelf_id = s.shelf_id
        and n.position >= s.next_position
      where not exists (select from taken_ahead t where t.service_id = s.service_id
        and t.shelf_id = s.shelf_id and t.position = n.position) limit 1`,
  ],
  ...numberTampering,
  'shelves-end-after-their-numbers': [`update shelves set next_position = 1`],
  'messages-reach-their-order': [
    `update messages set order_id = order_id + 1 where state = 'delivered'`,
    `update messages set account_id = account_id + 1 where state = 'delivered'`,
    `update messages set order_id = 1 where state = 'delivered'`,
    `update messages set number_id = number_id + 1 where state = 'delivered'`,
    `update messages set address = 'x' || address where state = 'delivered'`,
  ],
  'messages-in-their-orders-time': [
    `update messages set received_at = received_at + interval '1 hour' where state = 'delivered'`,
    `update messages set received_at = received_at - interval '1 hour' where state = 'delivered'`,
  ],
  'codes-purged-with-texts': [
    `alter table messages drop constraint sound;
     update messages set code = '123456' where purged_at is not null`,
    `update messages set code_as_written = '123-456' where purged_at is not null`,
    `update orders set code = '123456' where id = ${cancelled}`,
  ],
  'inboxes-are-their-orders': [
    `update inboxes set address = 'x' || address`,
    `update inboxes set ended_at = null where ended_at is not null`,
    `update inboxes set account_id = account_id + 1`,
    `update inboxes set until = until - interval '1 minute' where ended_at is null`,
    `delete from inboxes`,
    `delete from orders where kind = 'email'`,
  ],
  'open-inboxes-counted': [
    `update email_domains set open_inboxes = open_inboxes + 1`,
    `update inboxes set ended_at = null where ended_at is not null`,
  ],
  'mail-domains-have-their-offer': [`delete from offers where kind = 'email'`],
  // More cases, with a month that was archived: test/archive/audit.test.ts.
  'archived-totals-are-whole': [archivedMonth(`sha256('other')`)],
  'archived-totals-match-transfers': [archivedMonth(`sha256('')`)],
  ...esimTampering,
  ...inboundTampering,
  ...lateCodeTampering,
  ...supplyTampering,
  'no-code-in-events': [
    `update events e set data = jsonb_build_object('sms', 'the code: ' || o.code)
       from orders o where o.id = e.order_id and o.code is not null`,
    `update orders set code = '1234' where code is not null;
     update events set data = '{"a": [{"b": "1234"}]}'`,
  ],
}

describe('finds what breaks a promise', () => {
  it('has cases for every check', () => {
    expect(Object.keys(tampering).sort()).toEqual(checks.map((check) => check.name).sort())
  })
  for (const [name, cases] of Object.entries(tampering))
    for (const [i, sql] of cases.entries())
      it(`${name}, case ${i + 1}`, async () => {
        for (const report of await afterTampering(name, sql)) {
          const finding = report.checks.find((check) => check.name === name)
          expect(report.ok).toBe(false)
          expect(finding?.detail).toMatch(/^[1-9]\d* wrong among \d+ /)
          expect(finding?.ok).toBe(false)
          expect(JSON.stringify(report)).not.toMatch(/\+\d{6}|\b483-?\d{3}\b/)
        }
      })
})

/** Runs one check inside a transaction that breaks something, on everything and on what has changed since the
 * start, and takes it all back. */
async function afterTampering(name: string, sql: string) {
  const wanted = checks.filter((check) => check.name === name)
  const undo = new Error('taken back')
  const reports: Awaited<ReturnType<typeof audit>>[] = []
  await db
    .begin(async (tx: Tx) => {
      await tx.query('set local session_replication_role = replica')
      await tx.query(sql)
      const here = { ...db, snapshot: <T>(work: (tx: Tx) => Promise<T>) => work(tx) }
      reports.push(await audit(here, new Date(), wanted))
      reports.push(await audit(here, new Date(), wanted, () => changedSince(tx, start)))
      throw undo
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error
    })
  expect(reports).toHaveLength(2)
  return reports
}
