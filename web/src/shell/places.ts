// The pages that the rail, the bar at the bottom and the palette lead to, in their order. Add a page here.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { IconName } from '../parts/icon.tsx'

export type Place = {
  readonly to: '/' | '/buy' | '/orders' | '/rentals' | '/wallet' | '/developers' | '/settings'
  readonly label: MessageDescriptor
  readonly icon: IconName
  /** The keys that lead there. */
  readonly keys: string
  /** Whether the bar of a phone has it; the others are under More. */
  readonly isInBar: boolean
}

export const places: readonly Place[] = [
  { to: '/', label: msg`Home`, icon: 'home', keys: 'g h', isInBar: true },
  { to: '/buy', label: msg`Buy`, icon: 'buy', keys: 'b', isInBar: true },
  { to: '/orders', label: msg`Orders`, icon: 'orders', keys: 'g o', isInBar: true },
  { to: '/rentals', label: msg`Rentals`, icon: 'message', keys: 'g r', isInBar: false },
  { to: '/wallet', label: msg`Wallet`, icon: 'wallet', keys: 'g w', isInBar: true },
  { to: '/developers', label: msg`Developers`, icon: 'developers', keys: 'g d', isInBar: false },
  { to: '/settings', label: msg`Settings`, icon: 'settings', keys: 'g s', isInBar: false },
]
