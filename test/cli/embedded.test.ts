// The command line on the embedded database: joined while a server runs, started for a command if none does.
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { findEmbedded, startEmbedded } from '../../src/db/embedded/embedded.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { jsonOf, run } from './program.ts'

let dataDir: string
beforeAll(async () => {
  dataDir = await newScratch()
})
afterAll(() => dropScratch(dataDir))

const numlet = (...args: string[]) => run([...args, '--json'], { NUMLET_DATA: dataDir })

it('makes the database with `migrate`, and stops it again', async () => {
  const outcome = await numlet('migrate')
  expect(outcome.code).toBe(0)
  expect(jsonOf(outcome)).toEqual({ migrated: true })
  expect(await findEmbedded(dataDir)).toBeNull()
})

it('starts the database for a command and stops it, also for several at once', async () => {
  const emails = ['a@example.com', 'b@example.com', 'c@example.com', 'd@example.com']
  const made = await Promise.all(
    emails.map((email) => numlet('accounts', 'create', '--email', email)),
  )
  for (const outcome of made) expect(jsonOf(outcome).account_id).toMatch(/^acc_/)
  expect(await findEmbedded(dataDir)).toBeNull()
  expect(await readdir(dataDir)).not.toContain('postgres.json')
  expect(jsonOf(await numlet('accounts', 'list'))).toHaveLength(4)
})

it('joins the database of a running server and leaves it running', async () => {
  const embedded = await startEmbedded({ dataDir, progress: () => {} })
  const server = openDatabase({ url: embedded.url, poolSize: 1 })
  try {
    const outcome = await numlet('accounts', 'list')
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(jsonOf(outcome)).toHaveLength(4)
    expect(jsonOf(await numlet('migrate'))).toEqual({ migrated: true })
    expect(await server.query('select 1 as yes')).toEqual([{ yes: 1 }])
  } finally {
    await server.end()
    await embedded.stop()
  }
})

it('migrates a database that nobody uses, and refuses to under a running server', async () => {
  const forget = async () => {
    const embedded = await startEmbedded({ dataDir, progress: () => {} })
    const server = openDatabase({ url: embedded.url, poolSize: 1 })
    await server.query('drop schema public cascade')
    await server.query('create schema public')
    await server.end()
    return embedded
  }
  const embedded = await forget()
  const refused = await numlet('accounts', 'list')
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toMatch(
    /^The database has no Numlet tables yet\. .*npm run -s numlet -- migrate/,
  )
  const unmoved = await numlet('migrate')
  expect(unmoved).toMatchObject({ code: 1, stdout: '' })
  expect(unmoved.stderr).toMatch(/^The database lacks \d+ .* Stop that server/)
  await embedded.stop()
  expect(jsonOf(await numlet('accounts', 'list'))).toEqual([])
  expect(jsonOf(await numlet('services', 'list')).length).toBeGreaterThan(100)
})
