// The key that the code is acting for: set around each request, so that no dialect can forget to hand it in.
import { AsyncLocalStorage } from 'node:async_hooks'

const keys = new AsyncLocalStorage<number>()

/** Runs the work of a request with a key; without one, nothing changes. */
export const withKey = <T>(keyId: number | undefined, work: () => T): T =>
  keyId === undefined ? work() : keys.run(keyId, work)

/** The key of the request that is being served; null: none, or a session. */
export const actingKey = (): number | null => keys.getStore() ?? null
