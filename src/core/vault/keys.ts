// The source of the encryption keys, which are read when they are first needed. No I/O: `KeyStore` has it.
import { keyBytes, openVault, type Vault } from './vault.ts'

/** At least one; the first one encrypts. */
export type EncryptionKeys = readonly [Buffer, ...Buffer[]]

/** Where the keys are (src/key-store.ts). */
export type KeyStore = {
  /** @returns null if there are no keys */
  read(): Promise<EncryptionKeys | null>
  /** Creates a key, once, if there is none and one may be created. */
  make(): Promise<void>
}

export type VaultSource = {
  /** @returns null if there is no key */
  open(): Promise<Vault | null>
  /** The same, but creates a key if there is none and one may be created. */
  openOrMake(): Promise<Vault | null>
}

/** A vault for one purpose; its keys are read when they are first needed. */
export function vaultSource(store: KeyStore, purpose: string): VaultSource {
  let opened: Vault | null = null
  const keep = (keys: EncryptionKeys | null) => {
    opened = keys && openVault(keys, purpose)
    return opened
  }
  return {
    // @NOTE if there is no key yet, look again each time: a command may create it while a server runs
    open: async () => opened ?? keep(await store.read()),
    async openOrMake() {
      if (opened) return opened
      const there = await store.read()
      if (!there) await store.make()
      return keep(there ?? (await store.read()))
    },
  }
}

/** Keys in base64, separated by commas or white space. @returns null if one of them is invalid */
export function parseKeys(text: string): EncryptionKeys | null {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((part) => (/^[A-Za-z0-9+/]{43}=$/.test(part) ? Buffer.from(part, 'base64') : null))
  if (keys.length === 0 || keys.some((key) => key?.length !== keyBytes)) return null
  return keys as unknown as EncryptionKeys
}
