// The old program and the new one side by side on one database. The new one is a copy of this program with
// one migration more: one that the old program can go on with, and then one that it cannot.
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { testDatabase, testKey } from '../harness/database.ts'
import { eventually, unlimited } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { call, testCustomer, testSupplier } from '../harness/server.ts'
import { expectAcknowledged } from '../promises/acknowledged.ts'
import { Load } from '../promises/crash-load.ts'
import { expectCleanAudit, lots } from '../promises/market.ts'
import { ask, startNumlet } from '../start/program.ts'
import { eachInTurn } from './failover-clients.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const patienceMs = 120_000

const compatible = `-- compatible with the version before
alter table orders add column colour text;
create table colours (id integer primary key, name text not null);
`
const incompatible = `alter table orders add column shade text not null default 'light';
`

/** A copy of this program with more migrations. @returns its entry point */
async function copyWith(migrations: Readonly<Record<string, string>>): Promise<string> {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  const folder = join(scratch, 'program')
  await mkdir(folder)
  for (const name of ['src', 'package.json'])
    await cp(join(root, name), join(folder, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [name, sql] of Object.entries(migrations))
    await writeFile(join(folder, 'src/db/migrations', name), sql)
  return join(folder, 'src/main.ts')
}

it('serve together if the new schema is compatible; otherwise the old one stops by itself', {
  timeout: 4 * patienceMs,
}, async () => {
  const { db, url } = await testDatabase('demo')
  const customer = await testCustomer(db, { credit: '1000000' })
  const load = new Load(customer.key, (await testSupplier(db)).secret)
  const env = {
    DATABASE_URL: url,
    NUMLET_ENCRYPTION_KEY: testKey,
    ...unlimited,
  }
  const start = (command: string, file?: string) =>
    startNumlet(env, { args: [command], ...(file !== undefined && { file }) })
  const migrateBy = async (file: string) => {
    const migrating = start('migrate', file)
    expect(await migrating.ended, migrating.output()).toBe(0)
  }
  const more = async (answers: number) => {
    const then = load.acknowledged
    await eventually(async () => load.acknowledged > then + answers, patienceMs)
  }
  const readyOf = async (base: string) => {
    const answer = await ask(base, '/health/ready')
    return { ...JSON.parse(answer?.text ?? '{}'), status: answer?.status }
  }
  const tomorrow = await copyWith({ '9998-colours.sql': compatible })
  const later = await copyWith({ '9998-colours.sql': compatible, '9999-shades.sql': incompatible })

  const old = await start('serve').ready()
  const urls = [old]
  let isOver = false
  const running = load.run(eachInTurn(urls), lots(7), () => isOver)
  await more(40)
  await migrateBy(tomorrow)
  await eventually(async () => (await readyOf(old)).details.newer_schema, patienceMs)
  const fresh = await start('serve', tomorrow).ready()
  urls.push(fresh)
  await more(80)
  isOver = true
  await running
  await load.retry({ url: fresh })
  expect(load.wrong).toEqual([])
  for (const base of urls)
    expect(await readyOf(base)).toMatchObject({
      status: 200,
      details: { schema_version: '9998-colours', newer_schema: base === old },
    })
  await expectAcknowledged(db, { ...customer, load })

  await migrateBy(later)
  const latest = await start('serve', later).ready()
  const buy = (base: string) =>
    call({ url: base }, customer.key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' })
  for (const base of urls) {
    await eventually(async () => (await readyOf(base)).status === 503, patienceMs)
    expect((await readyOf(base)).missing.join()).toContain('9999-shades.sql')
    const refused = await buy(base)
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(refused.headers.get('retry-after')).toBeTruthy()
  }
  expect((await buy(latest)).status).toBe(201)
  for (const file of [undefined, tomorrow]) expect(await start('serve', file).ended).toBe(1)
  await expectCleanAudit(db)
})
