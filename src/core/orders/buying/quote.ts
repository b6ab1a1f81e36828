// A quote for one number for several services: the price of each service.
import type { Queryable } from '../../../db/database.ts'
import type { Amount } from '../../money.ts'
import { shelvesFor, type Taken, whyNothingFits } from './allocation.ts'
import { assertDistinctServices } from './multi-service.ts'
import type { Part } from './purchase.ts'
import { refusal } from './refusal.ts'

export type MultiServiceQuote = Pick<Taken, 'country' | 'operatorId' | 'pool'> & {
  /** In the order of the requested services; they sum to `price`. */
  readonly parts: readonly Part[]
  readonly price: Amount
}

export type WantedServices = {
  readonly currency: string
  readonly serviceIds: readonly number[]
  readonly country: string | null
  readonly operatorId: number | null
  readonly pool: string | null
}

/**
 * The prices at which `buyMultiService` would buy now. Holds nothing and guarantees nothing: use `maxPrice`
 * for that.
 * @throws invalid_request, and the reason if nothing is for sale
 */
export async function quoteMultiService(
  db: Queryable,
  wanted: WantedServices,
): Promise<MultiServiceQuote> {
  const { currency, serviceIds, country, operatorId, pool } = wanted
  assertDistinctServices(serviceIds)
  const [rate] = await db.query<{ rate: string; decimals: number }>(
    'select rate::text, decimals from rates where currency = $1',
    [currency],
  )
  if (!rate) throw new Error(`there is no rate for ${currency}`)
  const search = {
    kind: 'activation',
    serviceIds,
    durationS: null,
    selection: { country, operatorId, pool, offerId: null, area: null, maxPrice: null },
  } as const
  const [cheapest] = await shelvesFor(db, rate, search)
  if (!cheapest) throw refusal(await whyNothingFits(db, search))
  return { ...cheapest, price: cheapest.total }
}
