// Every sequence of the schema is in the table of sequences, and numbers that were told are guarded.
import { expect, it } from 'vitest'
import { beginEpoch, ensureEpoch } from '../../src/core/events/epoch.ts'
import { sequences } from '../../src/core/events/sequences.ts'
import { insideOn } from '../cli/inside.ts'
import { testDatabase } from '../harness/database.ts'

const now = new Date('2026-11-20T09:30:00Z')

it('says of each sequence whether it moves on', async () => {
  const { db } = await testDatabase()
  const found = await db.query<{ name: string }>(
    `select sequencename as name from pg_sequences where schemaname = 'public'`,
  )
  const names = found.map(({ name }) => name).sort()
  expect(Object.keys(sequences).sort(), 'src/core/events/sequences.ts lists all').toEqual(names)
})

it('guards each table whose numbers move on', async () => {
  const { db } = await testDatabase()
  const unguarded = await db.query<{ name: string }>(
    `select distinct s.relname as name
       from pg_class s
       join pg_depend d on d.objid = s.oid and d.deptype in ('a', 'i') and d.classid = 'pg_class'::regclass
       join pg_class t on t.oid = d.refobjid
      where s.relkind = 'S' and not exists (
        select from pg_trigger g join pg_proc p on p.oid = g.tgfoid
         where g.tgrelid = t.oid and p.proname = 'assert_epoch')`,
  )
  const kinds: Readonly<Record<string, string>> = sequences
  const moving = unguarded.map(({ name }) => name).filter((name) => kinds[name] !== 'inner')
  // Transfers are written together with an event, or with an entry of the operator log.
  expect(moving).toEqual(['transfers_seq_seq'])
})

it('moves the sequences on that somebody is told the numbers of, and no others', async () => {
  const { db } = await testDatabase()
  await ensureEpoch(db, now)
  const places = async () => {
    const rows = await db.query<{ name: string; place: bigint }>(
      'select sequencename as name, coalesce(last_value, start_value) as place from pg_sequences',
    )
    return new Map(rows.map(({ name, place }) => [name, place]))
  }
  const before = await places()
  const raised = await beginEpoch(db, now, 'a test')
  expect(raised).toEqual({ epoch: 3, reason: 'a test' })
  const after = await places()
  for (const [name, kind] of Object.entries(sequences)) {
    const moved = (after.get(name) as bigint) - (before.get(name) as bigint)
    const least = { busy: 1_000_000n, rare: 1_000n, inner: 0n }[kind]
    if (kind === 'busy') expect(moved, name).toBeGreaterThanOrEqual(least)
    else expect(moved, name).toBe(least)
  }
})

it('moves on by more the longer nothing is known to have happened', async () => {
  const { db } = await testDatabase()
  const day = 24 * 60 * 60 * 1000
  await db.query(`update installation set created_at = $1`, [new Date(now.getTime() - 11 * day)])
  // A million orders in ten days, and a backup that is a day old.
  await db.query(`select setval('order_ids', 458731 + 1000000)`)
  await db.query(
    `insert into events (account_id, type, created_at) values (1, 'order.created', $1)`,
    [new Date(now.getTime() - day)],
  )
  await beginEpoch(db, now, 'a test')
  const [row] = await db.query<{ moved: bigint }>(
    `select last_value - 458731 - 1000000 as moved from order_ids`,
  )
  expect(Number(row?.moved)).toBeGreaterThan(9_000_000)
})

it('begins an epoch by hand, with a reason that is kept', async () => {
  const { db, url } = await testDatabase()
  const numlet = insideOn(url)
  expect((await numlet('epochs', 'begin')).code).toBe(2)
  const begun = await numlet('epochs', 'begin', '--reason', 'restored a volume', '--json')
  expect(JSON.parse(begun.stdout)).toEqual({ epoch: 3 })
  const listed = JSON.parse((await numlet('epochs', 'list', '--json')).stdout)
  expect(listed.map((one: { reason: string }) => one.reason)).toEqual([
    'begun by an operator',
    'another database',
    'the first',
  ])
  const [entry] = await db.query(
    `select action, subject_id, reason from audit_log where subject_type = 'epoch'`,
  )
  expect(entry).toEqual({
    action: 'epoch.begin',
    subject_id: '3',
    reason: 'restored a volume',
  })
})
