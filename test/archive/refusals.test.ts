// What stands in the way of an archive, and archives that are not what they seem: nothing is changed then.
import { appendFile, cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Archives, started, testArchives } from './archives.ts'
import { dump, oldMonth } from './old-month.ts'

let archives: Archives
let month: string
beforeAll(async () => {
  archives = await testArchives()
  month = await oldMonth(archives.db)
})

const order = (where = 'true') =>
  `(select id from orders where created_at < now() - interval '500 days' and ${where} order by id limit 1)`

describe('a month', () => {
  it.each([
    [
      'with an open order',
      `update orders set state = 'waiting', closed_at = null, received_at = null
        where id = ${order(`state = 'cancelled' and kind = 'activation'`)}`,
      '1 order is still open',
    ],
    [
      'with a number that is leased',
      `insert into leases (order_id, service_id, account_id, number_id, shelf_id, starts_at, until, ended_at)
       select id, service_id, account_id, number_id, 1, created_at, expires_at, now() from orders
        where id = ${order('number_id is not null and services is null')}`,
      '1 order still has its number. Leases are kept for a day after their end.',
    ],
    [
      'with an event that is kept',
      `insert into events (account_id, type, order_id, created_at)
       select account_id, 'order.refunded', id, now() from orders where id = ${order()}`,
      '1 event of its orders is still kept',
    ],
    [
      'with a delivery that is due',
      `insert into webhook_deliveries (endpoint_id, account_id, cause, type, order_id, data, happened_at,
         fast, due_at, created_at)
       select 1, account_id, 'test', 'order.created', id, '{}', now(), false, now(), now() from orders
        where id = ${order()}`,
      '1 delivery of a webhook for its orders is still due',
    ],
    [
      'with a number whose supplier has not said how it ended',
      `insert into allocations (order_id, supplier_id, source_id, attempt, state, request_key, created_at,
         allocate_by, asked_at, max_cost, price_base, currency)
       select id, 1, 1, 1, 'unknown', gen_random_uuid()::text, now(), now(), now(), 1, 1, 'USD' from orders
        where id = ${order()}`,
      '1 number that a supplier was asked for is not settled with it.',
    ],
    [
      'with an eSIM that may be in use',
      `update esim_codes set sold_at = now() where order_id = ${order(`kind = 'esim'`)}`,
      '1 of its eSIMs may still be in use, by the validity of its plan.',
    ],
    [
      'with a number to which a stray message came',
      // The number was let for longer than the month: the message comes after others of the next one.
      `insert into messages (supplier_id, state, phone, number_id, sender, text, received_at)
       select 1, 'unmatched', phone, number_id, 'Example', 'Your code is 482913', at
         from orders cross join lateral (values (now()), (created_at + interval '1 s')) v(at)
        where id = ${order('number_id is not null')} order by at desc`,
      '1 message to a number of its orders reached nobody and still has its text.',
    ],
    [
      'whose money is not settled',
      `delete from transfers where kind = 'void' and order_id = ${order(`state = 'cancelled'
         and kind = 'activation'`)}`,
      'The money of its orders does not fit their states. Run numlet audit --full',
    ],
    [
      'that ended a few days ago',
      `update orders set created_at = now() - interval '20 days', expires_at = now()
        where id = ${order().replace('order by id', 'order by id desc')}`,
      'It can be archived 31 days after its end at the earliest.',
    ],
  ])('%s is refused, and says why', async (_, sql, reason) => {
    const { db, refused, json } = archives
    const undo = await keep(db, sql)
    const before = await dump(db)
    expect(await refused('run', month)).toContain(`${month} was not archived. ${reason}`)
    expect(await refused('run', month, '--without-texts')).toContain(reason)
    expect(await dump(db)).toEqual(before)
    const [one] = await json('list')
    expect(one).toMatchObject({ state: 'in the database' })
    await undo()
  })

  it('that goes on, or does not exist, is refused', async () => {
    const { refused, numlet } = archives
    const current = new Date().toISOString().slice(0, 7)
    expect(await refused('run', current)).toMatch(
      /There is no complete month|It can be archived 31 days after/,
    )
    expect(await refused('run', '1999-01')).toContain('There is no complete month 1999-01')
    expect((await numlet('archive', 'run', '1999-13')).code).toBe(2)
    expect((await numlet('archive', 'run')).code).toBe(2)
    expect((await numlet('archive', 'run', '1999-01', '--older-than', '3')).code).toBe(2)
    expect(await refused('verify', '1999-01')).toContain('There is no archive in')
    expect(await refused('restore', '1999-01')).toContain('There is no archive in')
  })

  it('that changes while it is archived is refused, and goes through the next time', async () => {
    const { db, numlet, json, expectClean } = archives
    const running = numlet('archive', 'run', month)
    const stop = AbortSignal.timeout(60_000)
    const locked = await db.begin(async (tx) => {
      // Nothing can be dropped while somebody uses orders.
      await tx.query('lock table orders in row exclusive mode')
      while (!(await waitsForLock(db))) stop.throwIfAborted()
      return tx.query(
        `update orders set reference = 'meanwhile' where id = ${order()} returning id`,
      )
    })
    expect(locked).toHaveLength(1)
    const { code, stderr } = await running
    expect(code).toBe(1)
    expect(stderr).toContain(
      'Something of it was changed meanwhile. Nothing was removed: run it again.',
    )
    await expectClean()
    expect((await json('run', month)).archived).toHaveLength(1)
    await json('restore', month)
    await expectClean()
  })
  it('that is being archived is left alone by a second command', async () => {
    const { db, numlet, json, url, data, directory } = archives
    let ended: Promise<unknown> = Promise.resolve()
    await db.begin(async (tx) => {
      await tx.query('lock table orders in row exclusive mode')
      const first = started({ url, data }, ['run', month])
      ended = new Promise((resolve) => first.once('close', resolve))
      const stop = AbortSignal.timeout(60_000)
      while (!(await waitsForLock(db))) stop.throwIfAborted()
      for (const args of [
        ['run', month],
        ['run', '--older-than', '3'],
        ['restore', month],
      ]) {
        const { code, stderr } = await numlet('archive', ...args)
        expect(code).toBe(1)
        expect(stderr).toContain(
          'Another numlet archive run or restore is at work. Nothing was done',
        )
      }
      expect((await numlet('archive', 'list')).code).toBe(0)
    })
    await ended
    expect(await json('verify', join(directory, month))).toMatchObject({ ok: true })
    expect(await json('restore', month)).toMatchObject({ changed: true })
  })
})

async function waitsForLock(db: Archives['db']): Promise<boolean> {
  const [row] = await db.query<{ waits: boolean }>(
    `select exists (select from pg_locks where relation = 'orders'::regclass and not granted) as waits`,
  )
  return row?.waits === true
}

/** Runs a statement past all checks. @returns what puts the tables back */
async function keep(db: Archives['db'], sql: string): Promise<() => Promise<void>> {
  const tables = [
    'orders',
    'leases',
    'events',
    'webhook_deliveries',
    'esim_codes',
    'allocations',
    'messages',
    'transfers',
  ]
  const unchecked = (statements: readonly string[]) =>
    db.begin(async (tx) => {
      await tx.query('set local session_replication_role = replica')
      for (const statement of statements) await tx.query(statement)
    })
  await unchecked([...tables.map((table) => `create table kept_${table} as table ${table}`), sql])
  return () =>
    unchecked(
      tables.flatMap((table) => [
        `delete from ${table}`,
        `insert into ${table} overriding system value select * from kept_${table}`,
        `drop table kept_${table}`,
      ]),
    )
}

describe('an archive', () => {
  let folder: string
  let broken: string
  beforeAll(async () => {
    const { json, directory } = archives
    expect((await json('run', month)).archived).toHaveLength(1)
    folder = join(directory, month)
    broken = join(archives.data, 'broken')
  })

  const editManifest = (change: (manifest: Record<string, never>) => void) => async () => {
    const path = join(broken, 'manifest.json')
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    change(manifest)
    await writeFile(path, JSON.stringify(manifest))
  }
  const edit = (table: string, change: (lines: string) => string) => async () => {
    const path = join(broken, `${table}.ndjson.gz`)
    await writeFile(path, gzipSync(change(gunzipSync(await readFile(path)).toString())))
  }

  it.each<[string, () => Promise<void>, string]>([
    [
      'lacks a file',
      () => rm(join(broken, 'messages.ndjson.gz')),
      'messages.ndjson.gz is damaged or missing',
    ],
    ['lacks its manifest', () => rm(join(broken, 'manifest.json')), 'There is no archive in'],
    [
      'is cut off',
      () => truncate(join(broken, 'orders.ndjson.gz'), 400),
      'orders.ndjson.gz is damaged',
    ],
    [
      'has a longer file',
      () => appendFile(join(broken, 'orders.ndjson.gz'), 'x'),
      'orders.ndjson.gz',
    ],
    [
      'has another price',
      edit('orders', (text) => text.replace(/"price":\d/, '"price":9')),
      'does not match',
    ],
    [
      'lacks a line',
      edit('orders', (text) => text.replace(/.*\n/, '')),
      'does not match the manifest (bytes',
    ],
    [
      'has a line twice',
      edit('past_leases', (text) => text.replace(/.*\n/, '$&$&')),
      'does not match',
    ],
    [
      'has a wrong type',
      edit('orders', (text) => text.replace(/"price":(\d+)/, '"price":"$1"')),
      'line 1 of orders.ndjson.gz has a wrong price',
    ],
    [
      'has no JSON',
      edit('orders', (text) => `x${text}`),
      'line 1 of orders.ndjson.gz does not have the columns',
    ],
    [
      'has an order of another month',
      edit('orders', (text) => text.replace(/"id":\d+/, '"id":99999999')),
      'line 1 of orders.ndjson.gz is of another month',
    ],
    [
      'has a line without an end',
      edit('orders', (text) => text.trimEnd()),
      'the last line is cut off',
    ],
    [
      'has an unknown format',
      editManifest((one) => Object.assign(one, { format: 2 })),
      'its manifest.json is not valid (format',
    ],
    [
      'has no manifest of JSON',
      () => writeFile(join(broken, 'manifest.json'), '{'),
      'its manifest.json is not valid',
    ],
    [
      'names a file elsewhere',
      editManifest((one) =>
        Object.assign(
          one,
          JSON.parse(JSON.stringify(one).replace('orders.ndjson.gz', '../orders.ndjson.gz')),
        ),
      ),
      'its manifest.json is not valid (tables.orders.file',
    ],
  ])('that %s is neither verified nor restored', async (_, damage, words) => {
    const { db, refused, expectClean } = archives
    await rm(broken, { recursive: true, force: true })
    await cp(folder, broken, { recursive: true })
    await damage()
    const before = await dump(db)
    expect(await refused('verify', broken)).toContain(words)
    expect(await refused('restore', broken)).toContain(words)
    expect(await dump(db)).toEqual(before)
    await expectClean()
  })

  it.each<[string, (manifest: Record<string, unknown>) => void, string]>([
    [
      'of another platform',
      (one) => Object.assign(one, { installation: '0'.repeat(16) }),
      'another platform',
    ],
    [
      'that the database does not know',
      (one) => Object.assign(one, { made_by: 'somebody' }),
      'another manifest',
    ],
  ])('%s is verified, and not restored', async (_, change, words) => {
    const { db, json, refused } = archives
    await rm(broken, { recursive: true, force: true })
    await cp(folder, broken, { recursive: true })
    await editManifest(change as never)()
    const before = await dump(db)
    expect(await json('verify', broken)).toMatchObject({ ok: true })
    expect(await refused('restore', broken)).toContain(words)
    expect(await dump(db)).toEqual(before)
  })

  it('is listed as there, unreadable, another one or missing', async () => {
    const { json, refused } = archives
    await rm(broken, { recursive: true, force: true })
    const place = join(broken, month)
    await cp(folder, place, { recursive: true })
    const filesOf = async () => (await json('list', '--from', broken))[0]
    const manifest = await readFile(join(place, 'manifest.json'), 'utf8')
    expect(await filesOf()).toMatchObject({ month, state: 'archived', files: 'there' })
    await writeFile(join(place, 'manifest.json'), '{')
    expect(await filesOf()).toMatchObject({ files: 'unreadable' })
    await writeFile(join(place, 'manifest.json'), `${manifest} `)
    expect(await filesOf()).toMatchObject({ files: 'another archive' })
    await rm(place, { recursive: true })
    expect(await filesOf()).toMatchObject({ files: 'missing' })
    await mkdir(join(place, 'manifest.json'), { recursive: true })
    expect(await refused('list', '--from', broken)).toContain('EISDIR')
  })

  it('is not restored over an order with the same id', async () => {
    const { db, json, refused, expectClean } = archives
    await db.query(
      `insert into order_services (order_id, place, service_id, offer_id, price, hold_id)
       select (orders_to - 1), 1, 1, 1, 0, gen_random_uuid() from archived_months`,
    )
    const line = gunzipSync(await readFile(join(folder, 'order_services.ndjson.gz'))).toString()
    const { order_id: id } = JSON.parse(line.split('\n')[0] as string)
    await db.query('update order_services set order_id = $1 where place = 1 and offer_id = 1', [id])
    const before = await dump(db)
    expect(await refused('restore', month)).toContain('the database has rows with the same ids')
    expect(await dump(db)).toEqual(before)
    await db.query('delete from order_services where order_id = $1', [id])
    expect(await json('restore', month)).toMatchObject({ changed: true })
    await expectClean()
  })
})
