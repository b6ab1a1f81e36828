// `numlet audit`: proves that the books, leases and stock of the live system are right.
import type { Command } from 'commander'
import { audit } from '../core/audit/audit.ts'
import { readersFinding } from '../core/audit/readers.ts'
import { printList, printThing, type Shown, soleVerb } from './output.ts'
import { withSession } from './session.ts'

export function addAudit(noun: Command): void {
  soleVerb(noun).action((shown: Shown) =>
    withSession(
      async ({ db, now }) => {
        const books = await audit(db, now())
        const readers = await readersFinding(db, now())
        const report = { ok: books.ok && readers.ok, checks: [...books.checks, readers] }
        if (shown.json) printThing(shown, report)
        else {
          const rows = report.checks.map(({ ok, name, detail }) => ({
            result: ok ? 'ok' : 'WRONG',
            check: name,
            detail,
          }))
          printList(shown, rows)
        }
        if (report.ok) return
        process.exitCode = 1
        const wrong = report.checks.filter((check) => !check.ok).length
        process.stderr.write(`${wrong} of ${report.checks.length} checks failed.\n`)
      },
      { patient: true },
    ),
  )
}
