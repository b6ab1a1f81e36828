// Every session has the time limits of its work, and the server enforces them.
import { describe, expect, inject, it } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { type SessionKind, sessionLimits } from '../../src/db/limits.ts'
import { eventually } from '../harness/program.ts'

describe('H3: a session', () => {
  const kinds = Object.keys(sessionLimits) as SessionKind[]
  const url = inject('databaseUrl')

  it.each(kinds)('for %s has its limits', async (kind) => {
    const db = openDatabase({ url, poolSize: 1, kind, name: `numlet test ${kind}` })
    const read = `select name, setting from pg_settings where name = any($1)`
    const limits = sessionLimits[kind]
    const rows = await db.query<{ name: string; setting: string }>(read, [
      [
        'application_name',
        'client_connection_check_interval',
        'idle_in_transaction_session_timeout',
        'lock_timeout',
        'statement_timeout',
      ],
    ])
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      application_name: `numlet test ${kind}`,
      client_connection_check_interval: '2000',
      idle_in_transaction_session_timeout: String(limits.idleInTransactionMs),
      lock_timeout: String(limits.lockMs),
      statement_timeout: String(limits.statementMs),
    })
    await db.end()
  })

  it('leaves no statement running that took too long: the server has ended it', async () => {
    const db = openDatabase({ url, poolSize: 1, kind: 'requests' })
    const admin = openDatabase({ url, poolSize: 1 })
    const [row] = await db.query<{ pid: number }>('select pg_backend_pid() as pid')
    // On a busy machine the server's word may come after the driver has given up.
    await expect(db.query('select pg_sleep(600)')).rejects.toThrow(
      /statement timeout|read timeout/i,
    )
    // @NOTE the error is sent a moment before the session counts as idle
    await eventually(async () => {
      const running = await admin.query(
        `select 1 from pg_stat_activity where pid = $1 and state = 'active'`,
        [row?.pid],
      )
      return running.length === 0
    })
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    await db.end()
    await admin.end()
  })
})
