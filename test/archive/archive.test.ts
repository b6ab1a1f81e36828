// A month goes into files and comes back as it was; meanwhile the books stay right.
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { keepBusy } from '../audit/busy.ts'
import { type Archives, testArchives } from './archives.ts'
import { dump, oldMonth } from './old-month.ts'

let archives: Archives
let older: string
let month: string
beforeAll(async () => {
  archives = await testArchives()
  const { db } = archives
  older = await oldMonth(db, 1_200)
  month = await oldMonth(db)
  await keepBusy(db, 1)
  await archives.expectClean()
})

const linesOf = async (folder: string, table: string) =>
  gunzipSync(await readFile(join(folder, `${table}.ndjson.gz`)))
    .toString()
    .trimEnd()
    .split('\n')

it('brings every row back as it was, with the same ids', async () => {
  const { db, json, directory, expectClean } = archives
  const before = await dump(db)
  expect((await json('list')).slice(0, 2)).toMatchObject([
    { month: older, state: 'in the database', reason: null, files: null },
    { month, state: 'in the database', reason: null },
  ])
  const { archived, refused } = await json('run', '--older-than', '12')
  expect(refused).toEqual([])
  expect(archived.map((one: { month: string }) => one.month)).toEqual([older, month])
  await expectClean()
  for (const { month: name, folder, orders } of archived) {
    expect(await json('verify', name)).toMatchObject({ ok: true, month: name, orders })
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    for (const file of await readdir(folder))
      expect((await stat(join(folder, file))).mode & 0o777, file).toBe(0o600)
    expect(await linesOf(folder, 'orders')).toHaveLength(orders)
    for (const line of await linesOf(folder, 'orders')) expect(before.orders).toContain(line)
    for (const table of ['messages', 'order_services', 'banned_orders', 'past_leases'])
      expect(await linesOf(folder, table), table).not.toEqual([''])
  }
  // Nothing of them is left but what stays for ever.
  const after = await dump(db)
  for (const table of ['orders', 'messages', 'order_services', 'banned_orders', 'past_leases'])
    expect((before[table]?.length ?? 0) - (after[table]?.length ?? 0), table).toBeGreaterThan(1)
  for (const table of ['transfers', 'ledger_accounts', 'inboxes', 'esim_codes', 'outcomes'])
    expect(after[table], table).toEqual(before[table])
  expect(await db.query(`select from pg_class where relname = 'orders_0'`)).toEqual([])
  // In another order than they were archived in.
  expect(await json('restore', month)).toMatchObject({ month, changed: true })
  await expectClean()
  expect(await json('restore', join(directory, older))).toMatchObject({ changed: true })
  expect(await dump(db)).toEqual(before)
  await expectClean()
  expect(await json('restore', older)).toMatchObject({ month: older, changed: false })
  expect(await dump(db)).toEqual(before)
})

it('logs who did it and why, and names the month', async () => {
  const { json, numlet, jsonOf } = archives
  await json('run', month, '--reason', 'the year is over')
  await json('restore', month, '--reason', 'a customer asks')
  const log = jsonOf(await numlet('log', '--limit', '2', '--json'))
  expect(log).toMatchObject([
    {
      action: 'month.restore',
      subject: `month ${month}`,
      reason: 'a customer asks',
      actor: 'tester',
    },
    { action: 'month.archive', subject: `month ${month}`, reason: 'the year is over' },
  ])
})

it('purges the texts before, if it is asked to', async () => {
  const { db, json, numlet, expectClean, directory } = archives
  expect((await json('run', older)).archived).toMatchObject([{ texts: 0 }])
  expect((await json('run', month)).archived[0].texts).toBeGreaterThan(0)
  // Whoever purges an account's texts is told where others are.
  const [account] = await db.query<{ id: number }>('select min(id) as id from accounts')
  const purge = await numlet(
    ...['messages', 'purge', '--account', String(account?.id), '--reason', 'asked'],
  )
  expect(purge).toMatchObject({ code: 0 })
  expect(purge.stderr).toContain(month)
  expect(purge.stderr).not.toContain(older)
  await json('restore', month)
  await json('restore', older)
  const { archived } = await json('run', month, '--without-texts')
  expect(archived).toMatchObject([{ month, texts: 0 }])
  const rows = (await linesOf(join(directory, month), 'messages')).map((line) => JSON.parse(line))
  expect(rows.filter((row) => row.text !== null || row.code !== null)).toEqual([])
  expect(rows.length).toBeGreaterThan(5)
  const orders = (await linesOf(join(directory, month), 'orders')).map((line) => JSON.parse(line))
  expect(orders.filter((order) => order.code !== null)).toEqual([])
  await json('restore', month)
  await expectClean()
})

it('replaces the files of a restored month only if its rows are the same', async () => {
  const { db, json, directory } = archives
  const names = async () => (await readdir(directory)).sort()
  const before = await names()
  await json('run', month)
  await json('restore', month)
  expect(await names()).toEqual(before)
  await db.query(
    `update orders set reference = 'changed' where id = (
       select max(id) from orders where created_at < now() - interval '500 days')`,
  )
  await json('run', month)
  const [kept] = (await names()).filter((name) => !before.includes(name))
  expect(kept).toContain(`${month}.before-`)
  expect(await json('verify', join(directory, kept as string))).toMatchObject({ ok: true })
  expect((await json('list')).find((one: { month: string }) => one.month === month)).toMatchObject({
    state: 'archived',
    files: 'there',
  })
  await json('restore', month)
})

it('keeps a folder with the name of the month that is no archive', async () => {
  const { json, directory } = archives
  const folder = join(directory, month)
  const kept = `${folder}.before-1`
  for (const path of [folder, kept]) await rm(path, { recursive: true, force: true })
  await mkdir(folder)
  await writeFile(join(folder, 'notes.txt'), 'not ours')
  expect((await json('run', month)).archived).toHaveLength(1)
  expect(await readFile(join(kept, 'notes.txt'), 'utf8')).toBe('not ours')
  expect(await json('verify', month)).toMatchObject({ ok: true })
  await json('restore', month)
})

it('forgets how the suppliers of its orders were chosen, and of no others', async () => {
  const { db, json } = archives
  await db.query(
    `insert into routings (order_id, attempt, made_at, policy, candidates)
     select id, 1, created_at, 'cheapest', '[]' from orders`,
  )
  const count = async () => (await db.query('select 1 as yes from routings')).length
  const before = await count()
  const { archived } = await json('run', month)
  expect(await count()).toBe(before - archived[0].orders)
  await json('restore', month)
  expect(await count()).toBe(before - archived[0].orders)
})

it('goes on with the platform while months come and go', async () => {
  const { db, json, expectClean } = archives
  const work = keepBusy(db, 6)
  for (let round = 0; round < 3; round++) {
    expect((await json('run', older)).archived).toHaveLength(1)
    expect(await json('restore', older)).toMatchObject({ changed: true })
  }
  await work
  await expectClean()
})
