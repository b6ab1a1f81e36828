// PostgreSQL refuses to run as root: which ordinary user it runs as then, and how that user gets to a directory.
import { constants } from 'node:fs'
import { lchown, open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Home, Owner } from './home.ts'

/** The user the server runs as; null: the one we run as ourselves. */
export type RunAs = Owner | null

/** A directory as the server's processes can name it. */
export type Reach = { readonly path: string; readonly fd: number | null; close(): Promise<void> }

/** The descriptor a directory is handed over as, right after stdin, stdout and stderr. */
export const inheritedFd = 3

const preferredUsers = ['numlet', 'postgres', 'nobody']
const lastResort: Owner = { uid: 65534, gid: 65534 }

/** Whom to run the server as. An existing cluster goes on with the user who owns it. */
export async function chooseUser(home: Home): Promise<RunAs> {
  if (process.getuid?.() !== 0) return null
  const found = await stat(home.cluster).catch(() => null)
  if (found && found.uid !== 0) return { uid: found.uid, gid: found.gid }
  const known = parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''))
  for (const name of preferredUsers) {
    const user = known.get(name)
    if (user) return user
  }
  return lastResort
}

/** The ordinary users of a passwd file by name. */
export function parsePasswd(passwd: string): Map<string, Owner> {
  const users = new Map<string, Owner>()
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':')
    const user = { uid: Number(uid), gid: Number(gid) }
    if (name && user.uid > 0 && user.gid > 0) users.set(name, user)
  }
  return users
}

/**
 * How processes of that user reach a directory. Root opens it and hands down the descriptor, for
 * a parent may be closed to them (/root is 0700): entering by a descriptor asks nothing of the
 * parents, and PostgreSQL stays inside by relative paths. So no permission is ever loosened.
 */
export async function reach(directory: string, runAs: RunAs): Promise<Reach> {
  if (runAs === null) return { path: directory, fd: null, close: async () => {} }
  if (process.platform === 'linux') {
    const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY)
    const path = `/proc/self/fd/${inheritedFd}`
    return { path, fd: handle.fd, close: () => handle.close() }
  }
  if (await canEnter(directory, runAs)) return { path: directory, fd: null, close: async () => {} }
  throw new Error(
    `PostgreSQL does not run as root, and user ${runAs.uid} may not enter ${directory}: ` +
      'start Numlet as an ordinary user, or choose another NUMLET_DATA',
  )
}

/** Whether a user may walk down to a directory and enter it, by the permission bits. */
export async function canEnter(directory: string, user: Owner): Promise<boolean> {
  for (let at = directory; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null)
    if (!found) return false
    const shift = found.uid === user.uid ? 6 : found.gid === user.gid ? 3 : 0
    if (((found.mode >> shift) & 1) === 0) return false
    if (dirname(at) === at) return true
  }
}

/** Gives a whole directory to a user, its top last: a crash on the way is made good next time. */
export async function giveTo(user: Owner, directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await giveTo(user, path)
    else await lchown(path, user.uid, user.gid)
  }
  await lchown(directory, user.uid, user.gid)
}
