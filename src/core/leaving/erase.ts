// Deletes what an account that was closed has left: in batches, so that a large account holds nobody up,
// and a run that was interrupted goes on where it was.
import type { Database, Tx } from '../../db/database.ts'
import { forgetTexts } from '../messages/retention.ts'

const ordersABatch = 200
const rowsABatch = 1_000
const accountsASweep = 20

/** Late messages of its orders may come for a day, and the last lines of its requests in a second. */
const lastPass = `closed_at + interval '25 hours'`

/** Deletes all that is left of an account that was closed; after a day once more, what has come since. Safe
 * to repeat. */
export async function eraseAccount(db: Database, now: Date, accountId: number): Promise<void> {
  await db.once(
    'update accounts set erased_up_to = 0 where id = $1 and erased_at is not null and erase_at <= $2',
    [accountId, now],
  )
  while (await eraseOrders(db, now, accountId));
  for (const statement of leftovers)
    while ((await db.once(statement, [accountId, rowsABatch])).length >= rowsABatch);
  await db.once(
    `update accounts set erased_at = coalesce(erased_at, $2),
            erase_at = case when $2 < ${lastPass} then ${lastPass} end
      where id = $1 and erase_at is not null`,
    [accountId, now],
  )
}

/** Goes on with accounts that were closed and of which something may be left. @returns 0: nothing is left to
 * do now */
export async function finishErasures(db: Database, now: Date): Promise<0> {
  const rows = await db.query<{ id: number }>(
    `select id from accounts where erase_at <= $1 order by erase_at limit ${accountsASweep}`,
    [now],
  )
  for (const { id } of rows) await eraseAccount(db, now, id)
  return 0
}

/** Deletes the texts of the next orders. @returns whether there may be more */
function eraseOrders(db: Database, now: Date, accountId: number): Promise<boolean> {
  return db.begin(async (tx) => {
    const [account] = await tx.query<{ upto: bigint }>(
      `select erased_up_to as upto from accounts
        where id = $1 and erase_at is not null for no key update`,
      [accountId],
    )
    if (!account) return false
    const orders = await tx.query<{ id: bigint }>(
      `select id from orders where account_id = $1 and id > $2 order by id limit ${ordersABatch}`,
      [accountId, account.upto],
    )
    const ids = orders.map(({ id }) => id)
    if (ids.length === 0) return false
    await eraseMessages(tx, now, ids)
    await tx.query(
      `update orders set reference = null, metadata = null, note = null,
         phone = case when allocation_id is null then null else phone end
        where id = any($1)`,
      [ids],
    )
    await tx.query('update inboxes set subject = null, pattern = null where order_id = any($1)', [
      ids,
    ])
    await tx.query('update accounts set erased_up_to = $2 where id = $1', [accountId, ids.at(-1)])
    return ids.length === ordersABatch
  })
}

/** Deletes texts, senders and numbers of all messages that came for orders, also of their repeats. */
async function eraseMessages(tx: Tx, now: Date, orders: readonly bigint[]): Promise<void> {
  const found = await tx.query<{ id: bigint; fingerprint: bigint | null; is_purged: boolean }>(
    `select id, fingerprint, purged_at is not null as is_purged from messages
      where order_id = any($1) order by id for update`,
    [orders],
  )
  const repeats = await tx.query<{ id: bigint }>(
    `select id from messages where fingerprint = any($1) and repeat_of = any($2) order by id for update`,
    [found.flatMap(({ fingerprint }) => fingerprint ?? []), found.map(({ id }) => id)],
  )
  const unpurged = found.filter((one) => !one.is_purged)
  await forgetTexts(
    tx,
    now,
    [...unpurged, ...repeats].map(({ id }) => id),
  )
  await tx.query(
    `update messages set sender = '', phone = case when phone is null then null else '' end
      where id = any($1)`,
    [[...found, ...repeats].map(({ id }) => id)],
  )
}

/** Each deletes $2 rows of account $1 at most, and returns one row for each. */
const leftovers = [
  `delete from webhook_attempts where delivery_id in (
     select d.id from webhook_endpoints w join webhook_deliveries d on d.endpoint_id = w.id
       join webhook_attempts a on a.delivery_id = d.id
      where w.account_id = $1 limit $2) returning delivery_id`,
  `delete from webhook_deliveries where (endpoint_id, id) in (
     select d.endpoint_id, d.id from webhook_endpoints w join webhook_deliveries d on d.endpoint_id = w.id
      where w.account_id = $1 limit $2) returning id`,
  `delete from webhook_endpoints where id in (
     select id from webhook_endpoints where account_id = $1 limit $2) returning id`,
  `delete from idempotency_keys where account_id = $1 and key in (
     select key from idempotency_keys where account_id = $1 limit $2) returning key`,
  `update deposits set customer_reference = null, metadata = null, instructions = null, qris = null,
     checkout_url = null
    where id in (select id from deposits where account_id = $1
       and (customer_reference is not null or metadata is not null or instructions is not null
         or qris is not null or checkout_url is not null) limit $2) returning id`,
  `delete from request_log where account_id = $1 and id in (
     select id from request_log where account_id = $1 order by id limit $2) returning id`,
]
