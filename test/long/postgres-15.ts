// The oldest PostgreSQL that Numlet supports, from Debian's package, with its own tools.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { homeOf } from '../../src/db/embedded/home.ts'
import { chooseUser } from '../../src/db/embedded/unprivileged.ts'
import { freePort } from '../harness/ports.ts'
import { eventually } from '../harness/program.ts'
import { canRunCommand } from '../harness/programs.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

const programs = '/usr/lib/postgresql/15/bin'
const patienceMs = 120_000
const run = promisify(execFile)

export const hasPostgres15 = () =>
  canRunCommand(`${programs}/postgres --version`, 'postgresql-15', 'the tests of PostgreSQL 15')

/** A fresh cluster with an empty database, until the test is done. @returns its connection string */
export async function openPostgres15(): Promise<string> {
  const scratch = await newScratch()
  const directory = join(scratch, 'cluster')
  const port = await freePort()
  // PostgreSQL does not run as root.
  const user = await chooseUser(homeOf(scratch))
  if (user) await chown(scratch, user.uid, user.gid)
  const options = { ...user, cwd: '/' }
  await run(
    `${programs}/initdb`,
    ['-D', directory, '-U', 'numlet', '--auth=trust', '--encoding=UTF8', '--locale=C'],
    options,
  )
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`]
  const child = spawn(
    `${programs}/postgres`,
    ['-D', directory, ...settings.flatMap((setting) => ['-c', setting])],
    { ...options, stdio: 'ignore' },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  onTestFinished(async () => {
    child.kill('SIGQUIT')
    await ended
    await dropScratch(scratch)
  })
  const url = (database: string) => `postgres://numlet@127.0.0.1:${port}/${database}`
  const isUp = async () => spawnSync(`${programs}/pg_isready`, ['-d', url('postgres')]).status === 0
  await eventually(isUp, patienceMs)
  await run(`${programs}/createdb`, ['--maintenance-db', url('postgres'), 'numlet'])
  return url('numlet')
}

/** Dumps a database while it is in use. @returns restores the dump into an empty one */
export async function dump(from: string): Promise<(into: string) => Promise<void>> {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  const file = join(scratch, 'dump.sql')
  await run(`${programs}/pg_dump`, ['-d', from, '-f', file])
  return async (into) => {
    await run(`${programs}/psql`, [
      ...['-d', into, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null'],
      ...['-f', file],
    ])
  }
}
