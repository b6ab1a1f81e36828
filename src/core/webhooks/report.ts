// The effects of an attempt on its delivery and its endpoint, including when an endpoint is disabled.
import type { Database, Tx } from '../../db/database.ts'
import { emitMany } from '../events/events.ts'
import type { Attempt, DeliveryState } from './delivery.ts'
import type { offReasons } from './endpoint.ts'
import { nextAttempt } from './retry.ts'

const dayMs = 24 * 60 * 60 * 1000
/** How long nothing is sent to an endpoint that asked for a pause (429, 503). */
const maxQuietS = 60 * 60

/**
 * Records the results of attempts and their effects: delivered, retried, given up. An endpoint that is
 * gone or has failed for days is disabled, with an event.
 * @param failingDays the number of days without a success
 */
export function reportAttempts(
  db: Database,
  now: Date,
  failingDays: number,
  attempts: readonly Attempt[],
): Promise<void> {
  return db.begin(async (tx) => {
    // @NOTE lock endpoints before deliveries, as everywhere
    const off = await noteEndpoints(tx, now, failingDays, attempts)
    await noteAttempts(tx, now, attempts)
    if (off.length > 0) await dropPending(tx, now, off)
  })
}

/** @returns the endpoints that were disabled */
async function noteEndpoints(
  tx: Tx,
  now: Date,
  failingDays: number,
  attempts: readonly Attempt[],
): Promise<number[]> {
  const good = attempts.filter(({ outcome }) => outcome === 'delivered')
  const recovered = idsOf(good.filter(({ delivery }) => delivery.endpoint.isFailing))
  if (recovered.length > 0)
    await tx.query(
      'update webhook_endpoints set failing_since = null where id = any($1) and active',
      [recovered],
    )
  const reached = new Set(idsOf(good))
  const bad = attempts.filter(({ outcome }) => outcome === 'failed' || outcome === 'gone')
  const failing = idsOf(bad).filter((id) => !reached.has(id))
  if (bad.length === 0) return []
  const since = new Date(now.getTime() - failingDays * dayMs)
  const rows = await tx.query<{ id: number; failing_since: Date }>(
    `update webhook_endpoints set failing_since = coalesce(failing_since, $2)
      where id = any($1) and active returning id, failing_since`,
    [failing, now],
  )
  await beQuiet(tx, now, bad)
  const gone = idsOf(bad.filter(({ outcome }) => outcome === 'gone'))
  const lost = rows.filter((row) => row.failing_since <= since).map(({ id }) => id)
  return [
    ...(await switchOff(tx, now, 'gone', gone)),
    ...(await switchOff(tx, now, 'failing', lost)),
  ]
}

/** Locks endpoints in a fixed order, so that two reports do not deadlock. */
const idsOf = (attempts: readonly Attempt[]) =>
  [...new Set(attempts.map(({ delivery }) => delivery.endpoint.id))].sort((a, b) => a - b)

async function beQuiet(tx: Tx, now: Date, bad: readonly Attempt[]) {
  const asked = bad.filter(
    ({ status, retryAfterS }) => (status === 429 || status === 503) && retryAfterS !== null,
  )
  if (asked.length === 0) return
  await tx.query(
    `update webhook_endpoints e set quiet_until = greatest(e.quiet_until, a.until)
       from (select id, max(until) as until from unnest($1::int[], $2::timestamptz[]) t(id, until)
              group by id) a
      where e.id = a.id`,
    [
      asked.map(({ delivery }) => delivery.endpoint.id),
      asked.map(
        ({ retryAfterS }) =>
          new Date(now.getTime() + Math.min(retryAfterS as number, maxQuietS) * 1000),
      ),
    ],
  )
}

async function switchOff(
  tx: Tx,
  now: Date,
  reason: (typeof offReasons)[number],
  ids: readonly number[],
): Promise<number[]> {
  if (ids.length === 0) return []
  const off = await tx.query<{ id: number; account_id: number }>(
    `update webhook_endpoints set active = false, off_reason = $2, updated_at = $3
      where id = any($1) and active returning id, account_id`,
    [ids, reason, now],
  )
  await emitMany(
    tx,
    now,
    off.map((row) => ({
      accountId: row.account_id,
      type: 'webhook.disabled',
      data: { endpoint_id: row.id, reason },
    })),
  )
  return off.map(({ id }) => id)
}

/** Drops pending deliveries of endpoints that receive nothing more. */
export async function dropPending(tx: Tx, now: Date, endpointIds: readonly number[]) {
  await tx.query(
    `update webhook_deliveries set state = 'dropped', ended_at = $2
      where endpoint_id = any($1) and state = 'pending'`,
    [endpointIds, now],
  )
}

/** @NOTE a crash of the database may lose a report, and the delivery is made again: at least once, as
 * documented. So the commit does not wait for the disk. */
async function noteAttempts(tx: Tx, now: Date, attempts: readonly Attempt[]): Promise<void> {
  const ends = attempts.map((attempt) => endOf(now, attempt))
  await tx.query(
    `with given as (
       select g.* from (select set_config('synchronous_commit', 'off', true)) unhurried,
              unnest($1::bigint[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[],
                $6::int[], $7::int[], $8::text[], $9::text[], $11::int[])
                as g(id, claim, state, due_at, at, duration_ms, status, error, response,
                     endpoint_id)
     ), ended as (
       update webhook_deliveries d
          set state = g.state, due_at = coalesce(g.due_at, d.due_at),
              attempts = d.attempts + case when g.at is null then 0 else 1 end,
              ended_at = case when g.state = 'pending' then null else $10::timestamptz end
         from given g
        where d.endpoint_id = g.endpoint_id and d.id = g.id
          -- What was delivered is delivered, whoever holds it by now; all else is the holder's to say.
          and (g.state = 'delivered' and d.state <> 'delivered'
            or d.state = 'pending' and d.claims = g.claim)
       returning d.id, d.claims, d.attempts
     )
     insert into webhook_attempts (delivery_id, number, at, duration_ms, status, error, response)
     select e.id, e.attempts, g.at, g.duration_ms, g.status, g.error, g.response
       from ended e join given g on g.id = e.id where g.at is not null`,
    [
      attempts.map(({ delivery }) => delivery.id),
      attempts.map(({ delivery }) => delivery.claim),
      ends.map(({ state }) => state),
      ends.map(({ dueAt }) => dueAt),
      attempts.map(({ outcome, at }) => (outcome === 'skipped' ? null : at)),
      attempts.map(({ durationMs }) => Math.round(durationMs)),
      attempts.map(({ status }) => status),
      attempts.map(({ error }) => error),
      attempts.map(({ response }) => response),
      now,
      attempts.map(({ delivery }) => delivery.endpoint.id),
    ],
  )
}

/** The state of a delivery after an attempt. */
function endOf(now: Date, attempt: Attempt): { state: DeliveryState; dueAt: Date | null } {
  const { outcome, delivery, retryAfterS } = attempt
  if (outcome === 'delivered') return { state: 'delivered', dueAt: null }
  if (outcome === 'skipped') return { state: 'dropped', dueAt: null }
  if (outcome === 'gone') return { state: 'failed', dueAt: null }
  const failed = { fast: delivery.fast, attempts: delivery.attempts + 1, retryAfterS }
  const dueAt = nextAttempt(now, failed, Math.random())
  return dueAt ? { state: 'pending', dueAt } : { state: 'failed', dueAt: null }
}
