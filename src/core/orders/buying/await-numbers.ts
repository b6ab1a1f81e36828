// Buying from suppliers: the order exists at once, its number comes some seconds later, and the caller waits.
//
// No transaction is open meanwhile. If the process dies, the order goes on by itself: it gets its number, or
// fails when its time is over.
import type { Database } from '../../../db/database.ts'
import { DomainError } from '../../error.ts'
import type { OrderWatch } from '../../events/watch.ts'
import { fail } from '../end.ts'
import type { Closers } from '../lifecycle.ts'
import type { Order } from '../order.ts'
import type { Bought } from './buy.ts'
import { refusal } from './refusal.ts'

/** How long suppliers may be asked for each number, and how long the caller waits for it. If it waits less,
 * it is answered with orders that are still `allocating`. */
export type Patience = { readonly allocateS: number; readonly waitS: number }

const atOnce: Patience = { allocateS: 0, waitS: 0 }

/** What another node has recorded without an event is noticed within this time. */
const lookMs = 500
/** Per account and node. */
const maxWaits = 50
const retryAfterS = 5

export type Awaiting = {
  readonly db: Database
  readonly clock: () => Date
  readonly closers: Closers
  readonly watch: Pick<OrderWatch, 'next' | 'listening'>
  readonly read: (accountId: number, id: bigint) => Promise<Order>
  /** Called for each order that was failed, after the commit. */
  readonly changed: (orderId: bigint) => void
}

export type NumberWaits = {
  /** Buys, and waits until every order has its number or has failed.
   * @returns the orders that got a number, or may still get one if the wait is the shorter time
   * @throws out_of_stock if none did; rate_limited if the account waits for too many, and none of our own
   * numbers is left; and what `buy` throws */
  buyAndAwait(
    wanted: { readonly accountId: number; readonly patience: Patience | null },
    buy: (allocateS: number | undefined) => Promise<Bought>,
  ): Promise<Bought>
  /** Waits for something else of a supplier, within the same limit. @throws rate_limited */
  waitFor<T>(accountId: number, work: () => Promise<T>): Promise<T>
  /** Whether any of the orders that an earlier request bought has a number.
   * @param options.waits whether to wait for those that may still get one; otherwise they count as having
   * it
   * @param options.key of the earlier request: if it was to replace the number of the order, that counts */
  stand(
    accountId: number,
    orderIds: readonly bigint[],
    options: { readonly waits: boolean; readonly key?: string },
  ): Promise<boolean>
}

export function numberWaits(parts: Awaiting): NumberWaits {
  const waiting = new Map<number, number>()
  const counted = async <T>(accountId: number, work: () => Promise<T>): Promise<T> => {
    waiting.set(accountId, (waiting.get(accountId) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = (waiting.get(accountId) ?? 1) - 1
      if (left === 0) waiting.delete(accountId)
      else waiting.set(accountId, left)
    }
  }
  const isFull = (accountId: number) => (waiting.get(accountId) ?? 0) >= maxWaits
  return {
    async buyAndAwait({ accountId, patience }, buy) {
      if (patience === null) return buy(undefined)
      if (isFull(accountId)) return buy(undefined).catch(throwTooMany)
      const bought = await buy(patience.allocateS)
      if ('repeated' in bought || !bought.orders.some(isAllocating)) return bought
      // @NOTE others that were buying at the same time may be waiting by now
      const isLate = isFull(accountId)
      const settle = (order: Order) => settled(parts, order, isLate ? atOnce : patience)
      const orders = await counted(accountId, () => Promise.all(bought.orders.map(settle)))
      const standing = orders.filter((order) => isAllocating(order) || hasNumber(order))
      if (standing.length === 0) throw isLate ? tooMany() : refusal('out_of_stock')
      return { orders: standing }
    },
    async waitFor(accountId, work) {
      if (isFull(accountId)) throw tooMany()
      return counted(accountId, work)
    },
    async stand(accountId, orderIds, { waits, key }) {
      if (key && (await renewalFailed(parts, accountId, orderIds, key))) return false
      const isReplaced = key && (await replacementStands(parts, accountId, orderIds, key))
      if (typeof isReplaced === 'boolean') return isReplaced
      const orders = await Promise.all(orderIds.map((id) => parts.read(accountId, id)))
      if (orders.some(hasNumber)) return true
      if (!orders.some(isAllocating)) return false
      if (!waits) return true
      const now = parts.clock().getTime()
      return counted(accountId, async () => {
        const ended = await Promise.all(
          orders.map((order) => {
            const leftS = Math.max(0, ((order.allocateBy?.getTime() ?? now) - now) / 1000)
            return settled(parts, order, { allocateS: leftS, waitS: leftS })
          }),
        )
        return ended.some(hasNumber)
      })
    },
  }
}

/** Whether the renewal that an earlier request has asked a supplier for came to nothing.
 * @throws supply_pending if it is still asked for */
async function renewalFailed(
  { db }: Awaiting,
  accountId: number,
  [id]: readonly bigint[],
  key: string,
): Promise<boolean> {
  const [row] = await db.query<{ state: string }>(
    `select a.state from allocations a join orders o on o.id = a.order_id
      where a.order_id = $1 and a.purpose = 'renew' and a.once_key = $2 and o.account_id = $3
      order by a.id desc limit 1`,
    [id ?? null, key, accountId],
  )
  if (row && ['planned', 'asking', 'unknown'].includes(row.state))
    throw new DomainError(
      'supply_pending',
      'The order is being renewed. Look at it again shortly.',
      {
        retryAfterS,
      },
    )
  return row !== undefined && row.state !== 'got'
}

/** Whether the replacement that an earlier request has asked a supplier for has come, or may still come: it
 * is waited for. @returns undefined if there was none */
async function replacementStands(
  { db, clock, watch }: Awaiting,
  accountId: number,
  [id]: readonly bigint[],
  key: string,
): Promise<boolean | undefined> {
  if (id === undefined) return undefined
  for (;;) {
    const [row] = await db.query<{ replaced: boolean; until: Date | null }>(
      `select o.replaced_by is not null or bool_or(a.state = 'got') as replaced,
              max(a.allocate_by) filter (where a.state in ('planned', 'asking', 'unknown')) as until
         from allocations a join orders o on o.id = a.order_id
        where a.order_id = $1 and a.purpose = 'replace' and a.once_key = $2 and o.account_id = $3
        group by o.id, o.replaced_by`,
      [id, key, accountId],
    )
    const leftMs = (row?.until?.getTime() ?? 0) - clock().getTime()
    if (row === undefined) return undefined
    if (row.replaced || leftMs <= 0) return row.replaced
    await watch.next(id, Math.min(leftMs, lookMs), new AbortController().signal)
  }
}

const isAllocating = (order: Order) => order.state === 'allocating'

/** Whether the order has what was bought; orders of other kinds have no number at all. */
export const hasNumber = ({ kind, phone }: Pick<Order, 'kind' | 'phone'>): boolean =>
  phone !== null || (kind !== 'activation' && kind !== 'rental')

const tooMany = () =>
  new DomainError('rate_limited', `At most ${maxWaits} orders may wait for numbers at once.`, {
    retryAfterS,
    limit: maxWaits,
  })

function throwTooMany(error: unknown): never {
  if (!(error instanceof DomainError) || error.code !== 'out_of_stock') throw error
  throw tooMany()
}

/** The order once its number has come or it has failed. If it has neither when its time is over, or when this
 * node stops, it fails now: nobody waits for it any more. */
async function settled(parts: Awaiting, bought: Order, patience: Patience): Promise<Order> {
  if (!isAllocating(bought)) return bought
  const order = await nextState(parts, bought, patience.waitS)
  if (!isAllocating(order) || patience.waitS < patience.allocateS) return order
  await failAllocating(parts, order.id)
  return parts.read(order.accountId, order.id)
}

async function nextState({ watch, read }: Awaiting, bought: Order, waitS: number): Promise<Order> {
  const until = performance.now() + waitS * 1000
  for (;;) {
    const done = new AbortController()
    // @NOTE listen before the order is read, so that no change in between is missed
    const leftMs = Math.max(0, until - performance.now())
    const change = watch.next(bought.id, leftMs, done.signal)
    try {
      await watch.listening()
      const order = await read(bought.accountId, bought.id)
      if (!isAllocating(order)) return order
      if ((await change) === 'over') return await read(bought.accountId, bought.id)
    } finally {
      done.abort()
    }
  }
}

async function failAllocating({ db, clock, closers, changed }: Awaiting, id: bigint) {
  const failed = await db.begin(async (tx) => {
    const ids = await tx.query<{ id: bigint }>(
      `select o.id from orders o where o.id = $1 and o.state = 'allocating' for no key update`,
      [id],
    )
    return fail(tx, clock(), closers, {
      ids: ids.map((row) => row.id),
      reason: 'no number in time',
    })
  })
  failed.forEach(changed)
}
