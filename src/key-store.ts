// Where the encryption keys are: in the environment, or else in a file in the data directory.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type EncryptionKeys, type KeyStore, parseKeys } from './core/vault/keys.ts'
import { keyBytes } from './core/vault/vault.ts'
import { syncDirectory } from './db/embedded/home.ts'

export type KeyPlaces = {
  /** From the environment; null: not set. */
  readonly given: EncryptionKeys | null
  /** The data directory, which may hold a key; null if the database is shared, because a file would not
   * be. */
  readonly dataDir: string | null
}

const fileName = 'encryption.key'

export const keyStore = (places: KeyPlaces): KeyStore => ({
  read: () => readKeys(places),
  async make() {
    if (places.given === null && places.dataDir !== null) await makeKeyFile(places.dataDir)
  },
})

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
