// The source of the encryption keys: the environment, or else a file in the data directory.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDirectory } from '../../db/embedded/home.ts'
import { keyBytes, openVault, type Vault } from './vault.ts'

/** At least one; the first one encrypts. */
export type EncryptionKeys = readonly [Buffer, ...Buffer[]]

export type KeyPlaces = {
  /** From the environment; null: not set. */
  readonly given: EncryptionKeys | null
  /** The data directory, which may hold a key; null if the database is shared, because a file would not
   * be. */
  readonly dataDir: string | null
}

export type VaultSource = {
  /** @returns null if there is no key */
  open(): Promise<Vault | null>
  /** The same, but creates a key if there is none and one may be created. */
  openOrMake(): Promise<Vault | null>
}

const fileName = 'encryption.key'

/** A vault for one purpose; its keys are read when they are first needed. */
export function vaultSource(places: KeyPlaces, purpose: string): VaultSource {
  let opened: Vault | null = null
  const keep = (keys: EncryptionKeys | null) => {
    opened = keys && openVault(keys, purpose)
    return opened
  }
  return {
    // @NOTE if there is no key yet, look again each time: a command may create it while a server runs
    open: async () => opened ?? keep(await readKeys(places)),
    async openOrMake() {
      if (opened) return opened
      const there = await readKeys(places)
      if (!there && places.dataDir !== null) await makeKeyFile(places.dataDir)
      return keep(there ?? (await readKeys(places)))
    },
  }
}

/** Keys in base64, separated by commas or white space. @returns null if one of them is invalid */
export function parseKeys(text: string): EncryptionKeys | null {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((part) => (/^[A-Za-z0-9+/]{43}=$/.test(part) ? Buffer.from(part, 'base64') : null))
  if (keys.length === 0 || keys.some((key) => key?.length !== keyBytes)) return null
  return keys as unknown as EncryptionKeys
}

async function readKeys({ given, dataDir }: KeyPlaces): Promise<EncryptionKeys | null> {
  if (given || dataDir === null) return given
  const path = join(dataDir, fileName)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const keys = parseKeys(text)
  if (!keys) throw new Error(`${path} does not contain keys of ${keyBytes} bytes in base64`)
  return keys
}

/** Creates the file once, completely or not at all: a second process finds the first one's file. */
async function makeKeyFile(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  const path = join(dataDir, fileName)
  const fresh = join(dirname(path), `.${fileName}.${randomBytes(6).toString('hex')}`)
  const file = await open(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    await file.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`)
    await file.sync()
    await file.close()
    await link(fresh, path)
    await syncDirectory(dataDir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await file.close()
    await rm(fresh, { force: true })
  }
}
