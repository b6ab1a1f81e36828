// A fresh database for a test file: a copy of a template that each run creates once.
import { randomBytes } from 'node:crypto'
import { afterAll, inject } from 'vitest'
import { installCatalog } from '../../src/core/catalog/install.ts'
import { esimCodes } from '../../src/core/esims/esim.ts'
import { openVault } from '../../src/core/vault/vault.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { installDemo } from '../../src/demo.ts'

export type TestDatabase = { readonly db: Database; readonly url: string }

/** The encryption key of every test server. The demo's eSIMs are encrypted with it. */
export const testKey = Buffer.alloc(32, 'a key for tests').toString('base64')
export const testVault = openVault([Buffer.from(testKey, 'base64')], esimCodes)

/** `catalog`: migrated, with countries and services; `demo`: also with offers, numbers and an account. */
export type Template = 'empty' | 'catalog' | 'demo'

const templateLock = 4_021

/** Creates a database for the calling file, and drops it when the file is done. */
export async function testDatabase(template: Template = 'catalog'): Promise<TestDatabase> {
  const admin = openDatabase({ url: inject('databaseUrl'), poolSize: 1 })
  const name = `test_${randomBytes(6).toString('hex')}`
  await ensureTemplate(admin, template)
  await admin.query(`create database ${name} template template_${template}`)
  const url = urlOf(name)
  const db = openDatabase({ url, poolSize: 10 })
  afterAll(async () => {
    await db.end()
    await admin.query(`drop database if exists ${name} with (force)`)
    await admin.end()
  })
  return { db, url }
}

async function ensureTemplate(admin: Database, template: Template) {
  // @NOTE `create database` is refused in a transaction, so the lock belongs to the session: the pool has one
  // @NOTE asked repeatedly: on a slow machine, creating a template takes longer than a statement may
  await admin.query(`set lock_timeout = '20s'`)
  while (!(await takeLock(admin)));
  // @NOTE the pool closes a connection that stays idle, and its lock goes with it
  const busy = setInterval(() => void admin.query('select 1').catch(() => undefined), 5_000)
  try {
    const [there] = await admin.query(
      `select 1 as yes from pg_database where datname = $1 and datistemplate`,
      [`template_${template}`],
    )
    if (there) return
    await admin.query(`drop database if exists template_${template} with (force)`)
    await admin.query(`create database template_${template}`)
    const db = openDatabase({ url: urlOf(`template_${template}`), poolSize: 2 })
    if (template !== 'empty') {
      await migrate(db)
      await db.begin((tx) => installCatalog(tx, new Date()))
    }
    if (template === 'demo') await installDemo(db, new Date(), testVault)
    await db.end()
    await admin.query(`alter database template_${template} with is_template true`)
  } finally {
    clearInterval(busy)
    await admin.query(`select pg_advisory_unlock(${templateLock})`)
  }
}

const lockNotAvailable = '55P03'

async function takeLock(admin: Database): Promise<boolean> {
  try {
    await admin.query(`select pg_advisory_lock(${templateLock})`)
    return true
  } catch (error) {
    if ((error as { code?: string }).code === lockNotAvailable) return false
    throw error
  }
}

/** The test server's URL with another database. */
export function urlOf(database: string): string {
  return inject('databaseUrl').replace(/\/[^/?]*(\?|$)/, `/${database}$1`)
}
