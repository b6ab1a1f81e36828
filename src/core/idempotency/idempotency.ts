// Idempotency keys: the same key and request are executed once, and get the first response again.
//
// The key's row is written in the transaction of the request's effect, so neither ever exists without the
// other. A refused request leaves no row and can be sent again.
import { createHash } from 'node:crypto'
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'

/** What identifies an idempotent request. */
export type Once = {
  readonly key: string
  /** SHA-256 of method, path and body: the same key with another request is an error. */
  readonly fingerprint: Buffer
}

/** The result of a verb whose key was already used: nothing was done this time. */
export type Repeated = { readonly repeated: true }

export const isRepeated = (answer: object): answer is Repeated => 'repeated' in answer

export type FirstAnswer = {
  /** What the first request created or changed, if the verb noted it; null: nothing was noted. */
  readonly subjectKind: Subject['kind'] | null
  readonly subjectIds: readonly bigint[]
  /** The first response; null if it was not kept, or the first request ended before it was. */
  readonly status: number | null
  readonly body: unknown
}

const keyForm = /^[\x21-\x7e]{1,255}$/

/** @throws invalid_request if the header is not a key of 1 to 255 visible ASCII characters */
export function onceFor(key: string, method: string, path: string, body: unknown): Once {
  if (!keyForm.test(key))
    throw new DomainError(
      'invalid_request',
      'The Idempotency-Key must be 1 to 255 visible ASCII characters.',
      { fields: [{ pointer: 'Idempotency-Key', detail: 'must be 1 to 255 visible characters' }] },
    )
  const request = JSON.stringify([method, path, body ?? null])
  return { key, fingerprint: createHash('sha256').update(request).digest() }
}

/** Claims the key within the verb's transaction. @returns false if it was used before */
export async function claimKey(tx: Tx, now: Date, accountId: number, once: Once | null) {
  if (!once) return true
  const rows = await tx.query(
    `insert into idempotency_keys (account_id, key, fingerprint, created_at)
     values ($1, $2, $3, $4) on conflict do nothing returning 1 as yes`,
    [accountId, once.key, once.fingerprint, now],
  )
  return rows.length > 0
}

export type Subject = {
  readonly kind: 'order' | 'deposit' | 'webhook' | 'delivery'
  readonly ids: readonly bigint[]
}

/** Records what a key created or changed, within the verb's transaction. */
export async function noteSubject(tx: Tx, accountId: number, once: Once | null, subject: Subject) {
  if (once)
    await tx.query(
      `update idempotency_keys set subject_kind = $3, subject_ids = $4
        where account_id = $1 and key = $2`,
      [accountId, once.key, subject.kind, subject.ids],
    )
}

/** Records the orders that a key created or changed, within the verb's transaction. */
export const noteOrders = (
  tx: Tx,
  accountId: number,
  once: Once | null,
  orderIds: readonly bigint[],
): Promise<void> => noteSubject(tx, accountId, once, { kind: 'order', ids: orderIds })

/** The same for a key that an earlier transaction has claimed. */
export async function noteOrdersOf(
  tx: Tx,
  accountId: number,
  key: string,
  orderIds: readonly bigint[],
): Promise<void> {
  await tx.query(
    `update idempotency_keys set subject_ids = $3
      where account_id = $1 and key = $2 and subject_kind = 'order' and status is null`,
    [accountId, key, orderIds],
  )
}

export type KeptAnswer = { readonly status: number; readonly body: unknown }

/** Stores the response for later repeats. A verb that is safe to repeat needs no earlier claim. A response
 * with an eSIM is not stored, because its code must not be stored in clear: it is rebuilt from the order. */
async function saveAnswer(
  db: Queryable,
  now: Date,
  accountId: number,
  once: Once,
  answer: KeptAnswer,
): Promise<void> {
  await db.query(
    `insert into idempotency_keys as k (account_id, key, fingerprint, status, body, created_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (account_id, key) do update set status = excluded.status, body = excluded.body
      where k.status is null and k.fingerprint = excluded.fingerprint
        and not (k.subject_kind = 'order' and exists (
          select from orders o where o.id = any(k.subject_ids) and o.kind = 'esim'))`,
    [accountId, once.key, once.fingerprint, answer.status, JSON.stringify(answer.body), now],
  )
}

/** The result of the first request with this key; null if the key is new.
 * @throws idempotency_conflict if the first request was a different one */
async function firstAnswer(
  db: Queryable,
  accountId: number,
  once: Once,
): Promise<FirstAnswer | null> {
  const [row] = await db.query<{
    fingerprint: Buffer
    subject_kind: Subject['kind'] | null
    subject_ids: bigint[]
    status: number | null
    body: unknown
  }>(
    `select fingerprint, subject_kind, subject_ids, status, body from idempotency_keys
      where account_id = $1 and key = $2`,
    [accountId, once.key],
  )
  if (!row) return null
  if (!row.fingerprint.equals(once.fingerprint))
    throw new DomainError(
      'idempotency_conflict',
      'This Idempotency-Key was already used with a different request.',
    )
  const { subject_kind: subjectKind, subject_ids: subjectIds, status, body } = row
  return { subjectKind, subjectIds, status, body }
}

export type Idempotency = {
  /** Runs a request with a key, unless one with the same key runs on this node.
   * @throws idempotency_running */
  during<T>(accountId: number, once: Once, work: () => Promise<T>): Promise<T>
  /** The result of the first request with this key; null if the key is new. @throws idempotency_conflict */
  firstAnswer(accountId: number, once: Once): Promise<FirstAnswer | null>
  /** Keeps the response to a request that ran. */
  saveAnswer(accountId: number, once: Once, answer: KeptAnswer): Promise<void>
  /** Forgets a key of which nothing stands, unless its response was kept: the request may be tried again.
   * @param first what the key was read to stand for: another request may have it by now */
  forget(accountId: number, once: Once, first: FirstAnswer): Promise<void>
}

/** Requests that run once as one object, with the database, the clock and this node's running keys inside. */
export const idempotencyVerbs = (db: Database, clock: () => Date): Idempotency => ({
  ...runningKeys(),
  firstAnswer: (accountId, once) => firstAnswer(db, accountId, once),
  saveAnswer: (accountId, once, answer) => saveAnswer(db, clock(), accountId, once, answer),
  async forget(accountId, once, { subjectIds }) {
    await db.query(
      `delete from idempotency_keys where account_id = $1 and key = $2 and fingerprint = $3
          and status is null and subject_ids = $4`,
      [accountId, once.key, once.fingerprint, subjectIds],
    )
  },
})

/** The keys whose requests are running on this node. */
function runningKeys(): Pick<Idempotency, 'during'> {
  const running = new Set<string>()
  return {
    async during(accountId, once, work) {
      const name = `${accountId} ${once.key}`
      if (running.has(name))
        throw new DomainError(
          'idempotency_running',
          'A request with this Idempotency-Key is still running.',
          { retryAfterS: 1 },
        )
      running.add(name)
      try {
        return await work()
      } finally {
        running.delete(name)
      }
    },
  }
}

/** Deletes keys that are past the retry period of a day. @returns the number deleted */
export async function forgetKeys(db: Queryable, before: Date): Promise<number> {
  const rows = await db.query(
    `with old as (select account_id, key from idempotency_keys where created_at < $1
        order by created_at limit 5000)
     delete from idempotency_keys k using old
      where k.account_id = old.account_id and k.key = old.key returning 1 as yes`,
    [before],
  )
  return rows.length
}
