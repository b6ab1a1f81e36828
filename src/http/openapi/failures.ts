// The failures of an operation, by status: those of every call and those of its own verb.
import type { FailureCode } from '../failure.ts'
import type { FailureForm } from './reference.ts'
import { sampleFailure } from './samples.ts'

export type OperationTraits = {
  readonly method: string
  /** Whether it requires an account's key. */
  readonly keyed: boolean
  /** Whether it requires a session. */
  readonly guarded: boolean
  /** Whether it takes a session as well as a key. */
  readonly takesSession: boolean
  /** Whether it needs no secret at all. */
  readonly open: boolean
  readonly hasParams: boolean
  /** Whether it validates input: a body or a query. */
  readonly isValidated: boolean
  /** Whether it takes an Idempotency-Key. */
  readonly once: boolean
}

/** All failure codes of an operation, each once. */
export function failuresOf(traits: OperationTraits, own: readonly FailureCode[]): FailureCode[] {
  const codes: FailureCode[] = ['unavailable', 'internal_error']
  const hasSession = traits.guarded || traits.takesSession
  if (traits.guarded) codes.push('not_signed_in', 'forbidden', 'rate_limited')
  else if (!traits.open) codes.push('unauthenticated')
  if (hasSession && traits.method !== 'get') codes.push('origin_refused')
  if (traits.takesSession) codes.push('not_signed_in', 'second_factor_required')
  if (traits.keyed) codes.push('forbidden', 'account_suspended', 'rate_limited')
  // A broken percent escape is found before the path is. A path that is too long matches no route.
  if (traits.hasParams) codes.push('malformed_request', 'path_not_found')
  if (traits.method !== 'get')
    codes.push('malformed_body', 'unsupported_media_type', 'body_too_large')
  if (traits.isValidated || traits.once) codes.push('invalid_request')
  if (traits.once) codes.push('idempotency_conflict', 'idempotency_running')
  return [...new Set([...own, ...codes])]
}

/** The codes grouped by the status that the dialect gives them, in order of status. */
export function byStatus(codes: readonly FailureCode[], form: FailureForm) {
  const groups = new Map<number, FailureCode[]>()
  for (const code of codes) {
    const { status } = form.write(sampleFailure(code), '')
    groups.set(status, [...(groups.get(status) ?? []), code])
  }
  return [...groups].sort(([a], [b]) => a - b)
}
