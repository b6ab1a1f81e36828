// An audit of a database in which somebody has changed rows behind the platform's back.
import { expect } from 'vitest'
import { audit, checks } from '../../src/core/audit/audit.ts'
import type { Scope } from '../../src/core/audit/scope.ts'
import type { Database, Tx } from '../../src/db/database.ts'

/** Audits in a transaction that breaks something, and takes it back. @returns the checks that found it */
export async function tamperedWith(
  db: Database,
  sql: string,
  scope: (tx: Tx) => Scope | Promise<Scope>,
): Promise<string[]> {
  const undo = new Error('taken back')
  let wrong: string[] = []
  await db
    .begin(async (tx: Tx) => {
      await tx.query('set local session_replication_role = replica')
      expect(await tx.query(sql)).not.toHaveLength(0)
      const here = { ...db, snapshot: <T>(work: (tx: Tx) => Promise<T>) => work(tx) }
      const report = await audit(here, new Date(), checks, scope)
      wrong = report.checks.flatMap(({ ok, name }) => (ok ? [] : [name]))
      throw undo
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error
    })
  return wrong
}
