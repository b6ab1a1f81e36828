// Two Numlets, of which one rents numbers of the other.
import { putOffers } from '../../../src/core/catalog/set-offers.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { productText } from '../../../src/core/supply/product.ts'
import { putSources } from '../../../src/core/supply/sources.ts'
import { testCustomer } from '../../harness/server.ts'
import { anyNumberFor, outcomeOf, services } from '../../promises/market.ts'
import { type Ground, openGround } from '../../promises/upstream-ground.ts'
import type { Api } from './between.ts'

export const dayS = 86_400
/** What a rental of three days costs there, and here. */
export const rentalCost = 10_000n
export const rentalPrice = 40_000n
export const lengthS = 3 * dayS

export type RentalGround = Awaited<ReturnType<typeof openRentalGround>>

/** Adds rentals to the market of both, and a customer with money. */
export async function openRentalGround(api: Api) {
  const ground = await openGround(api)
  const { app, db, theirs, supplierId, settle } = ground
  await ground.pay(1_000_000n)
  await offerRentals(theirs.db, rentalCost)
  const offerId = await offerRentals(db, rentalPrice)
  const product = productText({ ...api.product, durationS: lengthS }) as string
  const show = (stock: number) =>
    db.begin((tx) =>
      putSources(tx, app.now(), [{ offerId, supplierId, product, cost: rentalCost, stock }]),
    )
  await show(1_000)
  const { accountId, key } = await testCustomer(db, { credit: '1000' })
  const wanted = {
    ...{ accountId, selection: anyNumberFor('whatsapp'), durationS: lengthS, once: null },
    patience: { allocateS: 60, waitS: 0 },
  }
  const read = (id: bigint) => app.orders.read(accountId, id)
  /** Rents a number, and does not wait for it. */
  const ask = async (): Promise<Order> => {
    const bought = await app.orders.rent(wanted)
    const [order] = 'orders' in bought ? bought.orders : []
    if (!order) throw new Error('nothing was rented')
    return order
  }
  const rent = async () => {
    const { id } = await ask()
    await settle()
    return read(id)
  }
  const theirStates = async () => (await ground.account.orders()).map(({ state }) => state)
  const allocationsOf = ({ id }: Order) =>
    db.query<Record<string, unknown>>(
      `select purpose, state, cost_state, last_word from allocations where order_id = $1 order by id`,
      [id],
    )
  const meanwhile = meanwhileOf(settle)
  /** Cancels a rental of which the platform does not answer. */
  const cancelUnanswered = async ({ id }: Order) => {
    const outcome = await outcomeOf(app.orders.cancel({ accountId, id, waitS: 0 }))
    await settle()
    return outcome
  }
  /** Renews it. Whoever waits too short a time for it to be sent has to ask again. */
  const renewUnanswered = async ({ id }: Order) => {
    let outcome: unknown = 'order_not_renewable'
    for (let waitS = 1; outcome === 'order_not_renewable' && waitS < 100; waitS *= 3)
      outcome = await outcomeOf(meanwhile(app.orders.renew({ accountId, id, once: null, waitS })))
    return outcome
  }
  const renting: Record<string, string> = api.kind === 'handler-api' ? { rent_hours: '72' } : {}
  return {
    ...{ ...ground, show, wanted, accountId, key, offerId, renting },
    ...{ read, ask, rent, theirStates, allocationsOf },
    ...{ meanwhile, cancelUnanswered, renewUnanswered },
  }
}

async function offerRentals(db: Ground['db'], price: bigint): Promise<number> {
  const [place] = await db.query<{ country: string; operatorId: number; pool: string }>(
    `select country, operator_id as "operatorId", pool from offers
      where service_id = $1 and kind = 'activation' order by id limit 1`,
    [services.whatsapp],
  )
  if (!place) throw new Error('the market has no offer')
  const offer = { ...place, kind: 'rental', serviceId: services.whatsapp, price } as const
  await db.begin((tx) => putOffers(tx, [{ ...offer, durationS: lengthS }]))
  const [row] = await db.query<{ id: number }>(`select id from offers where kind = 'rental'`)
  return (row as { id: number }).id
}

/** Who keeps doing what is due, until a call is answered. */
export const meanwhileOf =
  (settle: () => Promise<void>) =>
  async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false
    const ended = work.finally(() => {
      isOver = true
    })
    // Whoever calls hears of a failure; until then nobody does.
    ended.catch(() => undefined)
    while (!isOver) await settle()
    return ended
  }
