// A step of the model test: the number of a finished order is bought again.
import { expect } from 'vitest'
import { meanwhileOf } from '../supply/upstream/rental-ground.ts'
import { outcomeOf } from './market.ts'
import type { Ground } from './upstream-ground.ts'
import type { ModelOrder, UpstreamModel } from './upstream-model.ts'

/** What a customer may be told who wants a number again. */
const refusals = ['order_not_repeatable', 'out_of_stock']

/** Buys a number again. It is the same one, in a new order, or nothing has changed.
 * @returns what happened */
export async function rebuy(
  ground: Ground,
  model: UpstreamModel,
  past: ModelOrder,
): Promise<string> {
  const { app } = ground
  const { accountId } = model
  const target = { accountId, id: past.id, once: null, patience: { allocateS: 2, waitS: 2 } }
  const bought = await meanwhileOf(ground.settle)(outcomeOf(app.orders.rebuy(target)))
  const [order] = typeof bought !== 'string' && 'orders' in bought ? bought.orders : []
  if (order === undefined || order.phone === null) {
    expect(refusals).toContain(bought)
    // An order that was made for it has failed, and is shown.
    const [made] = await ground.db.query<{ id: bigint }>(
      'select id from orders where account_id = $1 and id > $2 order by id desc limit 1',
      [accountId, model.orders.at(-1)?.id ?? 0n],
    )
    if (made) model.bought(made.id, app.now().getTime()).state = 'failed'
    return `rebuy ${bought}`
  }
  const { phone } = await app.orders.read(accountId, past.id)
  expect(order.phone).toBe(phone)
  model.allocate(model.bought(order.id, app.now().getTime()), order.expiresAt)
  return 'rebuy done'
}
