// What of an account ends soon: rentals and keys.
import type { Queryable } from '../../db/database.ts'

const dayMs = 24 * 60 * 60 * 1000
/** How long before its end each is told of. */
const rentalMs = 3 * dayMs
const keyMs = 14 * dayMs
/** Enough for a page that says what to do. */
const maxEach = 10

export type RunningLow = {
  readonly rentals: readonly {
    readonly id: bigint
    readonly phone: string
    readonly endsAt: Date
  }[]
  readonly keys: readonly { readonly id: number; readonly name: string; readonly endsAt: Date }[]
}

/** Rentals that end within three days and keys that expire within two weeks, the next first. */
export async function runningLow(db: Queryable, now: Date, accountId: number): Promise<RunningLow> {
  const soon = (ms: number) => new Date(now.getTime() + ms)
  const [rentals, keys] = await Promise.all([
    db.query<RunningLow['rentals'][number]>(
      `select id, phone, expires_at as "endsAt" from orders
        where account_id = $1 and kind = any((select array['rental'])::text[]) and state = 'active'
          and expires_at > $2 and expires_at <= $3
        order by expires_at limit ${maxEach}`,
      [accountId, now, soon(rentalMs)],
    ),
    db.query<RunningLow['keys'][number]>(
      `select id, name, expires_at as "endsAt" from api_keys
        where account_id = $1 and revoked_at is null and expires_at > $2 and expires_at <= $3
        order by expires_at limit ${maxEach}`,
      [accountId, now, soon(keyMs)],
    ),
  ])
  return { rentals, keys }
}
