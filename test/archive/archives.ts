// A database with a directory for its archives, and the commands for them.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import { auditDue } from '../../src/core/audit/due.ts'
import { insideOn } from '../cli/inside.ts'
import { jsonOf, main, type Outcome, operator } from '../cli/program.ts'
import { type TestDatabase, testDatabase } from '../harness/database.ts'

export type Archives = TestDatabase & {
  /** The data directory, with `archive` in it. */
  readonly data: string
  readonly directory: string
  /** A command, and its output. */
  readonly numlet: (...args: string[]) => Promise<Outcome>
  /** `numlet archive ... --json`, which must have written one line. */
  readonly json: (...args: string[]) => Promise<ReturnType<typeof jsonOf>>
  readonly jsonOf: typeof jsonOf
  /** `numlet archive ...`, which must be refused. @returns what it said */
  readonly refused: (...args: string[]) => Promise<string>
  /** Fails unless both a full audit and an increment find nothing. */
  readonly expectClean: () => Promise<void>
}

export async function testArchives(): Promise<Archives> {
  const { db, url } = await testDatabase('demo')
  const data = await mkdtemp(join(tmpdir(), 'numlet-archives-'))
  afterAll(() => rm(data, { recursive: true, force: true }))
  const numlet = insideOn(url, { NUMLET_DATA: data })
  return {
    db,
    url,
    data,
    directory: join(data, 'archive'),
    numlet,
    jsonOf,
    json: async (...args) => jsonOf(await numlet('archive', ...args, '--json')),
    async refused(...args) {
      const { code, stderr } = await numlet('archive', ...args)
      expect(code).toBe(1)
      return stderr
    },
    async expectClean() {
      const wrong = [
        await auditDue(db, new Date(), { smallLedger: 0 }),
        await audit(db, new Date()),
      ].flatMap(({ checks }) => checks.filter(({ ok }) => !ok))
      expect(wrong).toEqual([])
    },
  }
}

/** The program in a process of its own: `numlet archive ...`. */
export function started(
  { url, data }: Pick<Archives, 'url' | 'data'>,
  args: readonly string[],
): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: url,
    NUMLET_DATA: data,
    NUMLET_OPERATOR: operator,
  }
  return spawn(process.execPath, [main, 'archive', ...args], { env, stdio: 'ignore' })
}
