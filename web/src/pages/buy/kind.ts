// The kinds of things that can be bought, and what a search for them means.
import { msg } from '@lingui/core/macro'
import type { Country, Offer, Service } from '../../api/queries.ts'

export type Kind = Offer['kind']

export type Wanted = { readonly service: Service | null; readonly country: Country | null }

export const kinds = [
  { id: 'activation', label: msg`Code` },
  { id: 'rental', label: msg`Rental` },
  { id: 'email', label: msg`Inbox` },
  { id: 'esim', label: msg`eSIM` },
] as const satisfies readonly { id: Kind; label: unknown }[]

export const kindOf = (name: string | undefined): Kind =>
  kinds.find(({ id }) => id === name)?.id ?? 'activation'
