// The operators' verb on sources: how far the stock that a supplier shows is believed.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { getSupplier } from '../inventory/suppliers.ts'
import { type By, logged } from '../operator-log.ts'
import { putTrust } from '../supply/source-trust.ts'

/** Sources, by names; null: of all services, or countries. */
export type TrustedPlace = {
  readonly supplier: string
  readonly service: { readonly id: number; readonly slug: string } | null
  readonly country: string | null
}

/** Sets the percentage of the stock that is shown of a supplier's products. Safe to repeat.
 * @returns how many products there are
 * @throws not_found, invalid_request */
export async function trustSupplier(
  db: Database,
  by: By,
  now: Date,
  { supplier, service, country }: TrustedPlace,
  trust: number,
): Promise<number> {
  if (!Number.isInteger(trust) || trust < 0 || trust > 100)
    throw new DomainError('invalid_request', 'The percentage must be a whole number from 0 to 100.')
  const before = await logged(
    db,
    by,
    async (_within, tx) => {
      const { id } = await getSupplier(tx, supplier)
      const place = { supplierId: id, serviceId: service?.id ?? null, country }
      const found = await putTrust(tx, now, place, trust)
      if (!found) throw new DomainError('not_found', `${supplier} has no such product on sale.`)
      return found
    },
    ({ sources, least, most }) => ({
      action: 'supplier.trust',
      subject: { type: 'supplier', id: supplier } as const,
      detail: {
        ...{ service: service?.slug ?? null, country, products: sources },
        ...{ before: least === most ? least : [least, most], after: trust },
      },
    }),
  )
  return before.sources
}
