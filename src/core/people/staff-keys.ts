// Keys for /v1/admin: a kind of their own, in a table of their own. No customer's key is one of them, and
// none of them is a customer's key.
import type { Database, Tx } from '../../db/database.ts'
import { invalid } from '../accounts/accounts.ts'
import { hashOf, hintOf, randomText } from '../accounts/key.ts'
import { DomainError } from '../error.ts'
import { type By, statedReason } from '../operator-log.ts'

/** What such a key may do. */
export const staffScopes = ['sign-in-links'] as const
export type StaffScope = (typeof staffScopes)[number]

export type StaffKey = {
  readonly id: number
  readonly hint: string
  readonly scopes: readonly StaffScope[]
}

const form = /^ns[0-9A-Za-z]{30}$/

/** Creates a key. Only this answer contains it. @throws invalid_request */
export async function createStaffKey(
  tx: Tx,
  now: Date,
  by: By,
  scopes: readonly string[],
): Promise<{ readonly key: string; readonly id: number }> {
  const unknown = scopes.filter((one) => !staffScopes.some((scope) => scope === one))
  if (scopes.length === 0 || unknown.length > 0)
    throw invalid('scopes', `Each scope must be one of ${staffScopes.join(', ')}.`)
  const key = `ns${randomText(30)}`
  const [row] = await tx.query<{ id: number }>(
    `insert into staff_keys (hash, hint, scopes, made_by, made_for, created_at)
     values ($1, $2, $3, $4, $5, $6) returning id`,
    [hashOf(key), hintOf(key), scopes, by.actor, statedReason(by.reason), now],
  )
  return { key, id: (row as { id: number }).id }
}

/** How often the time of the last use is written. */
const usedEveryS = 60

/** Whose key it is. It is looked up by each request: few are made. @throws unauthenticated */
export async function recogniseStaffKey(db: Database, now: Date, key: string): Promise<StaffKey> {
  const [row] = form.test(key)
    ? await db.query<StaffKey & { lastUsedAt: Date | null }>(
        `select id, hint, scopes, last_used_at as "lastUsedAt" from staff_keys
          where hash = $1 and revoked_at is null`,
        [hashOf(key)],
      )
    : []
  if (!row) throw new DomainError('unauthenticated', 'The staff key is not valid.')
  const { lastUsedAt, ...known } = row
  if (lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= usedEveryS * 1000)
    await db.once('update staff_keys set last_used_at = $2 where id = $1', [row.id, now])
  return known
}
