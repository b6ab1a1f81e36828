// Operators' verbs on the API keys of accounts.
import type { Database } from '../../db/database.ts'
import { getAccount } from '../accounts/accounts.ts'
import { type ApiKey, createKey, revokeKey, type WantedKey } from '../accounts/keys.ts'
import { assertCountry } from '../catalog/catalog.ts'
import { type By, logged } from '../operator-log.ts'

/**
 * Creates a key for an account. The log says that it can read the account's texts. The account's list of keys
 * shows that an operator created it, and the first use is logged with the reason given here.
 * @throws not_found, country_not_found, invalid_request
 */
export async function create(
  db: Database,
  now: Date,
  by: By,
  wanted: WantedKey,
): Promise<{ key: string; apiKey: ApiKey }> {
  await getAccount(db, wanted.accountId)
  if (wanted.defaultCountry) await assertCountry(db, wanted.defaultCountry)
  return logged(
    db,
    by,
    (within) => createKey(within, now, { ...wanted, by }),
    ({ apiKey }) => ({
      action: 'key.create',
      subject: { type: 'key', id: apiKey.id },
      accountId: wanted.accountId,
      detail: {
        scopes: apiKey.scopes,
        allowed_ips: apiKey.allowedIps,
        expires_at: apiKey.expiresAt,
        key_reads_texts: true,
      },
    }),
  )
}

/** Revokes a key; `revocationKnown` after the commit makes this effective everywhere. Safe to repeat.
 * @throws not_found */
export function revoke(db: Database, now: Date, by: By, id: number): Promise<ApiKey> {
  return logged(
    db,
    by,
    (within) => revokeKey(within, now, id, null),
    ({ accountId }) => ({
      action: 'key.revoke',
      subject: { type: 'key', id },
      accountId,
    }),
  )
}
