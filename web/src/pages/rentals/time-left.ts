// How long something lasts, in words: days while there are days, then a clock.
import { useLingui } from '@lingui/react/macro'
import type { Order } from '../../api/queries.ts'
import { useNow } from '../../parts/now.ts'
import { isOpen } from '../../parts/order-words.ts'
import { clock } from '../../texts.ts'

const daySeconds = 86_400

/** @returns the time that is left; null for what is over or never ends */
export function useTimeLeft() {
  const { t } = useLingui()
  const now = useNow()
  return (order: Order): string | null => {
    if (!isOpen(order) || !order.expires_at) return null
    const seconds = Math.max(0, (Date.parse(order.expires_at) - now) / 1_000)
    if (seconds < 2 * daySeconds) return t`${clock(seconds)} left`
    const days = Math.floor(seconds / daySeconds)
    return t`${days} days left`
  }
}
