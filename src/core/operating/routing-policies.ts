// Operators' verbs on routing: by what the suppliers of an order are ranked.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { type By, logged } from '../operator-log.ts'
import {
  dropPolicy,
  maxWeight,
  putPolicy,
  putWeight,
  type RoutingPolicy,
} from '../supply/routing-policies.ts'

/** What a policy is for, by names; null: all of them. */
export type RoutedPlace = {
  readonly service: { readonly id: number; readonly slug: string } | null
  readonly country: string | null
}

const keyOf = ({ service, country }: RoutedPlace) => ({ serviceId: service?.id ?? null, country })

/** Sets the policy of a place, from the next purchase on. Safe to repeat. */
export async function setRoutingPolicy(
  db: Database,
  by: By,
  place: RoutedPlace,
  policy: RoutingPolicy,
): Promise<void> {
  await logged(
    db,
    by,
    (_within, tx) => putPolicy(tx, keyOf(place), policy),
    (before) => entryOf('routing.set', place, { before: before ?? null, after: policy }),
  )
}

/** Deletes the policy of a place. @throws not_found if there is none */
export async function deleteRoutingPolicy(db: Database, by: By, place: RoutedPlace): Promise<void> {
  await logged(
    db,
    by,
    async (_within, tx) => {
      const before = await dropPolicy(tx, keyOf(place))
      if (!before) throw new DomainError('not_found', 'There is no policy for exactly that.')
      return before
    },
    (before) => entryOf('routing.unset', place, { before, after: null }),
  )
}

/** Sets how often a supplier is chosen, beside the others, where the policy is `weighted`.
 * @throws not_found, invalid_request */
export async function weighSupplier(
  db: Database,
  by: By,
  name: string,
  weight: number,
): Promise<void> {
  if (!Number.isInteger(weight) || weight < 0 || weight > maxWeight)
    throw new DomainError('invalid_request', `The weight must be 0 to ${maxWeight}.`)
  await logged(
    db,
    by,
    async (_within, tx) => {
      const before = await putWeight(tx, name, weight)
      if (before === undefined) throw new DomainError('not_found', `There is no supplier ${name}.`)
      return before
    },
    (before) => ({
      action: 'supplier.weigh',
      subject: { type: 'supplier', id: name } as const,
      detail: { before, after: weight },
    }),
  )
}

const entryOf = (action: string, { service, country }: RoutedPlace, change: object) => ({
  action,
  detail: { service: service?.slug ?? null, country, ...change },
})
