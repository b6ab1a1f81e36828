// `numlet audit`: proves that the books, leases and stock of the live system are right.
import type { Command } from 'commander'
import { auditDue } from '../core/audit/due.ts'
import { readersFinding } from '../core/audit/readers.ts'
import { printList, printThing, type Shown, soleVerb } from './output.ts'
import { withSession } from './session.ts'

export function addAudit(noun: Command): void {
  soleVerb(noun)
    .option('--full', 'Check everything, also what an earlier audit has proved')
    .action(run)
}

function run(shown: Shown & { readonly full?: boolean }) {
  return withSession(
    async ({ db, now }) => {
      const books = await auditDue(db, now(), { full: shown.full === true })
      const readers = await readersFinding(db, now())
      const { since } = books
      const report = {
        ok: books.ok && readers.ok,
        checks: [...books.checks, readers],
        mode: since === null ? 'full' : 'increment',
        since: since?.toISOString() ?? null,
      }
      if (shown.json) printThing(shown, report)
      else {
        const rows = report.checks.map(({ ok, name, detail }) => ({
          result: ok ? 'ok' : 'WRONG',
          check: name,
          detail,
        }))
        printList(shown, rows)
        process.stderr.write(
          since === null
            ? 'Everything was checked.\n'
            : `What has changed since ${since.toISOString()} was checked. --full checks everything.\n`,
        )
      }
      if (report.ok) return
      process.exitCode = 1
      const wrong = report.checks.filter((check) => !check.ok).length
      process.stderr.write(`${wrong} of ${report.checks.length} checks failed.\n`)
    },
    { patient: true },
  )
}
