// Batches of numbers from the command line: where they came from, and taking them out of sale together.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { setSale } from '../../src/core/inventory/sale.ts'
import type { Database } from '../../src/db/database.ts'
import { testDatabase } from '../harness/database.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf, operator } from './program.ts'

let db: Database
let numlet: ReturnType<typeof insideOn>
let folder: string
beforeAll(async () => {
  const test = await testDatabase('catalog')
  db = test.db
  numlet = insideOn(test.url)
  folder = await mkdtemp(join(tmpdir(), 'numlet-batches-'))
  await numlet('suppliers', 'create', '--kind', 'http-callback', '--name', 'farm')
})
afterAll(() => rm(folder, { recursive: true }))

async function importing(name: string, lines: readonly string[], ...more: string[]) {
  const path = join(folder, name)
  await writeFile(path, lines.join('\n'))
  const where = ['--supplier', 'farm', '--country', 'US']
  return numlet('numbers', 'import', ...where, ...more, path, '--json')
}

const provenance = {
  owner: 'Example Telecom Ltd',
  contract: 'MSA 2027-11, annex 3',
  consent: 'asked in writing, 4 May',
}
const stated = Object.entries(provenance).flatMap(([name, text]) => [`--${name}`, text])

const remaining = async () =>
  (await db.query<{ n: bigint }>('select sum(remaining) as n from stock'))[0]?.n

const statesOf = async (...phones: string[]) =>
  (
    await db.query<{ state: string }>(
      `select coalesce(disabled_by, state) as state from numbers where phone = any($1) order by phone`,
      [phones],
    )
  ).map(({ state }) => state)

const waitsForLock = async () => {
  const rows = await db.query(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows.length > 0
}

it('keeps where the numbers of an import came from, and what became of its lines', async () => {
  const lines = ['+12015550001', '+12015550002', '2015550003', '+12015550001', '+447700900001']
  const outcome = await importing('may.csv', lines, ...stated, '--reason', 'ticket 12')
  expect(outcome.code).toBe(1)
  const { batch, ...counts } = jsonOf(outcome)
  expect(counts).toMatchObject({ imported: 2, known: 1, bad: 2 })
  const report = jsonOf(await numlet('numbers', 'batch', String(batch), '--json'))
  expect(report).toMatchObject({
    ...{ batch, supplier: 'farm', country: 'US', operator: 'other', pool: '1', source: 'may.csv' },
    ...{ added: 2, known: 1, refused: 2, active: 2, disabled: 0 },
    ...provenance,
    ...{ actor: operator, reason: 'ticket 12' },
    refused_lines: [
      { line: 3, problem: 'is not in E.164 form (+ and 6 to 15 digits)' },
      { line: 5, problem: 'does not begin with +1' },
    ],
  })
  expect(JSON.stringify(report)).not.toContain('555000')
  const listed = jsonOf(await numlet('numbers', 'batches', '--supplier', 'farm', '--json'))
  expect(listed).toMatchObject([{ batch, added: 2, ...provenance }])
  const logged = await db.query(
    `select reason from audit_log where action = 'numbers.import' and subject_id = $1`,
    [String(batch)],
  )
  expect(logged).toEqual([{ reason: 'ticket 12' }])
})

it('keeps a thousand refused lines of a file that has more, and counts all', async () => {
  const lines = Array.from({ length: 2_500 }, () => 'no number')
  const outcome = await importing('letters.csv', lines)
  const { batch, bad } = jsonOf(outcome)
  expect(bad).toBe(2_500)
  expect(outcome.stderr.match(/^line \d+: /gm)).toHaveLength(1_000)
  expect(outcome.stderr).toContain('1500 more bad lines; skipped')
  const report = jsonOf(await numlet('numbers', 'batch', String(batch), '--json'))
  expect(report).toMatchObject({ added: 0, refused: 2_500 })
  expect(report.refused_lines).toHaveLength(1_000)
})

it('refuses an import without its provenance if that is required, and adds nothing', async () => {
  await numlet('settings', 'set', 'require_provenance', 'true')
  const before = await db.query('select id from number_batches')
  const outcome = await importing('june.csv', ['+12015550010'], '--owner', 'Example Telecom Ltd')
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toContain('Missing: contract, consent.')
  expect(await db.query('select id from number_batches')).toEqual(before)
  expect(await statesOf('+12015550010')).toEqual([])
  const long = await importing('june.csv', ['+12015550010'], ...stated, '--owner', 'x'.repeat(501))
  expect(long).toMatchObject({ code: 2, stdout: '' })
  expect(jsonOf(await importing('june.csv', ['+12015550010'], ...stated))).toMatchObject({
    imported: 1,
  })
  await numlet('settings', 'set', 'require_provenance', 'false')
})

it('takes a batch out of sale and back, but not what an operator had taken out of it', async () => {
  const phones = ['+12015550021', '+12015550022', '+12015550023', '+12015550024']
  const { batch } = jsonOf(await importing('july.csv', phones))
  const [one, , three, four] = phones as [string, string, string, string]
  await numlet('numbers', 'disable', one)
  const before = await remaining()

  const off = await numlet('numbers', 'disable', '--batch', String(batch), '--json')
  expect(jsonOf(off)).toEqual({ batch, state: 'disabled', changed: 3 })
  expect(await statesOf(...phones)).toEqual(['operator', 'batch', 'batch', 'batch'])
  await expectCleanAudit(db)
  // What is disabled by itself afterwards stays out when its batch returns.
  await numlet('numbers', 'disable', three)
  await numlet('numbers', 'enable', four)
  const again = await numlet('numbers', 'disable', '--batch', String(batch), '--json')
  expect(jsonOf(again)).toMatchObject({ changed: 1 })

  const on = await numlet('numbers', 'enable', '--batch', String(batch), '--json')
  expect(jsonOf(on)).toMatchObject({ state: 'active', changed: 2 })
  expect(await statesOf(...phones)).toEqual(['operator', 'active', 'operator', 'active'])
  await numlet('numbers', 'enable', three)
  expect(await remaining()).toBe(before)
  await expectCleanAudit(db)
  const log = await db.query(
    `select action from audit_log where subject_type = 'batch' and subject_id = $1 order by id`,
    [String(batch)],
  )
  expect(log.map(({ action }) => action)).toEqual([
    'numbers.import',
    ...['batch.disable', 'batch.disable', 'batch.enable'],
  ])
})

it('leaves out of sale what an operator takes out while the batch goes back', async () => {
  const phone = '+12015550041'
  const { batch } = jsonOf(await importing('race.csv', [phone]))
  await numlet('numbers', 'disable', '--batch', String(batch))
  const ids = (
    await db.query<{ id: number }>('select id from numbers where phone = $1', [phone])
  ).map(({ id }) => id)
  const taken = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const taking = db.begin(async (tx) => {
    await setSale(tx, new Date(), ids, { state: 'disabled', by: 'operator' })
    taken.resolve()
    await gate.promise
  })
  await taken.promise
  const enabling = numlet('numbers', 'enable', '--batch', String(batch), '--json')
  await expect.poll(waitsForLock).toBe(true)
  gate.resolve()
  await taking
  expect(jsonOf(await enabling)).toMatchObject({ changed: 0 })
  expect(await statesOf(phone)).toEqual(['operator'])
  await expectCleanAudit(db)
})

it('names neither a batch that is not there nor two things at once', async () => {
  expect(await numlet('numbers', 'batch', '4711')).toMatchObject({
    code: 1,
    stderr: 'There is no batch 4711.\n',
  })
  expect(await numlet('numbers', 'disable', '--batch', '4711')).toMatchObject({ code: 1 })
  expect(await numlet('numbers', 'disable')).toMatchObject({ code: 2, stdout: '' })
  for (const args of [
    ['batches', '--supplier', 'nobody'],
    ['stats', '--supplier', 'nobody'],
    ['stats', '--service', 'nothing'],
    ['silent', '--supplier', 'nobody'],
    ['show', '+12015559999'],
    ['lift', '+12015559999'],
  ])
    expect(await numlet('numbers', ...args)).toMatchObject({ code: 1, stdout: '' })
  expect(await numlet('numbers', 'disable', '+12015550021', '--batch', '1')).toMatchObject({
    code: 2,
    stdout: '',
  })
  expect(await numlet('numbers', 'batch', 'x')).toMatchObject({ code: 2, stdout: '' })
})

it('shows numbers by their results, lifts bans, and sets the rules of a supplier', async () => {
  const phone = '+12015550031'
  await importing('august.csv', [phone])
  const shown = jsonOf(await numlet('numbers', 'show', phone, '--json'))
  expect(shown).toMatchObject({ phone, supplier: 'farm', state: 'active', orders: 0, failing: [] })
  await db.query(
    `insert into failing_numbers (number_id, service_id, silent_orders, rests, last_order_at, banned_at)
     select n.id, s.id, 0, 3, now(), case when s.slug = 'telegram' then now() end
       from numbers n, services s where n.phone = $1 and s.slug in ('telegram', 'whatsapp')`,
    [phone],
  )
  const banned = ['numbers', 'banned', '--supplier', 'farm', '--json']
  expect(jsonOf(await numlet(...banned))).toMatchObject([{ phone, service: 'telegram', rests: 3 }])
  expect(jsonOf(await numlet(...banned, '--all'))).toHaveLength(2)
  expect(await numlet('numbers', 'lift', phone, '--service', 'nothing')).toMatchObject({ code: 1 })
  const lifted = await numlet('numbers', 'lift', phone, '--reason', 'another route', '--json')
  expect(jsonOf(lifted)).toEqual({ phone, lifted: 1 })
  expect(jsonOf(await numlet(...banned))).toEqual([])
  expect(jsonOf(await numlet('numbers', 'silent', '--json'))).toEqual([])
  expect(
    jsonOf(await numlet('numbers', 'stats', '--by', 'number', '--days', '7', '--json')),
  ).toEqual([])
  for (const wrong of [
    ['--by', 'colour'],
    ['--days', '0'],
    ['--days', '367'],
  ])
    expect(await numlet('numbers', 'stats', ...wrong)).toMatchObject({ code: 2, stdout: '' })

  const set = ['--rest-after', '5', '--silent-after', '0', '--json']
  expect(jsonOf(await numlet('suppliers', 'rules', 'farm', ...set))).toEqual({
    ...{ name: 'farm', rest_after_orders: 5, rest_hours: 72, ban_after_rests: 3 },
    ...{ silent_after_days: 0, own: ['rest_after_orders', 'silent_after_days'] },
  })
  await numlet('suppliers', 'rules', 'farm', '--rest-after', 'default')
  expect(jsonOf(await numlet('suppliers', 'rules', 'farm', '--json'))).toMatchObject({
    ...{ rest_after_orders: 3, silent_after_days: 0, own: ['silent_after_days'] },
  })
  expect(await numlet('suppliers', 'rules', 'farm', '--rest-hours', '0')).toMatchObject({ code: 2 })
})
