// The directory of the server's Unix socket: short, new, and accessible to nobody else.
import { chmod, chown, mkdir, mkdtemp, rmdir, unlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address } from './connection.ts'
import { canEnter, type RunAs } from './unprivileged.ts'

const socketPort = 5432
const namePrefix = 'numlet-'
const socketFile = `.s.PGSQL.${socketPort}`
/** A socket's path can have 107 bytes on Linux, 103 on macOS. */
const maxSocketPath = 103

/** An address that was never used before. */
export async function newAddress(runAs: RunAs): Promise<Address> {
  if (process.platform === 'win32') return { host: '127.0.0.1', port: await freePort() }
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const length = Buffer.byteLength(join(parent, `${namePrefix}123456`, socketFile))
    if (length > maxSocketPath || !(await isUsable(parent, runAs))) continue
    const host = await mkdtemp(join(parent, namePrefix)).catch(() => null)
    if (!host) continue
    await secure(host, runAs)
    return { host, port: socketPort }
  }
  throw new Error(`no directory for PostgreSQL's socket: tried ${tmpdir()}, /tmp, /var/tmp`)
}

/** Prepares an address for a new server: creates its directory and removes files of a dead server. */
export async function refreshAddress(address: Address, runAs: RunAs): Promise<void> {
  if (!isSocketDirectory(address.host)) return
  await mkdir(address.host, { mode: 0o700 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
  await secure(address.host, runAs)
  await removeFiles(address)
}

/** Removes a socket directory of Numlet, and in it only files that a server creates. */
export async function dropAddress(address: Address): Promise<void> {
  if (!isSocketDirectory(address.host)) return
  await removeFiles(address)
  await rmdir(address.host).catch(() => {})
}

function isSocketDirectory(host: string): boolean {
  return host.startsWith('/') && /\/numlet-[A-Za-z0-9]{6}$/.test(host)
}

async function isUsable(parent: string, runAs: RunAs): Promise<boolean> {
  return runAs === null || canEnter(parent, runAs)
}

async function secure(host: string, runAs: RunAs): Promise<void> {
  await chmod(host, 0o700)
  if (runAs) await chown(host, runAs.uid, runAs.gid)
}

async function removeFiles(address: Address): Promise<void> {
  for (const name of [socketFile, `${socketFile}.lock`])
    await unlink(join(address.host, name)).catch(() => {})
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const port = (server.address() as { port: number }).port
  await new Promise((done) => server.close(done))
  return port
}
