// The kinds that last: rentals, inboxes, eSIMs, with what they are called.
import { msg } from '@lingui/core/macro'
import type { Order } from '../../api/queries.ts'

export type LastingKind = 'rental' | 'email' | 'esim'

export const lastingKinds = [
  { id: 'rental', label: msg`Rentals`, buy: msg`Rent a number` },
  { id: 'email', label: msg`Inboxes`, buy: msg`Open an inbox` },
  { id: 'esim', label: msg`eSIMs`, buy: msg`Buy a data plan` },
] as const satisfies readonly { id: LastingKind; label: unknown; buy: unknown }[]

export const lastingKind = (name: string | undefined): LastingKind | undefined =>
  lastingKinds.find(({ id }) => id === name)?.id

export const isLasting = (order: Order): boolean => lastingKind(order.kind) !== undefined
