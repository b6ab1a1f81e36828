// How long something lasts, in words: days while there are days, then a clock.
import { useLingui } from '@lingui/react/macro'
import type { Order } from '../api/queries.ts'
import { clock } from '../texts.ts'
import { useNow } from './now.ts'
import { isOpen } from './order-words.ts'

const daySeconds = 86_400

/** @returns seconds in words: "3 days", or "10:17" below two days */
export function useLasting() {
  const { t } = useLingui()
  return (seconds: number): string => {
    if (seconds < 2 * daySeconds) return clock(seconds)
    const days = Math.floor(seconds / daySeconds)
    return t`${days} days`
  }
}

/** @returns the time that is left; null for what is over or never ends */
export function useTimeLeft() {
  const { t } = useLingui()
  const now = useNow()
  const lasting = useLasting()
  return (order: Order): string | null => {
    if (!isOpen(order) || !order.expires_at) return null
    const time = lasting(Math.max(0, (Date.parse(order.expires_at) - now) / 1_000))
    return t`${time} left`
  }
}
