// `numlet backup`: a copy of the embedded database in one file, made while it runs.
import { access, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { type Config, toConfig } from '../config.ts'
import { keyName, type Manifest, writeBackup } from '../db/embedded/backup.ts'
import { findEmbedded, startEmbedded } from '../db/embedded/embedded.ts'
import { type Home, homeOf } from '../db/embedded/home.ts'
import { Refusal } from './failure.ts'
import { printThing, type Shown, soleVerb } from './output.ts'
import { untilSignal } from './signals.ts'

type Wanted = Shown & { readonly withKey?: boolean }

const tell = (line: string) => process.stderr.write(`${line}\n`)

export function addBackup(noun: Command): void {
  soleVerb(noun)
    .argument('<file>', 'File to write, such as numlet-2027-01-31.tar.gz; it must not exist')
    .option('--with-key', 'Include the key that encrypts eSIMs and webhook secrets')
    .action((file: string, wanted: Wanted) => untilSignal((signal) => backUp(file, wanted, signal)))
}

async function backUp(file: string, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const config = toConfig(process.env)
  const home = await homeToBackUp(config)
  const target = resolve(file)
  if (await isThere(target)) throw new Refusal(`${target} exists already and was left unchanged.`)
  const key = wanted.withKey ? await readKey(config, home) : null
  const running = await findEmbedded(config.dataDir)
  const started = running === null ? await startFor(config, signal) : null
  let manifest: Manifest
  try {
    const url = running ?? (started?.url as string)
    manifest = await writeBackup({ home, url, file: target, key, signal })
  } finally {
    await started?.stop()
  }
  printThing(wanted, {
    file: target,
    began: manifest.began,
    ended: manifest.ended,
    files: manifest.files.length,
    bytes: manifest.files.reduce((sum, [, bytes]) => sum + bytes, 0),
    has_key: manifest.has_key,
  })
  tell(await keyWords(home, manifest))
}

/** @throws Refusal if there is no embedded database */
async function homeToBackUp({ databaseUrl, dataDir }: Config): Promise<Home> {
  if (databaseUrl !== null)
    throw new Refusal(
      'DATABASE_URL is set. This command backs up the embedded database only: use pg_basebackup, ' +
        'pgBackRest or pg_dump.',
    )
  const home = homeOf(dataDir)
  if (!(await isThere(join(home.cluster, 'PG_VERSION'))))
    throw new Refusal(`Nothing is set up in ${dataDir}, so there is nothing to back up.`)
  return home
}

function startFor({ dataDir }: Config, signal: AbortSignal) {
  return startEmbedded({ dataDir, progress: tell, signal })
}

async function readKey(config: Config, { dataDir }: Home): Promise<string> {
  if (config.encryptionKeys !== null)
    throw new Refusal('The key is in NUMLET_ENCRYPTION_KEY, not in a file: keep it where it is.')
  const path = join(dataDir, keyName)
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Refusal(`There is no key: ${path} does not exist yet.`)
    throw error
  })
}

async function keyWords({ dataDir }: Home, { has_key }: Manifest): Promise<string> {
  if (has_key) return 'The encryption key is in the backup: keep it as safe as the key.'
  if (!(await isThere(join(dataDir, keyName)))) return 'There is no encryption key in a file.'
  return (
    `The encryption key is not in the backup. Keep a copy of ${join(dataDir, keyName)} elsewhere: ` +
    'without it, eSIM codes and webhook secrets cannot be read after a restore.'
  )
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
