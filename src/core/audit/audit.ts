// The audit: verifies on a live system that the ledger, the leases and the stock are consistent. It reads one
// snapshot of the database and takes no locks.
import type { Database, Tx } from '../../db/database.ts'
import { archiveChecks } from './archive-checks.ts'
import { type Check, type Finding, type Subject, subjects } from './check.ts'
import { depositChecks } from './deposit-checks.ts'
import { esimChecks } from './esim-checks.ts'
import { clockHint, type Future, futureFinding, futureQuestion } from './future.ts'
import { inboundChecks } from './inbound-checks.ts'
import { inboxChecks } from './inbox-checks.ts'
import { lateCodeChecks } from './late-code-checks.ts'
import { ledgerChecks } from './ledger-checks.ts'
import { messageChecks } from './message-checks.ts'
import { orderChecks } from './order-checks.ts'
import { orderServiceChecks } from './order-service-checks.ts'
import { everything, type Scope } from './scope.ts'
import { stockChecks } from './stock-checks.ts'
import { supplyChecks } from './supply-checks.ts'

export type AuditReport = { readonly ok: boolean; readonly checks: readonly Finding[] }

/** All checks, in the order of the report. */
export const checks: readonly Check[] = [
  ...ledgerChecks,
  ...orderChecks,
  ...orderServiceChecks,
  ...stockChecks,
  ...supplyChecks,
  ...messageChecks,
  ...lateCodeChecks,
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
    const { sizes, future, ...wrongs } = (await answersTo(tx, now, scope, {
      sizes: sizesQuestion,
      future: futureQuestion,
      ...Object.fromEntries(wanted.map((check) => [check.name, violationsIn(check)])),
    })) as Answers
    const findings = wanted.map((check) => {
      const finding = findingOf(check, wrongs[check.name] as Violations, sizes[check.over])
      const hint = !finding.ok && check.comparesTimes ? clockHint(future) : ''
      return { ...finding, detail: finding.detail + hint }
    })
    findings.push(futureFinding(future))
    return { ok: findings.every((finding) => finding.ok), checks: findings }
  })
}

type Violations = { readonly wrong: number; readonly examples: readonly string[] }
type Answers = Record<string, Violations> & {
  readonly sizes: Record<Subject, number>
  readonly future: Future
}

const sizesQuestion = `select ${Object.keys(subjects)
  .map((table) => `(select count(*) from ${table}) as ${table}`)
  .join(', ')}`

const violationsIn = ({ sql }: Check) => `
  with wrong as materialized (${sql})
  select (select count(*) from wrong) as wrong,
         array(select id::text from wrong order by 1 limit ${examplesShown}) as examples`

/**
 * Asks questions about the tables of a scope. A part of the tables is read once, by one statement for all
 * questions: to find it takes longer than most answers. All rows are read by one statement for each.
 * @param questions queries of one row
 */
async function answersTo(
  tx: Tx,
  now: Date,
  scope: Scope,
  questions: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const all = Object.entries(questions)
  const answers: Record<string, unknown> = {}
  for (const some of scope.isPart ? [all] : all.map((one) => [one])) {
    const columns = some.map(
      ([name, sql]) => `(select to_jsonb(answer) from (${sql}) answer) as "${name}"`,
    )
    const [row] = await tx.query(`with ${scope.tables} select ${columns.join(',\n')}`, [
      now,
      ...scope.values,
    ])
    Object.assign(answers, row)
  }
  return answers
}

function findingOf(check: Check, { wrong, examples }: Violations, size: number): Finding {
  const things = subjects[check.over]
  if (wrong === 0) return { name: check.name, ok: true, detail: `${size} ${things}` }
  const more = wrong > examples.length ? ', ...' : ''
  return {
    name: check.name,
    ok: false,
    detail: `${wrong} wrong among ${size} ${things}: ${examples.join(', ')}${more}`,
  }
}
