// Archiving a month: its rows go into files, which are read back and compared, and then the rows are dropped.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { forgetTexts } from '../messages/retention.ts'
import { append, type By } from '../operator-log.ts'
import { archivedMonthNamed } from './archived.ts'
import { cleanUp } from './clean-up.ts'
import type { ArchiveStore } from './files.ts'
import { findManifest, type Manifest, writeManifest } from './manifest.ts'
import { isOlderThan, type Month } from './month.ts'
import { liveMonths } from './months.ts'
import { removeMonth } from './remove.ts'
import { astray, delivered } from './tables.ts'
import { type AssertHeld, inTurn } from './turn.ts'
import { verifyFiles } from './verify.ts'
import { assertOver, refusal, type Snapshot, writeFiles } from './write.ts'

export type Wanted = {
  /** One month, or all that ended so many months ago. */
  readonly month?: string | undefined
  readonly olderThan?: number | undefined
  readonly store: ArchiveStore
  /** Whether the texts of the month's messages are purged before. */
  readonly withoutTexts: boolean
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

export type Archived = {
  readonly month: string
  readonly folder: string
  readonly orders: number
  readonly messages: number
  /** How many of the messages have a text. */
  readonly texts: number
  readonly bytes: number
}

/** What became of each month: archived, or refused, with the reason. */
export type Results = {
  readonly archived: readonly Archived[]
  readonly refused: readonly { readonly month: string; readonly reason: string }[]
}

/**
 * Archives months, oldest first. One that is refused does not stop the others. If it is killed, nothing is
 * half archived, and the next run puts things in order.
 * @throws not_found, invalid_request, unavailable if another command is at work
 */
export function archiveMonths(
  db: Database,
  clock: () => Date,
  by: By,
  wanted: Wanted,
): Promise<Results> {
  return inTurn(db, async (assertHeld) => {
    await wanted.store.prepare()
    await cleanUp(db, assertHeld)
    const archived: Archived[] = []
    const refused: { month: string; reason: string }[] = []
    for (const month of await chosen(db, clock(), wanted)) {
      try {
        archived.push(await archiveMonth(db, clock, by, month, { ...wanted, assertHeld }))
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        refused.push({ month: month.name, reason: error.message })
      }
      await cleanUp(db, assertHeld)
    }
    return { archived, refused }
  })
}

async function chosen(db: Database, now: Date, wanted: Wanted): Promise<readonly Month[]> {
  const months = await liveMonths(db)
  const { month: name, olderThan } = wanted
  if (name === undefined) return months.filter((month) => isOlderThan(month, olderThan ?? 0, now))
  const month = months.find((one) => one.name === name)
  if (month) return [month]
  if (await archivedMonthNamed(db, name))
    throw new DomainError(
      'invalid_request',
      `${name} is archived already: see numlet archive list.`,
    )
  const there = months.map((one) => one.name).join(', ')
  throw new DomainError(
    'not_found',
    `There is no complete month ${name} in the database. Complete: ${there === '' ? 'none' : there}.`,
  )
}

async function archiveMonth(
  db: Database,
  clock: () => Date,
  by: By,
  month: Month,
  wanted: Wanted & { readonly assertHeld: AssertHeld },
): Promise<Archived> {
  const { store, signal, progress, assertHeld } = wanted
  if (wanted.withoutTexts) await purge(db, clock(), by, month, signal)
  try {
    const draft = await store.newDraft(month.name)
    progress(`${month.name}: writing ...`)
    const { snapshot, tables } = await writeFiles(db, clock(), month, draft, signal)
    const manifest = manifestOf(clock(), by, snapshot, tables)
    const hash = await writeManifest(draft, manifest)
    progress(`${month.name}: reading it back ...`)
    await verifyFiles(draft, manifest, signal)
    signal.throwIfAborted()
    await assertHeld()
    const folder = await putInPlace(store, manifest)
    progress(`${month.name}: removing it from the database ...`)
    await assertHeld()
    await removeMonth(db, clock(), by, { manifest, hash, snapshot })
    return { ...countsOf(manifest), month: month.name, folder }
  } finally {
    await store.dropDraft(month.name)
  }
}

function manifestOf(now: Date, by: By, snapshot: Snapshot, tables: Manifest['tables']): Manifest {
  const { month, texts, installation, schema } = snapshot
  const ids = ({ from, to }: Month['orders']) => ({ from: String(from), to: String(to) })
  return {
    format: 1,
    month: month.name,
    installation,
    schema,
    made_at: now.toISOString(),
    made_by: by.actor,
    orders: ids(month.orders),
    messages: ids(month.messages),
    texts,
    tables,
  }
}

const countsOf = ({ tables, texts }: Manifest) => ({
  orders: tables.orders.rows,
  messages: tables.messages.rows,
  texts,
  bytes: Object.values(tables).reduce((sum, { bytes }) => sum + bytes, 0),
})

/**
 * Gives the verified archive its name. An archive that is there already was left by a run that was killed, or
 * by a restore: it is replaced if its rows are the same. Anything else with that name is kept.
 */
async function putInPlace(store: ArchiveStore, manifest: Manifest): Promise<string> {
  const { month, installation } = manifest
  const folder = store.folder(month)
  const before = (await findManifest(folder))?.manifest
  if (before && before.installation !== installation)
    throw refusal(month, [`${folder.path} has the archive of another platform.`])
  const isSame = before !== undefined && rowsIn(before) === rowsIn(manifest)
  return (await store.keepDraft(month, isSame ? 'remove' : 'rename')).path
}

const rowsIn = ({ orders, messages, tables }: Manifest) =>
  JSON.stringify([orders, messages, Object.values(tables).map((one) => [one.rows, one.rows_sum])])

const messagesARound = 2_000

/** Purges the texts of a month that can be archived. */
async function purge(
  db: Database,
  now: Date,
  by: By,
  month: Month,
  signal: AbortSignal,
): Promise<void> {
  await assertOver(db, now, month)
  for (let purged = messagesARound; purged === messagesARound; ) {
    signal.throwIfAborted()
    purged = await db.begin(async (tx) => {
      const parts = [delivered(month), astray(month)].map(
        ({ from }) => `select t.id from ${from} and t.purged_at is null`,
      )
      const rows = await tx.query<{ id: bigint }>(
        `select id from messages where id in (${parts.join(' union all ')})
          order by id limit ${messagesARound} for update`,
      )
      if (rows.length === 0) return 0
      await forgetTexts(
        tx,
        now,
        rows.map(({ id }) => id),
      )
      await append(tx, by, {
        action: 'message.purge',
        subject: { type: 'month', id: month.name },
        detail: { messages: rows.length },
      })
      return rows.length
    })
  }
}
