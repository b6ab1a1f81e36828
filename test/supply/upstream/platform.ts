// A Numlet as a supplier of another, for the command line of the other.
import { keyStoreOf } from '../../../src/config.ts'
import { createKey } from '../../../src/core/accounts/keys.ts'
import { supplierSecrets } from '../../../src/core/inventory/supplier-settings.ts'
import { addSupplier } from '../../../src/core/operating/suppliers.ts'
import { vaultSource } from '../../../src/core/vault/keys.ts'
import { secretKeeper } from '../../../src/core/vault/secret-keeper.ts'
import { fivesimKind } from '../../../src/supply/fivesim/kind.ts'
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import { type TestServer, testCustomer } from '../../harness/server.ts'

export type Wire = { readonly kind: typeof numletKind; readonly path: string }

export const wires: readonly Wire[] = [
  { kind: numletKind, path: '' },
  { kind: handlerApiKind, path: '/stubs/handler_api.php' },
  { kind: fivesimKind, path: '/fivesim/v1' },
]

/** Adds a Numlet, by one of its wires, as a supplier of another one, with a customer's account there. */
export async function addPlatform(
  ours: TestServer,
  theirs: TestServer,
  { kind, path }: Wire,
  more: { name?: string; credit?: string; settings?: Readonly<Record<string, string>> } = {},
): Promise<{ name: string; supplierId: number; accountId: number }> {
  const { name = kind.name, credit = '50', settings = {} } = more
  const { accountId } = await testCustomer(theirs.db, { credit })
  const scopes = kind === handlerApiKind ? ['handler-api'] : undefined
  const { key } = await createKey(theirs.db, new Date(), { accountId, scopes })
  const vaults = vaultSource(keyStoreOf(ours.app.config), supplierSecrets)
  await vaults.openOrMake()
  const given = { url: theirs.url + path, api_key: key, currency: 'USD', ...settings }
  const { supplier } = await addSupplier(
    ours.db,
    { actor: 'tester', reason: null },
    { name, kind },
    Object.entries(given).map(([setting, value]) => ({ key: setting, value })),
    secretKeeper(vaults),
  )
  return { name, supplierId: supplier.id, accountId }
}
