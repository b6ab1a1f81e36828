// Operators: the mobile networks of a country. Operators that the catalog lacks are added by name.
import type { Database, Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'

export type FoundOperator = { readonly id: number; readonly slug: string; readonly isNew: boolean }

/** The operator of numbers that were imported without one. */
const nameless = { slug: 'other', name: 'Other operator' } as const

/**
 * The operator of a country by its slug or name, created if it does not exist.
 * @param wanted null: the one for numbers without a named operator
 * @throws invalid_request if no slug can be derived from the name
 */
export function ensureOperator(
  db: Database,
  country: string,
  wanted: string | null,
): Promise<FoundOperator> {
  const { slug, name } = wanted === null ? nameless : { slug: slugOf(wanted), name: wanted.trim() }
  if (slug === '' || name.length > 100)
    throw new DomainError(
      'invalid_request',
      'An operator’s name must have letters and at most 100 characters.',
    )
  return db.begin(async (tx) => {
    const found = await find(tx, country, slug, name)
    if (found) return { ...found, isNew: false }
    await tx.query(
      'insert into operators (country, slug, name) values ($1, $2, $3) on conflict do nothing',
      [country, slug, name],
    )
    const made = await find(tx, country, slug, name)
    if (!made) throw new Error('an operator that was just made is not there')
    return { ...made, isNew: true }
  })
}

async function find(db: Queryable, country: string, slug: string, name: string) {
  const [row] = await db.query<{ id: number; slug: string }>(
    `select id, slug from operators
      where country = $1 and (slug = $2 or lower(name) = lower($3))
      order by slug = $2 desc, id limit 1`,
    [country, slug, name],
  )
  return row
}

/** `T-Mobile Česko` -> `t-mobile-cesko`. */
function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 41)
    .replace(/-+$/, '')
}
