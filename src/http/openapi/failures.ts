// Which failures an operation can answer with, by status: what every call can fail with, and its own verb.
import type { FailureCode } from '../failure.ts'
import type { FailureForm } from './reference.ts'
import { sampleFailure } from './samples.ts'

export type OperationTraits = {
  readonly method: string
  /** Whether an account's key is asked for. */
  readonly keyed: boolean
  /** Whether anybody may ask, without any secret. */
  readonly open: boolean
  readonly hasParams: boolean
  /** Whether anything sent is validated: a body, a query. */
  readonly isValidated: boolean
  /** Whether it takes an Idempotency-Key. */
  readonly once: boolean
}

/** Everything that an operation can fail with, each code once. */
export function failuresOf(traits: OperationTraits, own: readonly FailureCode[]): FailureCode[] {
  const codes: FailureCode[] = ['unavailable', 'internal_error']
  if (!traits.open) codes.push('unauthenticated')
  if (traits.keyed) codes.push('forbidden', 'account_suspended', 'rate_limited')
  // A broken percent escape is found before the path is; one too long is nobody's.
  if (traits.hasParams) codes.push('malformed_request', 'path_not_found')
  if (traits.method !== 'get')
    codes.push('malformed_body', 'unsupported_media_type', 'body_too_large')
  if (traits.isValidated || traits.once) codes.push('invalid_request')
  if (traits.once) codes.push('idempotency_conflict', 'idempotency_running')
  return [...new Set([...own, ...codes])]
}

/** The codes grouped by the status that the dialect gives them, in the statuses' order. */
export function byStatus(codes: readonly FailureCode[], form: FailureForm) {
  const groups = new Map<number, FailureCode[]>()
  for (const code of codes) {
    const { status } = form.write(sampleFailure(code), '')
    groups.set(status, [...(groups.get(status) ?? []), code])
  }
  return [...groups].sort(([a], [b]) => a - b)
}
