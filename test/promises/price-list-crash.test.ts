// Promise 4 for the price lists of other platforms: a command that is killed while it applies one has applied
// nothing, and the next one applies all.
import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { insideOn } from '../cli/inside.ts'
import { jsonOf, main } from '../cli/program.ts'
import { testDatabase, testKey } from '../harness/database.ts'
import { eventually } from '../harness/program.ts'
import { testServer } from '../harness/server.ts'
import { keepFewOffers } from '../harness/stock.ts'
import { addPlatform, type Wire, wires } from '../supply/upstream/platform.ts'
import { expectCleanAudit } from './market.ts'

/** Where the command waits until it is killed: for a lock that this test holds. */
const heldKey = 728_303
const waitingLocks = `from pg_locks where locktype = 'advisory' and not granted and objid = ${heldKey}
  and database = (select oid from pg_database where datname = current_database())`

describe('a price list', async () => {
  const theirs = await testServer()
  await keepFewOffers(theirs.db)
  const { db, url } = await testDatabase('catalog')
  const env = { NUMLET_ENCRYPTION_KEY: testKey, NUMLET_OPERATOR: 'tester' }
  const numlet = insideOn(url, env)
  const name = await addPlatform(numlet, theirs, wires[0] as Wire)
  await numlet('suppliers', 'rule', name, '--percent', '20')

  const made = async () => {
    const counts: Record<string, number> = {}
    for (const table of ['offers', 'sources', 'shelves', 'stock', 'operators', 'pools']) {
      const [row] = await db.query<{ count: number }>(`select count(*)::int as count from ${table}`)
      counts[table] = row?.count ?? 0
    }
    return counts
  }

  it.each(['offers', 'sources', 'audit_log'])(
    'is not applied at all when the command is killed while it writes %s',
    { timeout: 120_000 },
    async (table) => {
      const before = await made()
      await db.query(
        `create function hold() returns trigger language plpgsql as $$
           begin perform pg_advisory_xact_lock(${heldKey}); return new; end $$`,
      )
      await db.query(
        `create trigger hold before insert on ${table} for each row execute function hold()`,
      )
      await db.begin(async (tx) => {
        await tx.query(`select pg_advisory_xact_lock(${heldKey})`)
        const { PATH, HOME } = process.env
        const child = spawn(process.execPath, [main, 'suppliers', 'sync', name], {
          env: { PATH, HOME, DATABASE_URL: url, ...env },
          stdio: 'ignore',
        })
        const ended = new Promise((resolve) => child.once('exit', resolve))
        await eventually(async () => (await db.query(`select 1 as yes ${waitingLocks}`)).length > 0)
        child.kill('SIGKILL')
        await ended
        // Otherwise PostgreSQL would finish the statement of the dead command.
        await db.query(`select pg_terminate_backend(pid) ${waitingLocks}`)
      })
      await db.query('drop function hold cascade')
      expect(await made()).toEqual(before)
    },
  )

  it('is applied as a whole by the next command', async () => {
    const applied = jsonOf(await numlet('suppliers', 'sync', name, '--json'))
    expect(applied).toMatchObject({ applied: true })
    expect(applied.added).toBeGreaterThan(100)
    expect(await made()).toMatchObject({ sources: applied.added })
    const again = jsonOf(await numlet('suppliers', 'sync', name, '--json'))
    expect(again).toMatchObject({ applied: true, added: 0, changed: 0 })
    await expectCleanAudit(db)
  })
})
