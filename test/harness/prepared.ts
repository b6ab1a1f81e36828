// Data directories whose PostgreSQL is set up and at rest: copies of one that each process makes once.
// Setting one up takes longer than most tests.
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startEmbedded } from '../../src/db/embedded/embedded.ts'
import { newScratch } from './scratch.ts'

const execute = promisify(execFile)

let original: Promise<string> | undefined

/** Makes a data directory in which the database was started and stopped once. */
export async function prepareDataDir(dataDir: string): Promise<void> {
  original ??= makeOriginal()
  const from = await original
  // @NOTE in a process of its own: thousands of small files keep the threads of this one busy
  if (process.platform === 'win32') await cp(from, dataDir, { recursive: true })
  else await execute('cp', ['-Rp', from, dataDir])
}

async function makeOriginal(): Promise<string> {
  const scratch = await newScratch()
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))
  const dataDir = join(scratch, 'data')
  const database = await startEmbedded({ dataDir, progress: () => {} })
  await database.stop()
  return dataDir
}
