// Where everything of an embedded PostgreSQL lies below the data directory, and how its files are written.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

export type Home = {
  readonly dataDir: string
  /** The PostgreSQL cluster: what must never be lost. */
  readonly cluster: string
  /** How to connect, and who owns the running server; there only while one runs. */
  readonly facts: string
  readonly log: string
}

export type Owner = { readonly uid: number; readonly gid: number }

/** The places of a data directory, none of them made yet. */
export function homeOf(dataDir: string): Home {
  const root = resolve(dataDir)
  return {
    dataDir: root,
    cluster: join(root, 'postgres'),
    facts: join(root, 'postgres.json'),
    log: join(root, 'postgres.log'),
  }
}

/** Makes the data directory and its parents if need be. */
export async function makeHome(home: Home): Promise<void> {
  await mkdir(home.dataDir, { recursive: true, mode: 0o755 })
}

/**
 * Writes a small file whole or not at all. It goes by a fresh file and a rename, so that a crash
 * leaves the old content, and a symbolic link planted under that name is replaced, not followed.
 */
export async function writeWhole(path: string, content: string, owner: Owner | null) {
  const fresh = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
  const file = await open(fresh, flags, 0o600)
  try {
    await file.writeFile(content)
    if (owner) await file.chown(owner.uid, owner.gid)
    await file.sync()
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(fresh, path)
}

/** Makes a rename or a new entry in a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, constants.O_RDONLY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
