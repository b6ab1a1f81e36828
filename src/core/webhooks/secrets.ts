// How webhook secrets are stored: encrypted if the vault has a key, otherwise in clear.
import type { Database } from '../../db/database.ts'
import type { VaultSource } from '../vault/keys.ts'

/** The purpose of the vault's keys: keys of other purposes cannot open a secret. */
export const webhookSecrets = 'webhook-secrets'

export type SecretKeeper = {
  /** The text to store. */
  keep(secret: string): Promise<string>
  /** The secret of a stored text. Fails if the key that encrypted it is missing. */
  read(stored: string): Promise<string>
  /** The text as it would be stored now; null if it is already stored so. Fails like `read`. */
  renew(stored: string): Promise<string | null>
}

const plain = 'plain:'
const sealed = 'sealed:'

/** The size of the cache of decrypted secrets: each is read for every delivery. */
const maxOpened = 1_000

export function secretKeeper(vaults: VaultSource): SecretKeeper {
  const opened = new Map<string, string>()
  const keep = async (secret: string) => {
    const vault = await vaults.open()
    if (!vault) return plain + secret
    const one = vault.seal(secret)
    const parts = [one.keyId, one.sealed.toString('base64'), one.fingerprint.toString('base64')]
    return sealed + parts.join(':')
  }
  const read = async (stored: string) => {
    if (stored.startsWith(plain)) return stored.slice(plain.length)
    const known = opened.get(stored)
    if (known !== undefined) return known
    const vault = await vaults.open()
    if (!vault) throw new Error('a secret is encrypted, and this server has no encryption key')
    const [keyId = '', text = '', print = ''] = stored.slice(sealed.length).split(':')
    const bytes = (part: string) => Buffer.from(part, 'base64')
    const secret = vault.open({ keyId, sealed: bytes(text), fingerprint: bytes(print) })
    if (opened.size >= maxOpened) opened.clear()
    opened.set(stored, secret)
    return secret
  }
  return {
    keep,
    read,
    async renew(stored) {
      const vault = await vaults.open()
      if (vault && stored.startsWith(`${sealed}${vault.keyId}:`)) return null
      if (!vault && stored.startsWith(plain)) return null
      return keep(await read(stored))
    },
  }
}

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
