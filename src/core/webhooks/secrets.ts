// How webhook secrets are stored again after the encryption key has changed.
import type { Database } from '../../db/database.ts'
import type { SecretKeeper } from '../vault/secret-keeper.ts'

/** The purpose of the vault's keys: keys of other purposes cannot open a secret. */
export const webhookSecrets = 'webhook-secrets'

const secretsARound = 500

type SecretRow = {
  readonly id: number
  readonly secret: string | null
  readonly old_secret: string | null
  readonly older_secret: string | null
}

/**
 * Stores the secrets of a batch of endpoints again, encrypted with the first key.
 * @param after the last endpoint of the previous batch; 0 for the first batch
 * @returns the last endpoint of this batch (null if there are no more), and the number of changed secrets
 * @throws CannotOpen if a secret's key is missing
 */
export function renewSecrets(
  db: Database,
  keeper: SecretKeeper,
  after: number,
): Promise<{ readonly last: number | null; readonly renewed: number }> {
  return db.begin(async (tx) => {
    const rows = await tx.query<SecretRow>(
      `select id, secret, old_secret, older_secret from webhook_endpoints where id > $1
        order by id limit ${secretsARound} for no key update`,
      [after],
    )
    const renew = async (stored: string | null) => stored && (await keeper.renew(stored))
    const anew: SecretRow[] = []
    for (const { id, ...row } of rows) {
      const [secret, old_secret, older_secret] = [
        await renew(row.secret),
        await renew(row.old_secret),
        await renew(row.older_secret),
      ]
      anew.push({ id, secret, old_secret, older_secret })
    }
    await tx.query(
      `update webhook_endpoints e
          set secret = coalesce(n.secret, e.secret), old_secret = coalesce(n.old, e.old_secret),
              older_secret = coalesce(n.older, e.older_secret)
         from unnest($1::int[], $2::text[], $3::text[], $4::text[]) as n(id, secret, old, older)
        where e.id = n.id`,
      [
        anew.map((one) => one.id),
        anew.map((one) => one.secret),
        anew.map((one) => one.old_secret),
        anew.map((one) => one.older_secret),
      ],
    )
    const stored = anew.flatMap((one) => [one.secret, one.old_secret, one.older_secret])
    return {
      last: rows.at(-1)?.id ?? null,
      renewed: stored.filter((one) => one !== null).length,
    }
  })
}
