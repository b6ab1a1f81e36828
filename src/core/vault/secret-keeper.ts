// How secrets are stored as texts: encrypted if the vault has a key, otherwise in clear.
import type { VaultSource } from './keys.ts'

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
