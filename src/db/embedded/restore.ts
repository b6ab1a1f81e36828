// Unpacks a backup of the embedded database into a new data directory, and verifies every file of it.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { clusterName, keyName, type Manifest, manifestName } from './backup.ts'
import { homeOf, makeHome, syncDirectory } from './home.ts'
import { readTar, type TarItem } from './tar.ts'

/** The file is not a whole backup. */
export class DamagedBackup extends Error {
  constructor(file: string, why: string) {
    super(`${file} is not a whole backup of Numlet: ${why}. Nothing was restored.`)
  }
}

/** The directory is in use. */
export class DirectoryNotEmpty extends Error {
  constructor(dataDir: string) {
    super(`${dataDir} is not empty. Restore into a new directory.`)
  }
}

const maxManifestBytes = 256 * 1024 * 1024

/** Unpacks a backup; either all of it is there afterwards, or nothing.
 * @throws DamagedBackup, DirectoryNotEmpty */
export async function unpackBackup(
  file: string,
  dataDir: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const home = homeOf(dataDir)
  // Before the directory is made: a wrong name of the file leaves nothing.
  await (await open(file, 'r')).close()
  const created = await makeHome(home)
  if ((await readdir(home.dataDir)).length > 0) throw new DirectoryNotEmpty(home.dataDir)
  const setup = join(home.dataDir, `${clusterName}.restoring`)
  try {
    await mkdir(setup, { mode: 0o700 })
    const manifest = await unpack(file, setup, signal)
    if (manifest.has_key) await rename(join(setup, keyName), join(home.dataDir, keyName))
    await rename(join(setup, clusterName), home.cluster)
    await rm(setup, { recursive: true })
    await syncDirectory(home.dataDir)
    return manifest
  } catch (error) {
    await rm(created ?? setup, { recursive: true, force: true })
    throw error
  }
}

async function unpack(file: string, setup: string, signal: AbortSignal): Promise<Manifest> {
  const found = new Map<string, string>()
  let manifest: Manifest | null = null
  const directories = [setup]
  const take = async (items: AsyncIterable<TarItem>) => {
    for await (const item of items) {
      if (item.path === manifestName) manifest = await readManifest(item)
      else if (item.kind === 'directory') directories.push(await makeDirectory(setup, item))
      else found.set(item.path, await writeFile(setup, item))
    }
  }
  try {
    await pipeline(
      createReadStream(file),
      createGunzip(),
      (source: AsyncIterable<Buffer>) => take(readTar(source)),
      { signal },
    )
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    // The disk is full, the command was stopped: the backup may be whole.
    if (signal.aborted || syscall !== undefined) throw error
    throw new DamagedBackup(file, code === 'Z_BUF_ERROR' ? 'it ends too early' : message)
  }
  verify(file, manifest, found)
  for (const directory of directories.reverse()) await syncDirectory(directory)
  return manifest as unknown as Manifest
}

function verify(file: string, manifest: Manifest | null, found: ReadonlyMap<string, string>) {
  if (manifest?.format !== 1) throw new DamagedBackup(file, 'its manifest is missing')
  for (const [path, bytes, sha256] of manifest.files)
    if (found.get(path) !== `${bytes} ${sha256}`)
      throw new DamagedBackup(file, `${path} differs from the manifest`)
  if (found.size !== manifest.files.length)
    throw new DamagedBackup(file, 'it has files that are not in the manifest')
}

async function readManifest({ size, content }: TarItem): Promise<Manifest> {
  if (size > maxManifestBytes) throw new Error('its manifest is too large')
  const parts: Buffer[] = []
  for await (const part of content) parts.push(part)
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}

async function makeDirectory(setup: string, { path }: TarItem): Promise<string> {
  const target = placeOf(setup, path.replace(/\/$/, ''))
  await mkdir(target, { mode: 0o700 })
  return target
}

/** @returns size and checksum, as in the manifest */
async function writeFile(setup: string, { path, size, content }: TarItem): Promise<string> {
  const target = placeOf(setup, path)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  const file = await open(target, 'wx', 0o600)
  try {
    for await (const part of content) {
      hash.update(part)
      await file.appendFile(part)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return `${size} ${hash.digest('hex')}`
}

/** A backup may come from anywhere: nothing in it may lead out of the directory. */
function placeOf(setup: string, path: string): string {
  const isInside = path === keyName || path === clusterName || path.startsWith(`${clusterName}/`)
  if (!isInside || !/^[\w.-]+(?:\/[\w.-]+)*$/.test(path) || path.split('/').includes('..'))
    throw new Error(`it has a file that does not belong into a backup: ${path.slice(0, 100)}`)
  return join(setup, path)
}
