// The audit: verifies on a live system that the ledger, the leases and the stock are consistent. It reads one
// snapshot of the database and takes no locks.
import type { Database, Tx } from '../../db/database.ts'
import { archiveChecks } from './archive-checks.ts'
import { type Check, type Finding, type Subject, subjects } from './check.ts'
import { depositChecks } from './deposit-checks.ts'
import { esimChecks } from './esim-checks.ts'
import { clockHint, futureFinding, timesInTheFuture } from './future.ts'
import { inboundChecks } from './inbound-checks.ts'
import { inboxChecks } from './inbox-checks.ts'
import { ledgerChecks } from './ledger-checks.ts'
import { messageChecks } from './message-checks.ts'
import { orderChecks } from './order-checks.ts'
import { orderServiceChecks } from './order-service-checks.ts'
import { everything, type Scope } from './scope.ts'
import { stockChecks } from './stock-checks.ts'

export type AuditReport = { readonly ok: boolean; readonly checks: readonly Finding[] }

/** All checks, in the order of the report. */
export const checks: readonly Check[] = [
  ...ledgerChecks,
  ...orderChecks,
  ...orderServiceChecks,
  ...stockChecks,
  ...messageChecks,
  ...inboxChecks,
  ...esimChecks,
  ...depositChecks,
  ...archiveChecks,
  ...inboundChecks,
]

const examplesShown = 3

/** Runs checks on one snapshot; all of them on all rows, unless the caller says otherwise. */
export function audit(
  db: Database,
  now: Date,
  wanted: readonly Check[] = checks,
  scopeOf: (tx: Tx) => Scope | Promise<Scope> = () => everything,
): Promise<AuditReport> {
  return db.snapshot(async (tx) => {
    // Millions of rows are joined and sorted: more working memory helps, and JIT compilation does not.
    await tx.query(`set local work_mem = '64MB'`)
    await tx.query('set local jit = off')
    const scope = await scopeOf(tx)
    const sizes = await countAll(tx, now, scope)
    const future = await timesInTheFuture(tx, now, scope)
    const findings: Finding[] = []
    for (const check of wanted) {
      const finding = await run(tx, now, scope, check, sizes[check.over])
      const hint = !finding.ok && check.comparesTimes ? clockHint(future) : ''
      findings.push({ ...finding, detail: finding.detail + hint })
    }
    findings.push(futureFinding(future))
    return { ok: findings.every((finding) => finding.ok), checks: findings }
  })
}

async function countAll(tx: Tx, now: Date, scope: Scope): Promise<Record<Subject, bigint>> {
  const counts = Object.keys(subjects).map((table) => `(select count(*) from ${table}) as ${table}`)
  const [row] = await tx.query<Record<Subject, bigint>>(
    `with ${scope.tables} select ${counts.join(', ')}`,
    [now, ...scope.values],
  )
  return row as Record<Subject, bigint>
}

async function run(tx: Tx, now: Date, scope: Scope, check: Check, size: bigint): Promise<Finding> {
  const [row] = await tx.query<{ wrong: bigint; examples: string[] }>(
    `with ${scope.tables}, wrong as materialized (${check.sql})
     select (select count(*) from wrong) as wrong,
            array(select id::text from wrong order by 1 limit ${examplesShown}) as examples`,
    [now, ...scope.values],
  )
  const { wrong, examples } = row as { wrong: bigint; examples: string[] }
  const things = subjects[check.over]
  if (wrong === 0n) return { name: check.name, ok: true, detail: `${size} ${things}` }
  const more = wrong > BigInt(examples.length) ? ', ...' : ''
  return {
    name: check.name,
    ok: false,
    detail: `${wrong} wrong among ${size} ${things}: ${examples.join(', ')}${more}`,
  }
}
