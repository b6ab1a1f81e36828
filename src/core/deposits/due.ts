// What gateways are to be asked or told: found and claimed here, in commits before any call.
import type { Database } from '../../db/database.ts'
import type { Deposit } from './deposit.ts'
import { invoiceLeaseS } from './invoices.ts'
import { type DepositRow, depositColumns, later, toDeposit } from './rows.ts'

/** Asking for the state of a deposit, or making its invoice; and telling a gateway to pay it back. */
export type GatewayTask = 'check' | 'refund'

/** What is due at a gateway. */
export type DueAtGateway = {
  readonly gateway: string
  readonly task: GatewayTask
  /** How much of it; not more than ten thousand. */
  readonly count: number
  readonly dueAt: Date
}

export type ClaimedDeposit = {
  readonly deposit: Deposit
  /** How often its gateway has been asked. */
  readonly checks: number
}

const due: Readonly<Record<GatewayTask, string>> = {
  check: `d.check_at <= $1 and d.state in ('pending', 'expired', 'review', 'failed')`,
  refund: `d.check_at <= $1 and d.refund = 'owed'`,
}
const maxDue = 10_000

export function dueAtGateways(db: Database, now: Date): Promise<DueAtGateway[]> {
  return db.query<DueAtGateway>(
    `select gateway, task, count(*)::int, min(check_at) as "dueAt" from (
       (select gateway, 'check' as task, check_at from deposits d where ${due.check}
         order by check_at limit $2)
       union all
       (select gateway, 'refund', check_at from deposits d where ${due.refund}
         order by check_at limit $2)) due
      group by gateway, task order by gateway, task`,
    [now, maxDue],
  )
}

export type WantedDeposits = Pick<DueAtGateway, 'gateway' | 'task' | 'count'>

/** Claims deposits that are due, the longest due first. What is not recorded is due again in a minute. */
export async function claimDeposits(
  db: Database,
  now: Date,
  { gateway, task, count }: WantedDeposits,
): Promise<ClaimedDeposit[]> {
  const rows = await db.once<DepositRow & { readonly checks: number }>(
    `with due as (
       select id from deposits d where ${due[task]} and gateway = $2
        order by check_at limit $3 for no key update skip locked
     )
     update deposits d set check_at = $4, checks = d.checks + $5
       from due where d.id = due.id returning ${depositColumns}, d.checks`,
    [now, gateway, count, later(now, invoiceLeaseS), task === 'check' ? 1 : 0],
  )
  return rows.map((row) => ({ deposit: toDeposit(row), checks: row.checks }))
}
