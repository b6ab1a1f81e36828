// PostgreSQL refuses to run as root: chooses the ordinary user for it, and gives that user access to a
// directory.
import { constants } from 'node:fs'
import { lchown, open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Home, Owner } from './home.ts'

/** The user that the server runs as; null: the current one. */
export type RunAs = Owner | null

/** A directory as the server's processes can name it. */
export type Reach = { readonly path: string; readonly fd: number | null; close(): Promise<void> }

/** The file descriptor number for a directory that is passed on, after stdin, stdout and stderr. */
const inheritedFd = 3

const preferredUsers = ['numlet', 'postgres', 'nobody']
const lastResort: Owner = { uid: 65534, gid: 65534 }

/** Chooses the server's user. An existing cluster keeps the user who owns it. */
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

/** The ordinary users of a passwd file, by name. */
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
 * How processes of that user reach a directory. Root opens it and passes the descriptor on, because a parent
 * may be closed to them (/root is 0700): entering by a descriptor needs no permission on the parents, and
 * PostgreSQL then uses relative paths. So no permission is ever loosened.
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

/** Whether the permission bits allow a user to traverse to a directory and enter it. */
export async function canEnter(directory: string, user: Owner): Promise<boolean> {
  for (let at = directory; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null)
    if (!found) return false
    const shift = found.uid === user.uid ? 6 : found.gid === user.gid ? 3 : 0
    if (((found.mode >> shift) & 1) === 0) return false
    if (dirname(at) === at) return true
  }
}

/** Changes the owner of a whole directory, its top last: after a crash, the next start completes it. */
export async function giveTo(user: Owner, directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await giveTo(user, path)
    else await lchown(path, user.uid, user.gid)
  }
  await lchown(directory, user.uid, user.gid)
}
