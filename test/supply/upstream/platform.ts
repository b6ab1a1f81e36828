// A Numlet as a supplier of another, added by the command line.
import { createKey } from '../../../src/core/accounts/keys.ts'
import { fivesimKind } from '../../../src/supply/fivesim/kind.ts'
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import type { SupplierKind } from '../../../src/supply/supplier.ts'
import type { insideOn } from '../../cli/inside.ts'
import { type TestServer, testCustomer } from '../../harness/server.ts'

export type Wire = { readonly kind: SupplierKind; readonly path: string }

export const wires: readonly Wire[] = [
  { kind: numletKind, path: '' },
  { kind: handlerApiKind, path: '/stubs/handler_api.php' },
  { kind: fivesimKind, path: '/fivesim/v1' },
]

/** Adds a Numlet, by one of its wires, with a customer's account there that has 50 US dollars.
 * @returns the supplier's name */
export async function addPlatform(
  numlet: ReturnType<typeof insideOn>,
  theirs: TestServer,
  { kind, path }: Wire,
): Promise<string> {
  const { accountId } = await testCustomer(theirs.db, { credit: '50' })
  const scopes = kind === handlerApiKind ? ['handler-api'] : undefined
  const { key } = await createKey(theirs.db, new Date(), { accountId, scopes })
  const { name } = kind
  const given = ['--set', `url=${theirs.url}${path}`, '--secret', `api_key=${key}`]
  const { code, stderr } = await numlet('suppliers', 'add', name, '--kind', name, ...given)
  if (code !== 0) throw new Error(stderr)
  return name
}
