// How the secrets of authenticators are stored again after the encryption key has changed.
import type { Database } from '../../db/database.ts'
import type { SecretKeeper } from '../vault/secret-keeper.ts'

/** The purpose of the vault's keys: keys of other purposes cannot open a secret. */
export const totpSecrets = 'totp-secrets'

const secretsARound = 500

/**
 * Stores the secrets of a batch of users again, encrypted with the first key.
 * @param after the last user of the previous batch; 0 for the first batch
 * @returns the last user of this batch (null if there are no more), and the number of changed secrets
 * @throws CannotOpen if a secret's key is missing
 */
export function renewTotpSecrets(
  db: Database,
  keeper: SecretKeeper,
  after: number,
): Promise<{ readonly last: number | null; readonly renewed: number }> {
  return db.begin(async (tx) => {
    const rows = await tx.query<{ id: number; sealed: string }>(
      `select id, totp_secret as sealed from users where id > $1 and totp_secret is not null
        order by id limit ${secretsARound} for no key update`,
      [after],
    )
    const anew: { id: number; sealed: string }[] = []
    for (const { id, sealed } of rows) {
      const text = await keeper.renew(sealed)
      if (text !== null) anew.push({ id, sealed: text })
    }
    await tx.query(
      `update users u set totp_secret = n.sealed
         from unnest($1::int[], $2::text[]) as n(id, sealed) where u.id = n.id`,
      [anew.map((one) => one.id), anew.map((one) => one.sealed)],
    )
    return { last: rows.at(-1)?.id ?? null, renewed: anew.length }
  })
}
