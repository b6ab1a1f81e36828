// `Retry-After`: every failure that passes with time says when to retry.
import type { App } from '../app.ts'
import { rateWindowS } from '../core/accounts/rate-windows.ts'
import type { Failure, FailureCode } from './failure.ts'

const dayS = 86_400
/** By then one of many orders has probably ended, or another code has arrived. */
const aWhileS = 30

/** Daily limits count UTC days. */
const untilMidnightS = ({ now }: App) => dayS - (Math.floor(now().getTime() / 1000) % dayS)

/** How long to wait if the failure itself does not say. */
const waits: Partial<Record<FailureCode, (app: App) => number>> = {
  rate_limited: () => rateWindowS,
  too_many_open_orders: () => aWhileS,
  daily_limit_reached: untilMidnightS,
  too_many_cancelled: untilMidnightS,
  cancel_cooldown: ({ config }) => Math.max(1, config.cancelCooldownS),
  resend_pending: () => aWhileS,
  supply_pending: () => 5,
  idempotency_running: () => 1,
}

/** The failure, with the seconds after which the same request may succeed if it passes with time. */
export function withRetryAfter(app: App, failure: Failure): Failure {
  const wait = waits[failure.code]
  if (wait === undefined || failure.detail.retryAfterS !== undefined) return failure
  return { ...failure, detail: { ...failure.detail, retryAfterS: wait(app) } }
}
