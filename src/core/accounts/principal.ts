// Who makes a request.
import type { Scope } from './scopes.ts'

/** Who makes a request, however it was authenticated. */
export type Principal = {
  /** What the request was authenticated with: an API key, or a session of the account's owner. */
  readonly kind: 'key' | 'session'
  /** The number of that key or session. */
  readonly id: number
  readonly accountId: number
  readonly currency: string
  readonly decimals: number
  readonly scopes: readonly Scope[]
  /** For dialects whose calls do not name a country. */
  readonly defaultCountry: string | null
  readonly errorForm: string
  /** Whether it is a key with a cap of spending. */
  readonly isCapped?: boolean
}

/** The key that a request was authenticated with, which is recorded on what it creates. */
export const keyIdOf = ({ kind, id }: Principal): number | undefined =>
  kind === 'key' ? id : undefined
