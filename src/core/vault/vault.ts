// The vault: encrypts secrets that must be read again; each ciphertext names its key.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** An encrypted secret as stored in the database. */
export type Sealed = {
  readonly keyId: string
  /** Nonce, tag, ciphertext. */
  readonly sealed: Buffer
  /** A keyed hash of the secret's identity: the same secret under the same key has the same one. */
  readonly fingerprint: Buffer
}

export type Vault = {
  /** The key that encrypts. */
  readonly keyId: string
  /** @param identity what identifies the secret, if that is not the text itself */
  seal(text: string, identity?: string): Sealed
  /** @throws CannotOpen if the key is missing, or the ciphertext was changed */
  open(sealed: Sealed): string
  /** How a secret may appear in the database: a fingerprint for each available key. */
  fingerprintsOf(identity: string): Buffer[]
}

/** A secret cannot be decrypted with the available keys. */
class CannotOpen extends Error {}

/** AES-256. */
export const keyBytes = 32
const cipherName = 'aes-256-gcm'
/** NIST SP 800-38D: 96 random bits are enough for 2^32 secrets per key. */
const nonceBytes = 12
const tagBytes = 16

type Key = { readonly id: string; readonly cipher: Buffer; readonly hash: Buffer }

/**
 * Opens a vault.
 * @param masterKeys the first one encrypts; all of them decrypt
 * @param purpose what it holds: each purpose has its own keys, which cannot decrypt secrets of another one
 */
export function openVault(masterKeys: readonly [Buffer, ...Buffer[]], purpose: string): Vault {
  const keys = masterKeys.map((master) => deriveKey(master, purpose))
  const [current] = keys as [Key, ...Key[]]
  return {
    keyId: current.id,
    seal(text, identity = text) {
      const fingerprint = fingerprintOf(current, identity)
      return { keyId: current.id, fingerprint, sealed: encrypt(current, text, fingerprint) }
    },
    open({ keyId, sealed, fingerprint }) {
      const key = keys.find((one) => one.id === keyId)
      if (!key) throw new CannotOpen(`the encryption key ${keyId} is missing`)
      return decrypt(key, sealed, fingerprint)
    },
    fingerprintsOf: (identity) => keys.map((key) => fingerprintOf(key, identity)),
  }
}

function deriveKey(master: Buffer, purpose: string): Key {
  if (master.length !== keyBytes) throw new RangeError(`a key must have ${keyBytes} bytes`)
  const derive = (use: string) =>
    Buffer.from(hkdfSync('sha256', master, '', `numlet ${purpose} ${use}`, keyBytes))
  return {
    // The id is derived from the master key, so that an operator sees which of them is still needed.
    id: createHmac('sha256', master).update('numlet key id').digest('hex').slice(0, 8),
    cipher: derive('cipher'),
    hash: derive('fingerprint'),
  }
}

const fingerprintOf = (key: Key, identity: string) =>
  createHmac('sha256', key.hash).update(identity).digest()

// @NOTE the fingerprint is authenticated with the secret: neither can be combined with another one
function encrypt(key: Key, text: string, fingerprint: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(cipherName, key.cipher, nonce).setAAD(fingerprint)
  const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), hidden])
}

function decrypt(key: Key, sealed: Buffer, fingerprint: Buffer): string {
  const nonce = sealed.subarray(0, nonceBytes)
  const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes)
  try {
    const decipher = createDecipheriv(cipherName, key.cipher, nonce, { authTagLength: tagBytes })
      .setAAD(fingerprint)
      .setAuthTag(tag)
    const hidden = sealed.subarray(nonceBytes + tagBytes)
    return Buffer.concat([decipher.update(hidden), decipher.final()]).toString('utf8')
  } catch {
    throw new CannotOpen(`a secret encrypted with the key ${key.id} was changed`)
  }
}
