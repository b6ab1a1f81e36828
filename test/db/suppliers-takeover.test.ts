// Suppliers of a database from before they had settings and three states.
import { cp, readdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { testDatabase } from '../harness/database.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

const released = fileURLToPath(new URL('../../src/db/migrations/', import.meta.url))
const added = '0020-supplier-webhooks.sql'

it('takes suppliers over: active is on, disabled is off, secrets stay', async () => {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  const folder = `${scratch}/migrations/`
  await cp(released, folder, { recursive: true })
  const later = (await readdir(folder)).filter((name) => name >= added)
  for (const name of later) await rm(`${folder}${name}`)
  const { db } = await testDatabase('empty')
  await migrate(db, { folder })
  await db.query(
    `insert into suppliers (name, kind, state, secret_hash) values
       ('one', 'http-callback', 'active', sha256('1')), ('two', 'http-callback', 'disabled', sha256('2')),
       ('three', 'simulator', default, null)`,
  )
  const version = () => db.query('select version from access_version')
  const before = await version()

  expect(await migrate(db)).toContain(added)

  const rows = await db.query(
    `select name, state, secret_hash = sha256((id)::text::bytea) as same, config, secrets
       from suppliers order by id`,
  )
  const empty = { config: {}, secrets: {} }
  expect(rows).toEqual([
    { name: 'one', state: 'on', same: true, ...empty },
    { name: 'two', state: 'off', same: true, ...empty },
    { name: 'three', state: 'on', same: null, ...empty },
  ])
  // Servers that remember suppliers look again, also when only a setting changes.
  const after = await version()
  expect(after).not.toEqual(before)
  await db.query(`update suppliers set config = '{"a": "b"}' where name = 'one'`)
  expect(await version()).not.toEqual(after)
  for (const [column, value] of [
    ['state', 'active'],
    ['kind', 'No Kind'],
  ])
    await expect(db.query(`update suppliers set ${column} = $1`, [value])).rejects.toThrow('check')
})
