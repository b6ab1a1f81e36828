// Scratch directories of test runs. An interrupted run leaves them behind; the next run cleans them up.
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFacts } from '../../src/db/embedded/connection.ts'
import { type Home, homeOf } from '../../src/db/embedded/home.ts'
import { findPostmaster, stopPostmaster } from '../../src/db/embedded/postmaster.ts'
import { isAlive } from '../../src/db/embedded/processes.ts'
import { dropAddress } from '../../src/db/embedded/sockets.ts'

const prefix = 'numlet-test-'
/** Where a database may be in a scratch directory. */
const dataDirs = ['.', 'data', 'closed/data']

/** A file system in memory, where a commit does not wait for a disk. */
const memory = '/dev/shm'
/** More than the databases of a whole run need. */
const roomBytes = 4 * 1024 ** 3

/** Creates a directory that names the process it belongs to: in memory if there is room. */
export async function newScratch(): Promise<string> {
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }))
  const parent = bavail * bsize >= roomBytes ? memory : tmpdir()
  return mkdtemp(join(parent, `${prefix}${process.pid}-`))
}

/** Stops the databases in a scratch directory, if any are running, and removes it. */
export async function dropScratch(scratch: string): Promise<void> {
  for (const dataDir of dataDirs) await endDatabase(homeOf(join(scratch, dataDir)))
  await rm(scratch, { recursive: true, force: true })
}

/** Removes the scratch directories of processes that no longer exist. */
export async function dropAbandoned(): Promise<void> {
  for (const parent of [memory, tmpdir()])
    for (const name of await readdir(parent).catch(() => [])) {
      const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : 0
      if (!(pid > 0) || isAlive(pid)) continue
      // Only another user may remove that user's directories.
      await dropScratch(join(parent, name)).catch(() => {})
    }
}

async function endDatabase(home: Home): Promise<void> {
  const running = await findPostmaster(home)
  if (running) await stopPostmaster(running)
  const facts = await readFacts(home).catch(() => null)
  for (const address of [running?.address, facts]) if (address?.host) await dropAddress(address)
}
