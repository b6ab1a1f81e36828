// Operators' verbs on pools: listing, adding and changing.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { type By, logged } from '../operator-log.ts'
import { invalid } from './services.ts'

export type OperatedPool = {
  readonly id: string
  readonly name: string
  readonly description: string
  /** Sold only to callers who name it. */
  readonly reserved: boolean
  readonly numbers: number
}

/** Lists pools by id, with the count of their numbers. */
export function listPools(db: Queryable, limit: number): Promise<OperatedPool[]> {
  return readPools(db, { id: null, limit })
}

function readPools(db: Queryable, wanted: { readonly id: string | null; readonly limit: number }) {
  return db.query<OperatedPool>(
    `select p.id, p.name, p.description, p.reserved,
            (select count(*)::int from numbers n join shelves s on s.id = n.shelf_id
              where s.pool = p.id and n.state = 'active') as numbers
       from pools p where $1::text is null or p.id = $1 order by p.id limit $2`,
    [wanted.id, wanted.limit],
  )
}

export type PoolTerms = {
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly reserved?: boolean | undefined
}

/** Adds a pool. @throws invalid_request */
export function addPool(
  db: Database,
  by: By,
  id: string,
  terms: PoolTerms & { readonly name: string },
): Promise<OperatedPool> {
  if (!/^[a-z0-9_-]{1,20}$/.test(id))
    throw invalid(
      'The id of a pool must have at most 20 characters: lower-case letters, digits, - and _.',
    )
  assertPool(terms)
  return logged(
    db,
    by,
    async (_, tx) => {
      const added = await tx.query(
        `insert into pools (id, name, description, reserved) values ($1, $2, $3, $4)
         on conflict do nothing returning id`,
        [id, terms.name, terms.description ?? '', terms.reserved ?? false],
      )
      if (added.length === 0) throw invalid(`A pool with the id ${id} already exists.`)
      return findPool(tx, id)
    },
    (pool) => ({
      action: 'pool.add',
      subject: { type: 'pool', id },
      detail: { after: shownPool(pool) },
    }),
  )
}

/** Changes a pool; omitted fields stay unchanged. A reserved pool is sold only to callers who name it.
 * @throws invalid_request */
export function changePool(
  db: Database,
  by: By,
  id: string,
  terms: PoolTerms,
): Promise<OperatedPool> {
  assertPool(terms)
  return logged(
    db,
    by,
    async (_, tx) => {
      const before = await findPool(tx, id)
      await tx.query(
        `update pools set name = coalesce($2, name), description = coalesce($3, description),
           reserved = coalesce($4, reserved) where id = $1`,
        [id, terms.name ?? null, terms.description ?? null, terms.reserved ?? null],
      )
      if (terms.reserved !== undefined)
        await tx.query('update stock set reserved = $2 where pool = $1 and reserved <> $2', [
          id,
          terms.reserved,
        ])
      return { before, after: await findPool(tx, id) }
    },
    ({ before, after }) => ({
      action: 'pool.change',
      subject: { type: 'pool', id },
      detail: { before: shownPool(before), after: shownPool(after) },
    }),
  ).then(({ after }) => after)
}

const shownPool = ({ name, description, reserved }: OperatedPool) => ({
  name,
  description,
  reserved,
})

/** The pools that an error names at most. */
const maxNamed = 100

/** @throws invalid_request if there is no such pool */
async function findPool(tx: Tx, id: string): Promise<OperatedPool> {
  const [pool] = await readPools(tx, { id, limit: 1 })
  if (pool) return pool
  const known = await listPools(tx, maxNamed)
  throw invalid(`There is no pool ${id}. Choose one of: ${known.map((one) => one.id).join(', ')}.`)
}

function assertPool({ name, description }: PoolTerms) {
  if (name !== undefined && !/^[^\p{Cc}\p{Cs}]{1,60}$/u.test(name))
    throw invalid('The name of a pool must be one line of 1 to 60 characters.')
  if (description !== undefined && !/^[^\p{Cc}\p{Cs}]{0,300}$/u.test(description))
    throw invalid('The description of a pool must be one line of at most 300 characters.')
}
