// When to come back: every refusal that time mends says so in `Retry-After`.
import type { App } from '../app.ts'
import { rateWindowS } from '../core/accounts/rate-windows.ts'
import type { Failure, FailureCode } from './failure.ts'

const dayS = 86_400
/** Until an order of many has probably ended, or another code has come. */
const aWhileS = 30

/** Daily limits are counted by UTC days. */
const untilMidnightS = ({ now }: App) => dayS - (Math.floor(now().getTime() / 1000) % dayS)

/** How long to wait where the refusal itself does not know. */
const waits: Partial<Record<FailureCode, (app: App) => number>> = {
  rate_limited: () => rateWindowS,
  too_many_open_orders: () => aWhileS,
  daily_limit_reached: untilMidnightS,
  too_many_cancelled: untilMidnightS,
  cancel_cooldown: ({ config }) => Math.max(1, config.cancelCooldownS),
  resend_pending: () => aWhileS,
  idempotency_running: () => 1,
}

/** The failure with the seconds after which the same request may succeed, where time mends it. */
export function withRetryAfter(app: App, failure: Failure): Failure {
  const wait = waits[failure.code]
  if (wait === undefined || failure.detail.retryAfterS !== undefined) return failure
  return { ...failure, detail: { ...failure.detail, retryAfterS: wait(app) } }
}
