// How the secrets of webhooks lie in the database: sealed where the vault has a key, else as they are.
import type { Database } from '../../db/database.ts'
import type { VaultSource } from '../vault/keys.ts'

/** What the vault is asked for: no other purpose's keys open a secret. */
export const webhookSecrets = 'webhook-secrets'

export type SecretKeeper = {
  /** The text to be stored. */
  keep(secret: string): Promise<string>
  /** The secret behind a stored text. It fails where the key that sealed it is not here. */
  read(stored: string): Promise<string>
  /** The text as it would be stored today; null where that is how it lies. It fails as `read` does. */
  renew(stored: string): Promise<string | null>
}

const plain = 'plain:'
const sealed = 'sealed:'

/** Opened secrets that are remembered: each is read for every delivery. */
const mostOpened = 1_000

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
    if (!vault) throw new Error('a secret is sealed, and there is no encryption key here')
    const [keyId = '', text = '', print = ''] = stored.slice(sealed.length).split(':')
    const bytes = (part: string) => Buffer.from(part, 'base64')
    const secret = vault.open({ keyId, sealed: bytes(text), fingerprint: bytes(print) })
    if (opened.size >= mostOpened) opened.clear()
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
 * Stores the secrets of a round of endpoints as they would be stored today: sealed with the first key.
 * @param after the last endpoint of the round before; 0 to begin
 * @returns the last one of this round, null after all, and how many secrets were stored anew
 * @throws CannotOpen when a secret's key is not here
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
