// Buying: one number, or several together, at the current price.
import type { Database, Queryable } from '../../../db/database.ts'
import { isBusy } from '../../../db/errors.ts'
import { gather } from '../../../db/gather.ts'
import { actingKey, cappedKey } from '../../accounts/acting-key.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import { DomainError } from '../../error.ts'
import type { Repeated } from '../../idempotency/idempotency.ts'
import { lockWallets } from '../../ledger/ledger.ts'
import { maxQuantity, type Order } from '../order.ts'
import { asideLanes } from './aside.ts'
import { boughtOrder, buyLines, type Line, refusalOf } from './lines.ts'
import type { OrderTerms, Purchase, Selection } from './selection.ts'

/** The orders bought, or the record of an earlier request with the same idempotency key. */
export type Bought = { readonly orders: readonly Order[] } | Repeated

const maxLinesACall = 200

/**
 * Buys for many callers at once: concurrent purchases share one transaction. Those whose wallet or stock is
 * locked by another transaction step aside and wait by themselves.
 *
 * The returned function throws the errors of `refusals` (out_of_stock, insufficient_balance, ...), and
 * invalid_request for a quantity that is not 1 to 20.
 */
export function buyer(
  db: Database,
  terms: OrderTerms,
  limits: () => DefaultLimits,
): (now: Date, purchase: Purchase) => Promise<Bought> {
  const aside = asideLanes<Party, Answer>((parties) => buyAside(db, terms, limits(), parties))
  // @NOTE one call at a time: two would wait for each other's stock locks, and each would carry half as much
  const buyShared = gather<Party, Answer | 'locked'>({
    name: 'purchases',
    maxBatch: maxLinesACall,
    maxRunning: 1,
    run: (parties) =>
      buyGathered(db, terms, limits(), parties).catch((error) => {
        if (!isBusy(error)) throw error
        // One of them met locked stock, and it is not known which.
        for (const { purchase } of parties) aside.suspect(stockKey(purchase))
        return parties.map(() => 'locked' as const)
      }),
  })
  const answerFor = async (party: Party): Promise<Answer> => {
    const key = stockKey(party.purchase)
    const answer = aside.isSuspect(key) ? 'locked' : await buyShared(party)
    if (answer === 'locked') return aside.buy(key, party)
    if (answer.lines[0]?.outcome !== 'wallet_locked') return answer
    return aside.buy(`account ${party.purchase.accountId}`, party)
  }
  return async (now, purchase) => {
    if (purchase.quantity < 1 || purchase.quantity > maxQuantity)
      throw new DomainError('invalid_request', `The quantity must be 1 to ${maxQuantity}.`, {
        fields: [{ pointer: '/quantity', detail: `must be 1 to ${maxQuantity}` }],
      })
    const { at, lines } = await answerFor({ now, purchase: withKeys(purchase) })
    const [line] = lines
    if (line === undefined) throw new Error('buy_activations answered nothing')
    if (line.outcome === 'repeated') return { repeated: true }
    if (line.outcome !== 'bought') throw refusalOf(line)
    return { orders: lines.map((line) => boughtOrder(line, at, terms, purchase)) }
  }
}

const withKeys = (purchase: Purchase): Purchase => ({
  ...purchase,
  keyId: actingKey(),
  cappedKeyId: cappedKey(),
})

type Party = { readonly now: Date; readonly purchase: Purchase }
type Answer = { readonly at: Date; readonly lines: Line[] }

/** Purchases with the same key take from the same stock. */
const stockKey = ({ selection: s }: Purchase) =>
  ['stock', s.serviceId, s.country, s.operatorId, s.pool, s.offerId, s.area].join(' ')

/** Buys as `buyGathered`, but waits for locked wallets and stock, for as long as a session may. */
function buyAside(
  db: Database,
  terms: OrderTerms,
  limits: DefaultLimits,
  parties: readonly Party[],
): Promise<Answer[]> {
  return db.begin(async (tx) => {
    await lockWallets(
      tx,
      parties.map(({ purchase }) => purchase.accountId),
    )
    return buyGathered(tx, terms, limits, parties)
  })
}

async function buyGathered(
  db: Database | Queryable,
  terms: OrderTerms,
  limits: DefaultLimits,
  parties: readonly Party[],
): Promise<Answer[]> {
  const now = new Date(Math.max(...parties.map((party) => party.now.getTime())))
  const lines = parties
    .map(({ purchase }, party) => ({ party, ...purchase }))
    // @NOTE concurrent calls lock stock in the same order, and so do not deadlock
    .sort((a, b) => stockOrder(a.selection, b.selection))
    .flatMap((line) => Array.from({ length: line.quantity }, () => line))
  const rows = await buyLines(db, now, terms, limits, lines)
  const answers: Line[][] = parties.map(() => [])
  for (const row of rows) answers[row.party]?.push(row)
  return answers.map((lines) => ({ at: now, lines }))
}

function stockOrder(a: Selection, b: Selection): number {
  return (
    (a.serviceId ?? 0) - (b.serviceId ?? 0) ||
    (a.country ?? '').localeCompare(b.country ?? '') ||
    (a.offerId ?? 0) - (b.offerId ?? 0)
  )
}
