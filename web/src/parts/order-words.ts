// How an order is spoken of: its state in words and colour, its code in groups, its number in parts.
import { useLingui } from '@lingui/react/macro'
import type { Order } from '../api/queries.ts'

export type Tone = 'ok' | 'wait' | 'bad' | 'plain'

/** Whether something may still happen to it. */
export const isOpen = ({ state }: Pick<Order, 'state'>): boolean =>
  state === 'allocating' || state === 'waiting' || state === 'received' || state === 'active'

export const toneOf = (order: Order): Tone => {
  if (order.state === 'allocating' || order.state === 'waiting') return 'wait'
  if (order.state === 'received') return order.resend_pending ? 'wait' : 'ok'
  if (order.state === 'active') return 'ok'
  if (order.state === 'failed') return 'bad'
  return 'plain'
}

/** A state in words. */
export function useStateWords() {
  const { t } = useLingui()
  return (order: Order): string => {
    if (order.state === 'received' && order.resend_pending) return t`Waiting for another`
    const words: Record<Order['state'], string> = {
      allocating: t`Looking for a number`,
      waiting: t`Waiting`,
      received: t`Code received`,
      active: t`Rented`,
      finished: t`Finished`,
      cancelled: t`Cancelled`,
      expired: t`No code came`,
      failed: t`Failed`,
      ended: t`Ended`,
    }
    return words[order.state]
  }
}

/** Digits in groups that are easy to read and to type: 848 137. */
export function groupedCode(code: string): string {
  if (!/^\d+$/.test(code) || code.length < 6) return code
  if (code.length % 3 === 0) return code.replace(/(?<=\d)(?=(?:\d{3})+$)/g, ' ')
  if (code.length % 4 === 0) return code.replace(/(?<=\d)(?=(?:\d{4})+$)/g, ' ')
  return code
}

/** What was bought, to copy: the number, the address, the activation code. */
export const wareOf = (order: Order): string | null =>
  order.phone ?? order.email ?? order.esim?.activation_code ?? null

/** A number in groups, with its calling code apart: `+1` and `201 555 0124`. */
export function splitPhone(
  phone: string,
  callingCode: string | undefined,
): readonly [string, string] {
  const digits = phone.replace(/^\+/, '')
  if (!callingCode || !digits.startsWith(callingCode)) return ['', digits]
  return [`+${callingCode}`, digits.slice(callingCode.length)]
}

/** Groups of three, the last one of three or four. */
export const groupedDigits = (digits: string): string =>
  digits.length < 7 ? digits : digits.replace(/(\d{3})(?=\d{3,})/g, '$1 ')
