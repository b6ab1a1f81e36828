// Recording what a supplier answered.
import type { ClaimedAsk } from '../../core/supply/asks.ts'
import type { AskVerdict as Recordable } from '../../core/supply/verdict.ts'
import type { AskVerdict } from '../upstream.ts'
import type { Peer } from './peer.ts'

/** The supplier does not know a request that it left unanswered. */
type Absent = { readonly kind: 'no'; readonly class: 'absent' }

export async function record(
  { app }: Peer,
  { allocationId, claims }: Pick<ClaimedAsk, 'allocationId' | 'claims'>,
  verdict: AskVerdict | Absent,
): Promise<void> {
  await app.supply.recordAnswer({ allocationId, claims, verdict: toRecordable(verdict) })
}

function toRecordable(verdict: AskVerdict | Absent): Recordable {
  if (verdict.kind !== 'number') return verdict
  return { ...verdict, operator: verdict.operator?.toLowerCase() ?? null }
}
