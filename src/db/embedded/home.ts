// The files of an embedded PostgreSQL in the data directory, and how they are written.
import { randomBytes } from 'node:crypto'
import { constants, lstatSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

export type Home = {
  readonly dataDir: string
  /** The PostgreSQL cluster, which must never be lost. */
  readonly cluster: string
  /** How to connect, and who owns the running server; exists only while one runs. */
  readonly facts: string
  readonly log: string
}

export type Owner = { readonly uid: number; readonly gid: number }

/** The paths in a data directory; none of them is created yet. */
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
class DataDirectoryUnusable extends Error {
  override readonly name = 'DataDirectoryUnusable'
}

/** Translates an error of the file system into one about the data directory; other errors are unchanged. */
export function explainFileError(error: unknown, home: Home): unknown {
  const { code, path = home.dataDir, syscall } = error as NodeJS.ErrnoException
  // @NOTE the error of a program that cannot be spawned also has a path, but is not about the data directory
  if (syscall === undefined || syscall.startsWith('spawn')) return error
  // Only a directory that is to be created says something about its place.
  const isElsewhere = code === 'ENOENT' && syscall !== 'mkdir'
  const why = isElsewhere ? null : reasonFor(code, path)
  return why === null
    ? error
    : new DataDirectoryUnusable(`${why} (NUMLET_DATA is ${home.dataDir}.)`)
}

/** Says what is in the place of a directory: at the path, or at the nearest of its parents that exists. */
function inTheWay(path: string, elsewhere: string): string {
  const entry = lookedAt(() => lstatSync(path))
  if (!entry && dirname(path) !== path) return inTheWay(dirname(path), elsewhere)
  const target = lookedAt(() => statSync(path))
  if (entry?.isSymbolicLink() && !target)
    return (
      `${path} is a link to ${readlinkSync(path)}, which does not exist. ` +
      `Create that directory, remove the link, or ${elsewhere}.`
    )
  const what = target?.isFile() ? 'a file' : 'something else'
  const link = entry?.isSymbolicLink() ? 'a link to ' : ''
  return `${path} must be a directory, but it is ${link}${what}. Move it, or ${elsewhere}.`
}

/** What there is; null if there is nothing, or it cannot be seen. */
function lookedAt(look: () => Stats): Stats | null {
  try {
    return look()
  } catch {
    return null
  }
}

function reasonFor(code: string | undefined, path: string): string | null {
  const elsewhere = 'set NUMLET_DATA to another directory'
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return (
        `${path} cannot be used by this user (${code}). ` +
        `Start Numlet as its owner, change the owner (chown -R), or ${elsewhere}.`
      )
    case 'EROFS':
      return `${path} is on a read-only file system. Make it writable, or ${elsewhere}.`
    case 'ENOTDIR':
    case 'EEXIST':
      return inTheWay(path, elsewhere)
    case 'ENOENT':
      return `${path} cannot be created there (${code}): ${elsewhere}.`
    case 'EISDIR':
      return `${path} must be a file, but it is a directory. Move it, or ${elsewhere}.`
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk of ${path} is full. Free some space, or ${elsewhere}.`
    case 'EIO':
      return `The disk of ${path} has failed (EIO). Check the system’s log.`
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return `${path} is not a usable path (${code}): ${elsewhere}.`
    default:
      return null
  }
}

/** Translates PostgreSQL's messages about a full disk; null for all others. */
export function fullDiskIn(words: string, home: Home): DataDirectoryUnusable | null {
  if (!/No space left on device|Disk quota exceeded/.test(words)) return null
  return new DataDirectoryUnusable(reasonFor('ENOSPC', home.dataDir) as string)
}

/**
 * Creates the data directory and its parents if necessary. Node's own `recursive` does not say that a file
 * system is read-only, and never ends in a directory that takes no others, such as /proc.
 * @returns the first directory that was created
 */
export const makeHome = (home: Home): Promise<string | undefined> => makeDirectory(home.dataDir)

async function makeDirectory(path: string): Promise<string | undefined> {
  if (await isDirectory(path)) return undefined
  const parent = dirname(path)
  const first = parent === path ? undefined : await makeDirectory(parent)
  await mkdir(path, { mode: 0o755 }).catch(async (error) => {
    // Another process may have created it meanwhile.
    if (!(await isDirectory(path))) throw error
  })
  return first ?? path
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/**
 * Writes a small file completely or not at all. It creates a new file and renames it, so that a crash leaves
 * the old content, and a symbolic link planted under that name is replaced and not followed.
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

/** Makes a rename or a new entry in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, constants.O_RDONLY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
