// Idempotency keys: the same key and request do a thing once, and get the first answer again.
//
// The key's row is written in the transaction of what the request does, so there is no moment in which
// one is there without the other. A request that was refused leaves no row and may be sent again.
import { createHash } from 'node:crypto'
import type { Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'

/** What makes a request one that is done once. */
export type Once = {
  readonly key: string
  /** SHA-256 of method, path and body: the same key with another request is a mistake. */
  readonly fingerprint: Buffer
}

/** The answer of a verb that found its key used: nothing was done now. */
export type Repeated = { readonly repeated: true }

export const isRepeated = (answer: object): answer is Repeated => 'repeated' in answer

export type FirstAnswer = {
  readonly orderIds: readonly bigint[]
  /** What was answered; null when it was not kept, or the first request ended before it was. */
  readonly status: number | null
  readonly body: unknown
}

const keyForm = /^[\x21-\x7e]{1,255}$/

/** @throws invalid_request when the header is no key of 1 to 255 visible ASCII characters */
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

/** Takes the key within the verb's transaction. @returns false when it was used before */
export async function claimKey(tx: Tx, now: Date, accountId: number, once: Once | null) {
  if (!once) return true
  const rows = await tx.query(
    `insert into idempotency_keys (account_id, key, fingerprint, created_at)
     values ($1, $2, $3, $4) on conflict do nothing returning 1 as yes`,
    [accountId, once.key, once.fingerprint, now],
  )
  return rows.length > 0
}

/** Notes which orders a key stands for, within the verb's transaction. */
export async function noteOrders(
  tx: Tx,
  accountId: number,
  once: Once | null,
  orderIds: readonly bigint[],
) {
  if (once)
    await tx.query(
      'update idempotency_keys set order_ids = $3 where account_id = $1 and key = $2',
      [accountId, once.key, orderIds],
    )
}

/** Keeps the answer to be given again. A verb that is safe to repeat needs no earlier claim. An answer with
 * an eSIM is not kept, for its code lies nowhere in clear: it is written again from the order. */
export async function saveAnswer(
  db: Queryable,
  now: Date,
  accountId: number,
  once: Once,
  answer: { readonly status: number; readonly body: unknown },
): Promise<void> {
  await db.query(
    `insert into idempotency_keys as k (account_id, key, fingerprint, status, body, created_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (account_id, key) do update set status = excluded.status, body = excluded.body
      where k.status is null and k.fingerprint = excluded.fingerprint
        and not exists (select from orders o where o.id = any(k.order_ids) and o.kind = 'esim')`,
    [accountId, once.key, once.fingerprint, answer.status, JSON.stringify(answer.body), now],
  )
}

/** What the first request with this key led to; null when the key is new.
 * @throws idempotency_conflict when the first request was another one */
export async function firstAnswer(
  db: Queryable,
  accountId: number,
  once: Once,
): Promise<FirstAnswer | null> {
  const [row] = await db.query<{
    fingerprint: Buffer
    order_ids: bigint[]
    status: number | null
    body: unknown
  }>(
    `select fingerprint, order_ids, status, body from idempotency_keys
      where account_id = $1 and key = $2`,
    [accountId, once.key],
  )
  if (!row) return null
  if (!row.fingerprint.equals(once.fingerprint))
    throw new DomainError(
      'idempotency_conflict',
      'This Idempotency-Key was used with another request.',
    )
  return { orderIds: row.order_ids, status: row.status, body: row.body }
}

/** The keys whose requests run on this node right now. */
export function runningKeys() {
  const running = new Set<string>()
  return {
    /** @throws idempotency_running */
    async during<T>(accountId: number, once: Once, work: () => Promise<T>): Promise<T> {
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

/** Forgets keys older than a day's worth of retries. @returns how many */
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
