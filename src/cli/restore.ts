// `numlet restore`: a backup becomes a new data directory, which is ready to start.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { startName } from '../command-name.ts'
import { toConfig } from '../config.ts'
import { type AuditReport, audit } from '../core/audit/audit.ts'
import { beginEpoch } from '../core/events/epoch.ts'
import { append } from '../core/operator-log.ts'
import { databaseTime } from '../db/clock.ts'
import { type Database, openDatabase } from '../db/database.ts'
import type { Manifest } from '../db/embedded/backup.ts'
import { startEmbedded } from '../db/embedded/embedded.ts'
import { homeOf } from '../db/embedded/home.ts'
import { unpackBackup } from '../db/embedded/restore.ts'
import { migrate } from '../db/migrate.ts'
import { operatorName } from './actor.ts'
import { printThing, type Shown, soleVerb } from './output.ts'
import { untilSignal } from './signals.ts'

type Wanted = Shown & { readonly data: string }

const tell = (line: string) => process.stderr.write(`${line}\n`)

export function addRestore(noun: Command): void {
  soleVerb(noun)
    .argument('<file>', 'Backup that `numlet backup` wrote')
    .requiredOption('--data <directory>', 'New data directory; it must be empty, or not exist')
    .action((file: string, wanted: Wanted) =>
      untilSignal((signal) => restore(file, wanted, signal)),
    )
}

async function restore(file: string, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const { dataDir } = homeOf(wanted.data)
  tell(`Unpacking ${file} ...`)
  const manifest = await unpackBackup(file, dataDir, signal)
  const restored = await bringUp(dataDir, manifest, signal).catch(async (error) => {
    // What cannot be started must not look restored.
    for (const name of await readdir(dataDir))
      await rm(join(dataDir, name), { recursive: true, force: true })
    throw error
  })
  const { report, epoch, orders } = restored
  printThing(wanted, {
    data: dataDir,
    backup_of: manifest.ended,
    orders,
    epoch,
    audit: report.ok ? 'ok' : 'WRONG',
    has_key: manifest.has_key,
  })
  for (const { ok, name, detail } of report.checks) if (!ok) tell(`WRONG ${name}: ${detail}`)
  if (!report.ok) process.exitCode = 1
  tell(nextSteps(dataDir, manifest))
}

type Restored = { readonly report: AuditReport; readonly epoch: number; readonly orders: number }

/** Starts it once: the log is replayed, the schema updated, a new epoch begins, the books are checked. */
async function bringUp(
  dataDir: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Restored> {
  const embedded = await startEmbedded({ dataDir, progress: tell, signal })
  const db = openDatabase({
    url: embedded.url,
    poolSize: 2,
    kind: 'migrations',
    name: 'numlet restore',
  })
  try {
    await migrate(db)
    const epoch = await beginRestored(db, manifest)
    signal.throwIfAborted()
    tell('Checking the books ...')
    const report = await audit(db, await databaseTime(db))
    const [row] = await db.query<{ orders: number }>('select count(*)::int as orders from orders')
    signal.throwIfAborted()
    return { report, epoch, orders: row?.orders ?? 0 }
  } finally {
    await db.end()
    await embedded.stop()
  }
}

async function beginRestored(db: Database, { ended }: Manifest): Promise<number> {
  const by = { actor: operatorName(toConfig(process.env)), reason: null }
  const reason = `restored a backup of ${ended}`
  const { epoch } = await beginEpoch(db, await databaseTime(db), reason, (tx, raised) =>
    append(tx, by, {
      action: 'epoch.begin',
      subject: { type: 'epoch', id: raised.epoch },
      detail: { backup_of: ended },
    }),
  )
  return epoch
}

function nextSteps(dataDir: string, { ended, has_key }: Manifest): string {
  const key = has_key
    ? []
    : [
        `The encryption key is not in the backup: put your copy at ${join(dataDir, 'encryption.key')}, ` +
          'or set NUMLET_ENCRYPTION_KEY, before you start.',
      ]
  return [
    `Restored what was committed before ${ended}; the rest is lost: tell the customers concerned.`,
    ...key,
    'Make sure that the old server does not run any more.',
    `Start with: NUMLET_DATA=${dataDir} ${startName}`,
  ].join('\n')
}
