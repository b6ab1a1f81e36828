// Reading our balance at a supplier.
import { parseAmount } from '../../core/money.ts'
import type { ClaimedBalance } from '../../core/supply/balances.ts'
import type { Ended } from '../../engine/work.ts'
import { converse } from '../conversation.ts'
import { endedBy } from './ended.ts'
import { type Peer, sender } from './peer.ts'

const timeoutMs = 10_000
const maxBarredS = 600

/** Asks for the balance, and records it. Operators are told if it is below its alarm. */
export async function checkBalance(peer: Peer, { claims, before }: ClaimedBalance): Promise<Ended> {
  const { app, supplier, upstream, settings } = peer
  const reading = await converse(upstream.balance(settings), sender(peer, timeoutMs))
  // One in another currency says nothing: `suppliers balance` tells the operator.
  const isOurs =
    reading.kind === 'balance' &&
    (reading.currency === null || reading.currency === settings.currency)
  const alarm = parseAmount(settings.alarm_balance ?? '')
  const told = isOurs ? { amount: reading.amount, decimals: reading.decimals, alarm } : null
  const barredS = Math.min(
    reading.kind === 'no' && reading.class === 'busy' ? (reading.retryAfterS ?? 0) : 0,
    maxBarredS,
  )
  const supplierId = supplier.id
  const recorded = await app.supply.recordBalance({ supplierId, claims, before, told, barredS })
  const trouble = `balance at ${supplier.name}`
  if (recorded?.isDry === false) app.troubles.worked(trouble)
  if (recorded?.isDry)
    app.troubles.failed({ trouble, who: `supplier ${supplier.name}`, facts: { is: 'low' } })
  return endedBy(reading)
}
