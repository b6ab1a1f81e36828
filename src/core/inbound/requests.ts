// Vendors' requests as rows: stored before they are read, and deleted when their messages are stored. Those
// that a dead process has left are claimed by a job.
import type { Database, Queryable } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'

/** A vendor's request as it is stored. */
export type RequestParts = {
  readonly method: 'GET' | 'POST'
  /** Without the question mark. */
  readonly query: string
  /** Those that its kind reads, by name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly receivedAt: Date
}

export type KeptRequest = RequestParts & { readonly id: bigint; readonly supplierId: number }

export type ClaimedRequest = KeptRequest & {
  readonly supplierName: string
  /** How often it was claimed, this time included. */
  readonly tries: number
}

/** Why a request is not read: the vendor's fault, or ours. */
export type AsideState = 'unreadable' | 'failed'

/** For so long a request belongs to the process that received it. */
const ownS = 60
/** The same for a job that claims it, doubled each time. */
const claimS = 30
const maxClaimS = 3_600
const requestsACall = 200
const requestsAClaim = 100
const rowsASweep = 1_000

/** Stores requests, gathered. The function resolves with the row's number when it is committed. */
export function requestKeeper(db: Database) {
  const store = gather<{ supplierId: number; request: RequestParts }, bigint>({
    name: 'inbound requests',
    maxBatch: requestsACall,
    maxRunning: 2,
    weight: { of: ({ request }) => request.body.length, max: 4_000_000 },
    run: (batch) => storeTogether(db, batch),
  })
  return (supplierId: number, request: RequestParts) => store({ supplierId, request })
}

async function storeTogether(
  db: Database,
  batch: readonly { readonly supplierId: number; readonly request: RequestParts }[],
): Promise<bigint[]> {
  const rows = await db.once<{ id: bigint }>(
    `insert into inbound_requests (supplier_id, received_at, method, query, headers, body, due_at)
     select r.supplier_id, r.received_at, r.method, r.query, r.headers::jsonb, r.body,
            r.received_at + make_interval(secs => ${ownS})
       from unnest($1::int[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bytea[])
            with ordinality as r(supplier_id, received_at, method, query, headers, body, place)
      order by r.place
     returning id`,
    [
      batch.map((one) => one.supplierId),
      batch.map((one) => one.request.receivedAt),
      batch.map((one) => one.request.method),
      batch.map((one) => one.request.query),
      batch.map((one) => JSON.stringify(one.request.headers)),
      batch.map((one) => one.request.body),
    ],
  )
  return rows.map(({ id }) => id)
}

/** Deletes requests that were read, gathered. */
export function requestDropper(db: Database): (id: bigint) => Promise<void> {
  const drop = gather<bigint, null>({
    name: 'read requests',
    maxBatch: requestsACall,
    maxRunning: 1,
    run: async (ids) => {
      await db.once('delete from inbound_requests where id = any($1)', [ids])
      return ids.map(() => null)
    },
  })
  return async (id) => void (await drop(id))
}

/** Keeps a request for the operator. The reason contains nothing of the request. */
export async function setAside(
  db: Database,
  id: bigint,
  state: AsideState,
  reason: string,
): Promise<void> {
  await db.once(
    `update inbound_requests set state = $2, reason = $3 where id = $1 and state = 'new'`,
    [id, state, reason.slice(0, 200)],
  )
}

/** Claims requests that nobody works on, oldest first. */
export async function claimDue(db: Database, now: Date): Promise<ClaimedRequest[]> {
  const rows = await db.once<RequestRow & { name: string; tries: number }>(
    `with due as (
       select id from inbound_requests where state = 'new' and due_at <= $1
        order by due_at limit ${requestsAClaim} for update skip locked
     )
     update inbound_requests r
        set tries = r.tries + 1,
            due_at = $1 + make_interval(secs => least(${claimS} * 2 ^ r.tries, ${maxClaimS}))
       from due, suppliers s
      where r.id = due.id and s.id = r.supplier_id
     returning r.id, r.supplier_id, r.method, r.query, r.headers, r.body, r.received_at, s.name, r.tries`,
    [now],
  )
  return rows.map((row) => ({ ...toRequest(row), supplierName: row.name, tries: row.tries }))
}

/** Deletes requests that were set aside and received before a time. @returns the number of them; a full
 * batch (1,000) means that there may be more */
export async function forgetRequests(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `delete from inbound_requests where id in (
       select id from inbound_requests where state <> 'new' and received_at < $1
        limit ${rowsASweep} for update skip locked) returning id`,
    [before],
  )
  return rows.length
}

/** A request that was set aside, without its content. */
export type AsideRequest = {
  readonly id: bigint
  readonly state: AsideState
  readonly reason: string
  readonly method: string
  readonly bytes: number
  readonly receivedAt: Date
}

/** Lists them, newest first. */
export const listAside = (db: Queryable, supplierId: number, limit: number) =>
  db.query<AsideRequest>(
    `select id, state, reason, method, octet_length(query) + octet_length(body) as bytes,
            received_at as "receivedAt"
       from inbound_requests where supplier_id = $1 and state <> 'new' order by id desc limit $2`,
    [supplierId, limit],
  )

/** One that was set aside, with its content; undefined if there is none. */
export async function asideById(
  db: Queryable,
  supplierId: number,
  id: bigint,
): Promise<RequestParts | undefined> {
  const [row] = await db.query<RequestRow>(
    `select id, supplier_id, method, query, headers, body, received_at from inbound_requests
      where id = $1 and supplier_id = $2 and state <> 'new'`,
    [id, supplierId],
  )
  return row && toRequest(row)
}

/** Has all of a supplier's requests that were set aside read again. @returns the number of them */
export async function readAgain(db: Queryable, supplierId: number, now: Date): Promise<number> {
  const rows = await db.query(
    `update inbound_requests set state = 'new', reason = null, tries = 0, due_at = $2
      where supplier_id = $1 and state <> 'new' returning id`,
    [supplierId, now],
  )
  return rows.length
}

type RequestRow = {
  id: bigint
  supplier_id: number
  method: 'GET' | 'POST'
  query: string
  headers: Record<string, string>
  body: Buffer
  received_at: Date
}

const toRequest = (row: RequestRow): KeptRequest => ({
  id: row.id,
  supplierId: row.supplier_id,
  method: row.method,
  query: row.query,
  headers: row.headers,
  body: row.body,
  receivedAt: row.received_at,
})
