// Asking a supplier for a number, and looking for what became of a request without an answer.
import type { ClaimedAsk, ClaimedLookUp } from '../../core/supply/asks.ts'
import { productOf } from '../../core/supply/product.ts'
import type { Ended } from '../../engine/work.ts'
import { converse } from '../conversation.ts'
import type { Ask, AskVerdict, NoClass } from '../upstream.ts'
import { endedBy } from './ended.ts'
import { findInList } from './find.ts'
import { type Peer, sender } from './peer.ts'
import { record } from './record.ts'
import { renewFor } from './renew.ts'

/** Sends a request, once, and records what was answered. */
export async function askFor(peer: Peer, ask: ClaimedAsk): Promise<Ended> {
  const { app, supplier, upstream, settings } = peer
  const { renewal } = ask
  if (renewal !== null)
    return renewFor(peer, { ...ask, renewal }, { mayAsk: true, isLookUp: false })
  const begun = performance.now()
  const verdict = await converse(
    upstream.ask(settings, toAsk(peer, ask)),
    sender(peer, ask.timeoutMs),
  )
  const ended = endedBy(verdict)
  app.measured.asked(supplier.name, ended.outcome, (performance.now() - begun) / 1000)
  tellOfKey(peer, verdict)
  await record(peer, ask, verdict)
  return ended
}

/** Tells operators of a supplier that refuses our key or our account: it is paused from then on. */
function tellOfKey({ app, supplier }: Peer, verdict: AskVerdict): void {
  const trouble = `key at ${supplier.name}`
  if (verdict.kind === 'number') app.troubles.worked(trouble)
  else if (verdict.kind === 'no' && verdict.class === 'key')
    app.troubles.failed({ trouble, who: `supplier ${supplier.name}`, facts: { is: 'refused' } })
}

/** Asks the supplier what became of a request, and records what was found. */
export async function lookFor(peer: Peer, lookUp: ClaimedLookUp): Promise<Ended> {
  const { upstream, settings } = peer
  const { mayAskAgain, renewal } = lookUp
  if (renewal !== null)
    return renewFor(peer, { ...lookUp, renewal }, { mayAsk: mayAskAgain, isLookUp: true })
  const talk = upstream.lookUp(settings, { ask: toAsk(peer, lookUp), mayAskAgain })
  if (talk === null) {
    await record(peer, lookUp, { kind: 'unknown', why: 'it cannot be looked up' })
    return { outcome: 'not_asked', answered: null }
  }
  const found = await converse(talk, sender(peer, lookUp.timeoutMs))
  if (found.kind === 'listed') await findInList(peer, lookUp, found.list)
  else await record(peer, lookUp, ofTheAsk(found))
  return endedBy(found)
}

/** What says nothing of the ask that is looked for: the look-up itself was refused, or never arrived. */
const refusesLookUps: readonly NoClass[] = ['key', 'busy', 'unreached']

/** What a look-up found, whatever its kind makes of a refusal. */
function ofTheAsk(found: AskVerdict): AskVerdict {
  if (found.kind !== 'no' || !refusesLookUps.includes(found.class)) return found
  const { retryAfterS } = found
  const why = 'the look-up was refused'
  return { kind: 'unknown', why, ...(retryAfterS === undefined ? {} : { retryAfterS }) }
}

const toAsk = (
  { ownId }: Peer,
  { product, requestKey, maxCost, unwanted, via, again, timeoutMs }: ClaimedAsk,
): Ask => ({
  product: productOf(product),
  requestKey,
  maxPrice: maxCost,
  exceptPrefixes: unwanted,
  again,
  passage: { via: [...via, ownId], deadlineS: Math.max(1, Math.floor(timeoutMs / 1000)) },
})
