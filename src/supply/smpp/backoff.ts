// How long to wait before the next bind.
import { retryDelayMs } from '../../trouble.ts'
import { BindRefused } from './bind.ts'
import { statusCode } from './codec/statuses.ts'

export type Backoff = {
  readonly minMs: number
  readonly maxMs: number
  /** The least wait after a refusal: SMSCs lock an account that tries a wrong password again and again. */
  readonly refusedMs: number
}

export const usualBackoff: Backoff = { minMs: 1_000, maxMs: 60_000, refusedMs: 10_000 }

/** The answer of an SMSC that has not noticed the end of the last connection. */
const isBoundStill = (error: unknown) =>
  error instanceof BindRefused && error.status === statusCode('ESME_RALYBND')

/** @param failures in a row, at least 1 */
export function waitMs(failures: number, error: unknown, { minMs, maxMs, refusedMs }: Backoff) {
  const isRefused = error instanceof BindRefused && !isBoundStill(error)
  return retryDelayMs(failures, isRefused ? refusedMs : minMs, maxMs)
}
