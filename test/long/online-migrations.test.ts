// A migration that runs online goes on where it was killed, and stops nobody.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, openDatabase, type Tx } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { testDatabase } from '../harness/database.ts'
import { eventually } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

const released = fileURLToPath(new URL('../../src/db/migrations/', import.meta.url))
const child = fileURLToPath(new URL('migrate-child.ts', import.meta.url))

const plain = `create table parcels (id bigint primary key, weight text not null);
insert into parcels select i, i || ' g' from generate_series(1, 10000) i;`
const online = `-- Weights as numbers.
-- online

-- step: a column for grams
alter table parcels add column grams integer;

-- step: fill the grams, in batches
with due as (
  select id from parcels where id > coalesce($1::bigint, 0) order by id limit 1000
), filled as (
  update parcels p set grams = split_part(p.weight, ' ', 1)::integer
    from due where due.id = p.id returning p.id
)
select count(*) as done, case when count(*) = 1000 then max(id) end as position from filled;

-- step: an index of the grams
create index concurrently parcels_by_grams on parcels (grams);

-- step: grams are required
alter table parcels add constraint parcels_have_grams check (grams is not null) not valid;

-- step: all have grams
alter table parcels validate constraint parcels_have_grams;`
const after = 'alter table parcels drop column weight;'

let scratch = ''
let folder = ''
beforeAll(async () => {
  scratch = await newScratch()
  folder = `${scratch}/migrations/`
  await cp(released, folder, { recursive: true })
  await writeFile(`${folder}9001-parcels.sql`, plain)
})
afterAll(() => dropScratch(scratch))

const files = ['9002-grams.sql', '9003-without-weights.sql']
async function addOnline() {
  await writeFile(`${folder}${files[0]}`, online)
  await writeFile(`${folder}${files[1]}`, after)
}

/** A database with the table, before the migration that runs online. */
async function prepared(): Promise<{ db: Database; url: string }> {
  const { db, url } = await testDatabase()
  await db.begin(async (tx) => tx.query(plain))
  await db.query(
    `insert into schema_migrations (name, checksum)
     values ('9001-parcels.sql', encode(sha256(convert_to($1, 'utf8')), 'hex'))`,
    [plain],
  )
  await addOnline()
  return { db, url }
}

const state = async (db: Database) => {
  const [row] = await db.query<Record<string, unknown>>(
    `select (select count(*)::int from parcels where grams = id) as filled,
            (select i.indisvalid from pg_index i
              where i.indexrelid = to_regclass('parcels_by_grams')) as is_valid,
            (select c.convalidated from pg_constraint c
              where c.conname = 'parcels_have_grams') as is_validated,
            (select count(*)::int from pg_attribute where attrelid = 'parcels'::regclass
               and attname = 'weight') as weights,
            (select count(*)::int from schema_migrations where name = any($1)) as recorded,
            (select max(done)::int from migration_steps) as done`,
    [files],
  )
  return row
}
const whole = {
  filled: 10_000,
  is_valid: true,
  is_validated: true,
  weights: 0,
  recorded: 2,
  done: 10_000,
}

/** Begins a migration in a process of its own. `says` waits for a line of it. */
function begin(url: string) {
  const program: ChildProcess = spawn(process.execPath, [child, url, folder])
  let output = ''
  for (const stream of [program.stdout, program.stderr])
    stream?.on('data', (data: Buffer) => {
      output += data.toString()
    })
  const ended = once(program, 'exit')
  return {
    says: async (text: RegExp) => void (await eventually(async () => text.test(output))),
    output: () => output,
    async kill() {
      program.kill('SIGKILL')
      await ended
    },
    async end() {
      await ended
      return output
    },
  }
}

/** Holds a lock while `work` runs. */
async function holding(db: Database, statement: string, work: () => Promise<void>) {
  await db.begin(async (tx: Tx) => {
    await tx.query(statement)
    await work()
  })
}

/** Does the steps of the online migration that come before one. */
async function doBefore(url: string, step: string) {
  const before = online.slice(0, online.indexOf(`-- step: ${step}`))
  await writeFile(`${folder}${files[0]}`, `${before}-- step: stop\nselect 1 / 0;`)
  expect(await begin(url).end()).toContain('division by zero')
  await addOnline()
}

type Killed = {
  readonly step: string
  /** What stops the step. */
  readonly lock: string
  /** True once it has been stopped there. */
  readonly isStopped: (db: Database, output: string) => Promise<boolean | undefined>
}

const waits = async (_db: Database, output: string) => /waiting for a lock/.test(output)

const kills: readonly Killed[] = [
  {
    step: 'a column for grams',
    lock: 'lock table parcels in access share mode',
    isStopped: waits,
  },
  {
    step: 'fill the grams',
    lock: 'select from parcels where id = 4500 for update',
    isStopped: async (db, output) => (await waits(db, output)) && (await state(db))?.done === 4_000,
  },
  {
    step: 'an index of the grams',
    lock: 'update parcels set weight = weight where id = 1',
    isStopped: async (db, output) =>
      (await state(db))?.is_valid === false &&
      /building index parcels_by_grams: waiting for writers/.test(output),
  },
  {
    step: 'grams are required',
    lock: 'lock table parcels in row exclusive mode',
    isStopped: waits,
  },
  {
    step: 'all have grams',
    lock: 'lock table parcels in share update exclusive mode',
    isStopped: waits,
  },
]

it.each(kills)('is killed at $step, and the next run goes on', async (killed) => {
  const { db, url } = await prepared()
  if (killed.step !== kills[0]?.step) await doBefore(url, killed.step)
  await holding(db, killed.lock, async () => {
    const first = begin(url)
    await eventually(async () => killed.isStopped(db, first.output()))
    // Nobody waits behind it: the table is read and written meanwhile.
    await db.query('update parcels set weight = weight where id = 9999')
    await first.kill()
  })
  const done = await db.query<{ step: string }>(
    'select step from migration_steps where finished_at is not null order by started_at',
  )
  expect(done.map(({ step }) => step)).not.toContain(killed.step)

  expect(await begin(url).end()).toContain(JSON.stringify(files))
  expect(await state(db)).toEqual(whole)
  expect(await begin(url).end()).toBe('[]\n')
})

it('two at once: one works, the other waits, and it is done once', async () => {
  const { db, url } = await prepared()
  const ends: string[] = []
  await holding(db, 'lock table parcels in access share mode', async () => {
    const both = [begin(url), begin(url)]
    await Promise.any(both.map((one) => one.says(/waiting for a lock/)))
    await Promise.any(both.map((one) => one.says(/Another migration is running/)))
    void Promise.all(both.map((one) => one.end())).then((outputs) => ends.push(...outputs))
  })
  await eventually(async () => ends.length === 2)
  const applied = ends.map((output) => output.trim().split('\n').at(-1))
  expect(applied.sort()).toEqual([JSON.stringify(files), '[]'].sort())
  expect(await state(db)).toEqual(whole)
})

it('a step that was changed after it was done is refused; others may be mended', async () => {
  const { db, url } = await prepared()
  const own = openDatabase({ url, poolSize: 3, kind: 'migrations' })
  const name = `${folder}${files[0]}`
  await writeFile(
    name,
    online.replace('validate constraint parcels_have', 'validate constraint no'),
  )
  await expect(migrate(own, { folder })).rejects.toThrow(/"no_grams"|does not exist/)
  await writeFile(name, online.replace('grams integer', 'grams bigint'))
  await expect(migrate(own, { folder })).rejects.toThrow(/a column for grams.*changed after/)
  await addOnline()
  expect(await migrate(own, { folder })).toEqual(files)
  expect(await state(db)).toEqual(whole)
  await own.end()
})
