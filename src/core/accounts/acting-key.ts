// The key that the code is acting for: set around each request, so that no dialect can forget to hand it in.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Principal } from './principal.ts'

type ActingKey = { readonly id: number; readonly isCapped: boolean }

const keys = new AsyncLocalStorage<ActingKey>()

/** Runs the work of a request of a caller; for a session, nothing changes. */
export const withKeyOf = <T>({ kind, id, isCapped = false }: Principal, work: () => T): T =>
  kind === 'key' ? keys.run({ id, isCapped }, work) : work()

/** The key of the request that is being served; null: none, or a session. */
export const actingKey = (): number | null => keys.getStore()?.id ?? null

/** The same, if the key has a cap of spending; otherwise null, and nothing is counted. */
export const cappedKey = (): number | null => {
  const key = keys.getStore()
  return key?.isCapped ? key.id : null
}
