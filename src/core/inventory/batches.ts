// Batches: what was imported together, where it came from, and by what right it is let.
import type { Database, Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { By } from '../operator-log.ts'
import { readSettings } from '../settings.ts'
import { type NumberState, numbersAChange, setSale } from './sale.ts'

/** Why the numbers may be let, in the operator's words. */
export type Provenance = {
  /** Whose numbers they are. */
  readonly owner: string | null
  readonly contract: string | null
  /** Who agreed that they are let, and when. */
  readonly consent: string | null
}

export const maxProvenanceLength = 500
const maxSourceLength = 200
/** Refused lines of a batch that are named: enough to see what is wrong with a file. All are counted. */
export const maxLinesKept = 1_000

export type NewBatch = Provenance & {
  readonly supplierId: number
  readonly country: string
  readonly operatorId: number
  readonly pool: string
  /** The name of the file. */
  readonly source: string
}

export type Batch = Provenance & {
  readonly id: number
  readonly supplier: string
  readonly country: string
  readonly operator: string
  readonly pool: string
  readonly source: string
  readonly added: number
  readonly known: number
  readonly refused: number
  readonly actor: string
  readonly reason: string | null
  readonly createdAt: Date
}

/** A line of a file that is not imported. */
export type RefusedLine = {
  readonly line: number
  /** Says what is wrong, and never what the line says. */
  readonly problem: string
}

/** Lines of a file that are not imported. */
export type Refused = {
  readonly count: number
  /** Some of them, the first ones. */
  readonly named: readonly RefusedLine[]
}

/** Begins a batch. @throws invalid_request if provenance is required and absent, or has an invalid form */
export async function beginBatch(
  db: Queryable,
  now: Date,
  by: By,
  batch: NewBatch,
): Promise<number> {
  const { owner, contract, consent } = batch
  for (const [name, text] of Object.entries({ owner, contract, consent })) checkText(name, text)
  if ((await readSettings(db)).require_provenance) needAll({ owner, contract, consent })
  const [row] = await db.query<{ id: number }>(
    `insert into number_batches (supplier_id, country, operator_id, pool, source, owner, contract, consent,
       actor, reason, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id`,
    [
      ...[batch.supplierId, batch.country, batch.operatorId, batch.pool],
      batch.source.replace(/\p{Cc}/gu, ' ').slice(-maxSourceLength) || '-',
      ...[owner, contract, consent, by.actor, by.reason, now],
    ],
  )
  return (row as { id: number }).id
}

function checkText(name: string, text: string | null) {
  if (text === null) return
  const isLine = text.trim() === text && text !== '' && !/\p{Cc}/u.test(text)
  if (isLine && text.length <= maxProvenanceLength) return
  throw new DomainError(
    'invalid_request',
    `The ${name} must be one line of 1 to ${maxProvenanceLength} characters.`,
  )
}

function needAll(provenance: Provenance) {
  const missing = Object.entries(provenance).flatMap(([name, text]) =>
    text === null ? [name] : [],
  )
  if (missing.length === 0) return
  throw new DomainError(
    'invalid_request',
    'An import must state owner, contract and consent (setting require_provenance). ' +
      `Missing: ${missing.join(', ')}.`,
  )
}

/** Adds to what is known of a batch. */
export async function countLines(
  db: Queryable,
  id: number,
  counted: {
    readonly added: number
    readonly known: number
    readonly refused: Refused
  },
): Promise<void> {
  const { count, named } = counted.refused
  const [now] = await db.query<{ refused: number }>(
    `update number_batches set added = added + $2, known = known + $3, refused = refused + $4
      where id = $1 returning refused`,
    [id, counted.added, counted.known, count],
  )
  const before = (now?.refused ?? 0) - count
  const kept = named.slice(0, Math.max(0, maxLinesKept - before))
  if (kept.length === 0) return
  await db.query(
    `insert into refused_lines (batch_id, line, problem)
     select $1, * from unnest($2::bigint[], $3::text[]) on conflict do nothing`,
    [id, kept.map(({ line }) => line), kept.map(({ problem }) => problem)],
  )
}

const columns = `b.id, s.name as supplier, b.country, o.slug as operator, b.pool, b.source, b.owner,
  b.contract, b.consent, b.added, b.known, b.refused, b.actor, b.reason, b.created_at as "createdAt"`
const tables = `number_batches b join suppliers s on s.id = b.supplier_id
  join operators o on o.id = b.operator_id`

/** Lists batches, newest first. */
export const listBatches = (
  db: Queryable,
  wanted: {
    readonly supplier: string | null
    readonly before: number | null
    readonly limit: number
  },
): Promise<Batch[]> =>
  db.query<Batch>(
    `select ${columns} from ${tables}
      where ($1::text is null or s.name = $1) and ($2::int is null or b.id < $2)
      order by b.id desc limit $3`,
    [wanted.supplier, wanted.before, wanted.limit],
  )

export type BatchReport = Batch & {
  /** Numbers of the batch that are for sale, and those that are not. */
  readonly active: number
  readonly disabled: number
  /** At most the first 1,000. */
  readonly refusedLines: readonly RefusedLine[]
}

/** Gets a batch with what became of its numbers. @throws not_found */
export async function getBatch(db: Queryable, id: number): Promise<BatchReport> {
  const [batch] = await db.query<Omit<BatchReport, 'refusedLines'>>(
    `select ${columns}, n.active, n.disabled from ${tables}
      cross join lateral (
        select count(*) filter (where n.state = 'active')::int as active,
               count(*) filter (where n.state = 'disabled')::int as disabled
          from numbers n where n.batch_id = b.id) n
      where b.id = $1`,
    [id],
  )
  if (!batch) throw new DomainError('not_found', `There is no batch ${id}.`)
  const refusedLines = await db.query<RefusedLine>(
    `select line::float8 as line, problem from refused_lines where batch_id = $1 order by line limit $2`,
    [id, maxLinesKept],
  )
  return { ...batch, refusedLines }
}

/**
 * Takes the next numbers of a batch out of sale, or puts those back that went out with it.
 * @param after where the last call ended; null: from the beginning
 * @returns how many changed, how many were looked at, and where to go on; null: that was all
 */
export function setBatchSale(
  db: Database,
  now: Date,
  id: number,
  state: NumberState,
  after: Place | null,
): Promise<{ readonly changed: number; readonly selected: number; readonly next: Place | null }> {
  return db.begin(async (tx) => {
    // In the order of the shelves, so that few of them are locked at a time.
    const numbers = await tx.query<Place & { id: number }>(
      `select id, shelf_id as shelf, position from numbers
        where batch_id = $1 and ($2::int is null or (shelf_id, position) > ($2, $3::int))
          and case when $4 = 'active' then disabled_by = 'batch'
                else state = 'active' or disabled_by = 'silent' end
        order by shelf_id, position limit $5`,
      [id, after?.shelf ?? null, after?.position ?? null, state, numbersAChange],
    )
    const ids = numbers.map((number) => number.id)
    // @NOTE an operator may have taken one out meanwhile: it stays out
    const why = 'batch' as const
    const sale = state === 'active' ? { state, only: why } : { state, by: why }
    const changed = (await setSale(tx, now, ids, sale)).length
    const last = numbers.at(-1)
    const isAll = numbers.length < numbersAChange || !last
    return { changed, selected: numbers.length, next: isAll ? null : last }
  })
}

type Place = { readonly shelf: number; readonly position: number }
