// Reading the request log of an account.
import type { Queryable } from '../../db/database.ts'
import { firstIdAt, type ListedRequest, placesAMs } from './line.ts'

export type RequestFilter = {
  readonly accountId: number
  readonly keyId?: bigint | undefined
  /** The first digit of the status. */
  readonly statusClass?: number | undefined
  /** How the path begins. */
  readonly path?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Only requests before this one: the last of the page before. */
  readonly before?: bigint | undefined
  readonly limit: number
}

/** Requests among which a page of those that fit is looked for. */
export const maxLooked = 20_000

export type RequestPage = {
  readonly requests: readonly ListedRequest[]
  /** Where the next page begins; null: this is the last one. */
  readonly next: bigint | null
}

type Row = Omit<ListedRequest, 'at'>

/** Lists requests, newest first. A page may have fewer than `limit` although there are more: then only so
 * many were looked at. */
export async function listRequests(db: Queryable, filter: RequestFilter): Promise<RequestPage> {
  const { accountId, before, since, until, limit } = filter
  const upto = lesser(before ?? highest, until ? firstIdAt(until) : highest)
  const from = since ? firstIdAt(since) : 0n
  const rows = await db.query<Row>(
    `select r.id, r.key_id as "keyId", r.dialect, r.method, r.path, r.status, r.ms,
            r.request_id as "requestId", host(r.address) as address
       from (select * from request_log where account_id = $1 and id < $2 and id >= $3
              order by id desc limit ${maxLooked}) r
      where ($4::bigint is null or r.key_id = $4)
        and ($5::int is null or r.status / 100 = $5)
        and ($6::text is null or starts_with(r.path, $6))
      order by r.id desc limit $7`,
    [
      ...[accountId, upto, from, filter.keyId ?? null, filter.statusClass ?? null],
      ...[filter.path ?? null, limit + 1],
    ],
  )
  const requests = rows.slice(0, limit).map((row) => ({ ...row, at: timeOf(row.id) }))
  if (rows.length > limit) return { requests, next: requests.at(-1)?.id ?? null }
  return { requests, next: await lastLooked(db, { accountId, upto, from }) }
}

/** The last one of those that were looked at, if there may be more behind it. */
async function lastLooked(
  db: Queryable,
  { accountId, upto, from }: { accountId: number; upto: bigint; from: bigint },
): Promise<bigint | null> {
  const [row] = await db.query<{ id: bigint }>(
    `select id from request_log where account_id = $1 and id < $2 and id >= $3
      order by id desc offset ${maxLooked - 1} limit 1`,
    [accountId, upto, from],
  )
  return row?.id ?? null
}

const highest = 2n ** 62n
const lesser = (a: bigint, b: bigint) => (a < b ? a : b)
const timeOf = (id: bigint) => new Date(Number(id / placesAMs))
