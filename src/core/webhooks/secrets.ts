// How the secrets of webhooks lie in the database: sealed where the vault has a key, else as they are.
import type { VaultSource } from '../vault/keys.ts'

/** What the vault is asked for: no other purpose's keys open a secret. */
export const webhookSecrets = 'webhook-secrets'

export type SecretKeeper = {
  /** The text to be stored. */
  keep(secret: string): Promise<string>
  /** The secret behind a stored text. It fails where the key that sealed it is not here. */
  read(stored: string): Promise<string>
}

const plain = 'plain:'
const sealed = 'sealed:'

/** Opened secrets that are remembered: each is read for every delivery. */
const mostOpened = 1_000

export function secretKeeper(vaults: VaultSource): SecretKeeper {
  const opened = new Map<string, string>()
  return {
    async keep(secret) {
      const vault = await vaults.open()
      if (!vault) return plain + secret
      const one = vault.seal(secret)
      const parts = [one.keyId, one.sealed.toString('base64'), one.fingerprint.toString('base64')]
      return sealed + parts.join(':')
    },
    async read(stored) {
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
    },
  }
}
