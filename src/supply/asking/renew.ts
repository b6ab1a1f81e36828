// Asking a supplier to renew a rental, and finding out what became of a request without an answer.
import type { ClaimedAsk } from '../../core/supply/asks.ts'
import type { Ended } from '../../engine/work.ts'
import { converse } from '../conversation.ts'
import type { RenewalVerdict } from '../upstream.ts'
import { endedBy } from './ended.ts'
import { type Peer, sender } from './peer.ts'

/** Sends a renewal, or looks for one, and records the answer.
 * @param how.isLookUp whether it was asked for before: a refusal of every request says nothing of the first
 * one */
export async function renewFor(
  peer: Peer,
  ask: ClaimedAsk & { readonly renewal: NonNullable<ClaimedAsk['renewal']> },
  how: { readonly mayAsk: boolean; readonly isLookUp: boolean },
): Promise<Ended> {
  const { app, upstream, settings } = peer
  const { allocationId, claims, requestKey, renewal } = ask
  const { ref, durationS } = renewal
  const endsAt = new Date(renewal.endsAt)
  const talk = upstream.renew(settings, {
    ...{ ref, requestKey, endsAt, durationS, maxPrice: ask.maxCost, mayAsk: how.mayAsk },
  })
  const said: RenewalVerdict =
    talk === null
      ? { kind: 'no', class: 'name' }
      : await converse(talk, sender(peer, ask.timeoutMs))
  const isOfAll = said.kind === 'no' && ['key', 'busy', 'unreached', 'dry'].includes(said.class)
  const verdict =
    how.isLookUp && isOfAll ? ({ kind: 'unknown', why: 'it could not be repeated' } as const) : said
  await app.supply.recordRenewal({ allocationId, claims, verdict })
  return endedBy(said as Parameters<typeof endedBy>[0])
}
