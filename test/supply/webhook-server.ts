// Suppliers with webhooks on a test server.
import { supplierSecrets } from '../../src/core/inventory/supplier-settings.ts'
import { addSupplier } from '../../src/core/operating/suppliers.ts'
import { parseKeys, vaultSource } from '../../src/core/vault/keys.ts'
import { secretKeeper } from '../../src/core/vault/secret-keeper.ts'
import type { Database } from '../../src/db/database.ts'
import { testKey } from '../harness/database.ts'
import type { Sample, SampleRequest } from './samples/sample.ts'

/** What the vendor knows the server by. */
export const publicUrl = 'https://numlet.example'
export const webhookOf = (name: string) => `${publicUrl}/api/supply/${name}`
export const pathOf = ({ url }: Pick<SampleRequest, 'url'>) => url.slice(publicUrl.length)

/** Keeps secrets as a test server does. */
export const testKeeper = secretKeeper(
  vaultSource({ read: async () => parseKeys(testKey), make: async () => {} }, supplierSecrets),
)

/** Adds a supplier with the settings of a sample. */
export async function addTestSupplier(
  db: Database,
  name: string,
  { kind, settings }: Pick<Sample, 'kind' | 'settings'>,
) {
  const given = Object.entries(settings).map(([key, value]) => ({ key, value }))
  const by = { actor: 'tester', reason: null }
  return (await addSupplier(db, by, { name, kind }, given, testKeeper)).supplier
}

/** The requests that are stored. */
export const storedRequests = (db: Database) =>
  db.query<{ state: string; reason: string | null }>(
    'select state, reason from inbound_requests order by id',
  )
