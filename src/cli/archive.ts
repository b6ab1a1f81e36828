// `numlet archive`: old months of orders become files, which can be verified and brought back.
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { type Config, toConfig } from '../config.ts'
import { archiveMonths } from '../core/archive/archive.ts'
import { listMonths } from '../core/archive/list.ts'
import { readManifest } from '../core/archive/manifest.ts'
import { monthForm } from '../core/archive/month.ts'
import { restoreMonth } from '../core/archive/restore.ts'
import { verifyFiles } from '../core/archive/verify.ts'
import { archiveFolder, archiveStore } from './archive-store.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'
import { untilSignal } from './signals.ts'

const tell = (line: string) => process.stderr.write(`${line}\n`)
const fromOption = [
  '--from <directory>',
  'Directory of the archives; by default archive in the data directory',
] as const
const whichArchive = 'A month such as 2026-01, or the folder of an archive'

export function addArchive(noun: Command): void {
  verb(noun, 'list', 'List the months: which are archived, and which can be')
    .option(...fromOption)
    .action(list)
  act(noun, 'run', 'Archive a month, or all old ones')
    .argument('[month]', 'Month to archive, such as 2026-01', month)
    .option('--older-than <months>', 'All months that ended so many months ago', read.count)
    .option('--without-texts', 'Purge texts and codes of the month’s messages before')
    .option(
      '--to <directory>',
      'Directory for the archives; by default archive in the data directory',
    )
    .action(run)
  verb(noun, 'verify', 'Read an archive and check it; needs no database')
    .argument('<archive>', whichArchive)
    .option(...fromOption)
    .action(verify)
  act(noun, 'restore', 'Bring an archived month back into the database')
    .argument('<archive>', whichArchive)
    .option(...fromOption)
    .action(restore)
}

function month(text: string): string {
  if (!monthForm.test(text)) throw read.unfit('It must be a month such as 2026-01.')
  return text
}

const storeIn = ({ dataDir }: Config, wanted: string | undefined) =>
  archiveStore(resolve(wanted ?? join(dataDir, 'archive')))

const folderIn = (config: Config, archive: string, from: string | undefined) =>
  monthForm.test(archive) ? storeIn(config, from).folder(archive) : archiveFolder(resolve(archive))

type From = Shown & { readonly from?: string }

function list(wanted: From) {
  return withSession(
    async ({ db, config, now }) => {
      const months = await listMonths(db, now(), storeIn(config, wanted.from))
      printList(
        wanted,
        months.map((one) => ({
          month: one.month,
          state: one.state,
          orders: one.orders,
          messages: one.messages,
          files: one.files,
          archived_at: one.archivedAt,
          archived_by: one.archivedBy,
          reason: one.reason,
        })),
      )
    },
    { patient: true },
  )
}

type Run = Reasoned & {
  readonly olderThan?: number
  readonly withoutTexts?: boolean
  readonly to?: string
}

function run(name: string | undefined, wanted: Run, command: Command) {
  if ((name === undefined) === (wanted.olderThan === undefined))
    command.error('error: name a month, or --older-than', { exitCode: 2 })
  return untilSignal((signal) =>
    withSession(
      async ({ db, config, now, by }) => {
        const { archived, refused } = await archiveMonths(db, now, by(wanted.reason), {
          month: name,
          olderThan: wanted.olderThan,
          store: storeIn(config, wanted.to),
          withoutTexts: wanted.withoutTexts === true,
          signal,
          progress: tell,
        })
        if (wanted.json) printThing(wanted, { archived, refused })
        else printList(wanted, archived)
        for (const { reason } of refused) tell(reason)
        if (refused.length > 0) process.exitCode = 1
      },
      { patient: true },
    ),
  )
}

function verify(archive: string, wanted: From) {
  return untilSignal(async (signal) => {
    const folder = folderIn(toConfig(process.env), archive, wanted.from)
    const { manifest, hash } = await readManifest(folder)
    await verifyFiles(folder, manifest, signal)
    printThing(wanted, {
      folder: folder.path,
      month: manifest.month,
      ok: true,
      orders: manifest.tables.orders.rows,
      messages: manifest.tables.messages.rows,
      texts: manifest.texts,
      made_at: manifest.made_at,
      made_by: manifest.made_by,
      schema: manifest.schema,
      manifest: hash.toString('hex'),
    })
  })
}

function restore(archive: string, wanted: Reasoned & From) {
  return untilSignal((signal) =>
    withSession(
      async ({ db, config, by }) => {
        const folder = folderIn(config, archive, wanted.from)
        const restored = await restoreMonth(db, by(wanted.reason), {
          folder,
          signal,
          progress: tell,
        })
        printThing(wanted, restored)
      },
      { patient: true },
    ),
  )
}
