// Copies PostgreSQL's programs to a place that its user can enter. A copy is trusted only if nobody else
// could have changed it.
import { createHash } from 'node:crypto'
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

export type CopyOptions = {
  readonly place: string
  readonly name: string
  /** Refuse paths that somebody other than root owns or can write. */
  readonly rootOnly: boolean
  /** Creates the links inside the copy; gets the directory called native. */
  createLinks(native: string): Promise<boolean>
}

const writableByOthers = 0o022
const sticky = 0o1000

/** A copy of a directory of programs in a given place, created unless it exists. */
export async function copyPrograms(native: string, options: CopyOptions): Promise<string> {
  const target = join(options.place, options.name)
  await mkdir(options.place, { recursive: true, mode: 0o755 })
  if (options.rootOnly) await refuseForeign(options.place)
  if (await exists(target)) {
    if (options.rootOnly) await refuseForeign(target)
    if ((await inventory(target)) === (await inventory(native))) return target
    await rm(target, { recursive: true })
  }
  await makeCopy(native, target, options)
  return target
}

async function makeCopy(native: string, target: string, options: CopyOptions): Promise<void> {
  const fresh = await mkdtemp(join(options.place, '.copying-'))
  try {
    const copy = join(fresh, 'native')
    await cp(native, copy, { recursive: true, verbatimSymlinks: true, filter: isNeeded })
    await options.createLinks(copy)
    await openToAll(copy)
    // Another first start may have created its copy there meanwhile: it is equivalent.
    await rename(copy, target).catch(async (error) => {
      if (!(await exists(target))) throw error
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** A short digest of the names and sizes in a directory: shows whether a copy is complete. */
export async function inventory(native: string): Promise<string> {
  const lines: string[] = []
  for (const entry of await readdir(native, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !isNeeded(path)) continue
    lines.push(`${relative(native, path)} ${(await lstat(path)).size}`)
  }
  const digest = createHash('sha256').update(lines.sort().join('\n')).digest('hex')
  return digest.slice(0, 12)
}

/** Static libraries are needed only for compiling; they are half of the package. */
function isNeeded(path: string): boolean {
  return !path.endsWith('.a')
}

/** Throws unless only root can change a path: root owns every directory in it, and others cannot write. */
async function refuseForeign(path: string): Promise<void> {
  for (let at = path; ; at = dirname(at)) {
    const found = await lstat(at)
    // In a sticky directory (/var/tmp) others can add entries, but not change root's.
    const mayChange = (found.mode & writableByOthers) !== 0 && (found.mode & sticky) === 0
    const isPlain = found.isDirectory()
    if (!isPlain || found.uid !== 0 || mayChange || (at === path && found.mode & writableByOthers))
      throw new Error(`${at} can be changed by others than root`)
    if (dirname(at) === at) return
  }
}

/** Readable by everyone, whatever umask the dependencies were installed with. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile()) await chmod(path, (await lstat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
