// Keys that operators made: what is done with them stands in the operator log, because whoever made a key may
// have kept it, and every key opens its account's messages.
import type { Database, Tx } from '../../db/database.ts'
import { append, type LogEntry } from '../audit/log.ts'

/** The operator log names whoever used a key as this: it may be the operator or the customer. */
export const keyHolder = 'key holder'

/** Logs what was done with a key, if an operator made it. */
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

/** Logs the first use of keys that operators made: with the reason for which the key was made, if one was
 * stated, before the first request is answered. */
export function firstUseNotes(db: Database): (keyId: number, now: Date) => Promise<void> {
  // Keys are recognised from copies that do not know yet what was noted.
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
            note: 'The first use of this key: texts can be read with it from now on.',
          },
        },
      )
    })
    noted.add(keyId)
  }
}
