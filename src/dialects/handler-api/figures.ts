// Figures that this protocol's clients expect in a refusal and that the core's error does not have: until
// when, how many, how soon.
import { DomainError } from '../../core/error.ts'
import type { Call } from './call.ts'

const dayMs = 86_400_000

/** Adds the figures to an error. Errors that are not refusals of the core stay unchanged. */
export async function withFigures({ app, caller }: Call, error: unknown): Promise<unknown> {
  if (!(error instanceof DomainError)) return error
  if (error.code === 'too_many_cancelled') return banned(error, app.now())
  if (error.code === 'cancel_cooldown')
    return more(error, { info: { minActivationTime: app.config.cancelCooldownS } })
  if (error.code === 'too_many_open_orders') {
    const { openOrders, maxOpenOrders } = await app.accounts.limits(caller.accountId)
    const most = maxOpenOrders ?? app.settings().max_open_orders
    return more(error, { info: { current_threads: openOrders, max_allowed: most } })
  }
  return error
}

/** The share of cancelled orders counts UTC days. */
function banned(error: DomainError, now: Date): DomainError {
  const until = new Date((Math.floor(now.getTime() / dayMs) + 1) * dayMs)
  const retryAfterS = Math.ceil((until.getTime() - now.getTime()) / 1000)
  const value = until.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '-')
  const info = {
    scope: 'global',
    banned_until: until.getTime() / 1000,
    retry_after_seconds: retryAfterS,
    readable_date: value,
  }
  return more(error, { value, info, retryAfterS })
}

const more = (error: DomainError, detail: object) =>
  new DomainError(error.code, error.message, { ...error.detail, ...detail })
