// Where everything of an embedded PostgreSQL lies below the data directory, and how its files are written.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
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

/** The data directory cannot be used. The message says why and what to do. */
export class DataDirectoryUnusable extends Error {
  override readonly name = 'DataDirectoryUnusable'
}

/** Says what an error of the file system means for the data directory; other errors stay as they are. */
export function explainFileError(error: unknown, home: Home): unknown {
  const { code, path = home.dataDir, syscall } = error as NodeJS.ErrnoException
  // @NOTE a program that cannot be spawned has a path, too, and is no file of ours
  if (syscall === undefined || syscall.startsWith('spawn')) return error
  const why = reasonFor(code, path)
  return why === null
    ? error
    : new DataDirectoryUnusable(`${why} (NUMLET_DATA is ${home.dataDir}.)`)
}

function reasonFor(code: string | undefined, path: string): string | null {
  const elsewhere = 'set NUMLET_DATA to another directory'
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return (
        `${path} may not be used by this user (${code}). ` +
        `Start Numlet as the user who owns it, give it to this one (chown -R), or ${elsewhere}.`
      )
    case 'EROFS':
      return `${path} is on a read-only file system. Make that writable, or ${elsewhere}.`
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path} cannot be a directory: a file is in its place. Move that file away, or ${elsewhere}.`
    case 'EISDIR':
      return `${path} is a directory, and Numlet needs a file there. Move it away, or ${elsewhere}.`
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk that ${path} is on is full. Make room there, or ${elsewhere}.`
    case 'EIO':
      return `The disk that ${path} is on has failed (EIO). Look at the system’s log.`
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return `${path} is not a usable path (${code}): ${elsewhere}.`
    default:
      return null
  }
}

/** What PostgreSQL's programs say of a full disk, in our words; null where they say something else. */
export function fullDiskIn(words: string, home: Home): DataDirectoryUnusable | null {
  if (!/No space left on device|Disk quota exceeded/.test(words)) return null
  return new DataDirectoryUnusable(reasonFor('ENOSPC', home.dataDir) as string)
}

/** Makes the data directory and its parents if need be. */
export async function makeHome(home: Home): Promise<void> {
  await mkdir(home.dataDir, { recursive: true, mode: 0o755 }).catch(async (error) => {
    if (error.code !== 'ENOENT') throw error
    // Of a read-only file system Node says so only where one directory is to be made.
    await mkdir(await firstMissing(home.dataDir), { mode: 0o755 })
    await mkdir(home.dataDir, { recursive: true, mode: 0o755 })
  })
}

async function firstMissing(path: string): Promise<string> {
  const parent = dirname(path)
  const isThere = await stat(parent).then(Boolean, () => false)
  return isThere || parent === path ? path : firstMissing(parent)
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
