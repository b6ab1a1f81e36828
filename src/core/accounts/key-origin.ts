// Keys created by operators. Their use is written to the operator log: the operator may have kept the key,
// and every key gives access to the account's messages.
import type { Database, Tx } from '../../db/database.ts'
import { append, type LogEntry } from '../operator-log.ts'

/** The operator log's name for whoever used such a key: either the operator or the customer. */
const keyHolder = 'key holder'

/** Logs an action on a key if an operator created the key. */
export async function logOfKey(
  tx: Tx,
  keyId: number | undefined,
  entry: Pick<LogEntry, 'action' | 'subject'>,
): Promise<void> {
  if (keyId === undefined) return
  const [key] = await tx.query<{ account_id: number; made_by: string }>(
    'select account_id, made_by from api_keys where id = $1 and made_by is not null',
    [keyId],
  )
  if (!key) return
  await append(
    tx,
    { actor: keyHolder, reason: null },
    { ...entry, accountId: key.account_id, detail: { key_id: keyId, key_made_by: key.made_by } },
  )
}

/** Logs the first use of keys that operators created, with the reason given at creation, if any. The line is
 * written before the first request is answered. */
export function firstUseNotes(db: Database): (keyId: number, now: Date) => Promise<void> {
  // Keys are looked up in cached copies that may not show the recorded first use yet.
  const noted = new Set<number>()
  return async (keyId, now) => {
    if (noted.has(keyId)) return
    await db.begin(async (tx) => {
      const [key] = await tx.query<{
        account_id: number
        made_by: string
        made_for: string | null
        scopes: string[]
      }>(
        `update api_keys set first_used_at = $2
          where id = $1 and made_by is not null and first_used_at is null
          returning account_id, made_by, made_for, scopes`,
        [keyId, now],
      )
      if (!key) return
      await append(
        tx,
        { actor: keyHolder, reason: key.made_for },
        {
          action: 'key.read_texts',
          subject: { type: 'key', id: keyId },
          accountId: key.account_id,
          detail: {
            key_made_by: key.made_by,
            scopes: key.scopes,
            note: 'First use of this key. It can read message texts from now on.',
          },
        },
      )
    })
    noted.add(keyId)
  }
}
