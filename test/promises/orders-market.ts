// The market of the test of orders against their model: ten numbers on four shelves, two services.
import { closeCountry, closeService } from '../../src/core/catalog/deny-list.ts'
import { listOffers } from '../../src/core/catalog/offers.ts'
import type { Amount } from '../../src/core/money.ts'
import { parseAmount } from '../../src/core/money.ts'
import { testServer, testSupplier } from '../harness/server.ts'
import {
  dramaNumbers,
  filmNumbers,
  openMarket,
  type ServiceName,
  type Shelf,
  services,
} from './market.ts'
import { cooldownS, type ModelSelection, windowS } from './order-model.ts'
import { ShelfModel } from './order-model-parts.ts'

/** Senders that tell a service's messages, by its id. */
export const slugs = new Map<number, string>([
  [services.whatsapp, 'WhatsApp'],
  [services.telegram, 'Telegram'],
])

const places: readonly (Shelf & { readonly area: string })[] = [
  {
    ...{ country: 'US', operator: 'Film', pool: '1', area: '201', phones: filmNumbers('201', 3) },
    prices: { whatsapp: '0.40', telegram: '0.25' },
  },
  {
    ...{ country: 'US', operator: 'Film', pool: '1', area: '202', phones: filmNumbers('202', 2) },
    prices: { whatsapp: '0.40', telegram: '0.25' },
  },
  {
    ...{
      country: 'US',
      operator: 'Film',
      pool: '2',
      area: '201',
      phones: filmNumbers('201', 2, 110),
    },
    prices: { whatsapp: '0.90', telegram: '0.30' },
  },
  {
    ...{ country: 'GB', operator: 'Drama', pool: '1', area: '', phones: dramaNumbers(3) },
    prices: { whatsapp: '0.35', telegram: '0.20' },
  },
]

/** Everything that a run writes; the catalog, the numbers and the shelves stay. */
const whatRunsWrite = `orders, order_services, leases, events, messages, transfers, returned_numbers,
  resting_numbers, account_usage`

export type MarketOffer = { readonly id: number; readonly selection: ModelSelection }

export async function openOrderMarket() {
  const env = {
    NUMLET_CANCEL_COOLDOWN_S: String(cooldownS),
    NUMLET_ACTIVATION_WINDOW_S: String(windowS),
  }
  const { app, db } = await testServer({ template: 'catalog', env })
  const { supplierId } = await testSupplier(db)
  const operators = await openMarket(db, supplierId, places)
  const rows = await db.query<{ id: number; phones: string[] }>(
    `select shelf_id as id, array_agg(phone) as phones from numbers group by 1`,
  )
  const shelfIds = places.map(
    (place) => rows.find((row) => row.phones.includes(place.phones[0] as string))?.id as number,
  )
  const nameOf = new Map([...operators].map(([name, id]) => [id, name]))
  const offers: MarketOffer[] = []
  for (const service of [services.whatsapp, services.telegram])
    for (const offer of await listOffers(db, { currency: 'USD', serviceId: service, limit: 100 })) {
      const { id, country, pool } = offer
      if (country === null || pool === null) throw new Error('an activation has a place')
      const operator = nameOf.get(offer.operatorId ?? 0) as string
      offers.push({
        id,
        selection: { service, country, operator, pool, area: null, maxPrice: null },
      })
    }
  return {
    app,
    db,
    supplierId,
    operators,
    shelfIds,
    offers,
    phones: places.flatMap((place) => place.phones),
    /** Back to an untouched stock, without orders. */
    async clear() {
      await db.query(`truncate ${whatRunsWrite}`)
      await db.query(`update ledger_accounts set balance = 0`)
      for (const name of slugs.values())
        await closeService(db, { actor: 'test', reason: null }, name.toLowerCase(), false)
      await closeCountry(db, { actor: 'test', reason: null }, 'GB', false)
      await db.query(`update stock st set next_position = 1, remaining =
        (select count(*) from numbers n where n.shelf_id = st.shelf_id)`)
    },
  }
}

export const freshShelves = (shelfIds: readonly number[]) =>
  places.map(
    (place, index) =>
      new ShelfModel({
        ...place,
        id: shelfIds[index] as number,
        prices: new Map(
          Object.entries(place.prices).map(([service, price]) => [
            services[service as ServiceName],
            parseAmount(price) as Amount,
          ]),
        ),
      }),
  )
