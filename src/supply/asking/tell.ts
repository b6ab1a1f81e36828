// Telling a supplier what is to be done with a number, and recording what it answers.
import type { ClaimedCommand } from '../../core/supply/commands.ts'
import type { CommandVerdict as Recordable } from '../../core/supply/verdict.ts'
import type { Ended } from '../../engine/work.ts'
import { converse } from '../conversation.ts'
import type { CommandVerdict, No, OrderReading, Unknown } from '../upstream.ts'
import { endedBy } from './ended.ts'
import { type Peer, sender } from './peer.ts'
import { readOne, storeMessages, toReading } from './read.ts'

const timeoutMs = 10_000

/** Sends a command, and records the answer. One that the supplier does not know is decided by the number's
 * state. */
export async function tell(peer: Peer, command: ClaimedCommand): Promise<Ended> {
  const { commandId, claims, allocationId } = command
  const said = await send(peer, command)
  // A code may be the reason why the supplier refuses.
  if (said.kind === 'state' && said.reading.kind === 'order' && said.reading.order.sms.length > 0)
    await storeMessages(peer, await peer.app.supply.numberToldOf(allocationId), said.reading.order)
  await peer.app.supply.recordCommand({ commandId, claims, verdict: toRecordable(said) })
  return endedBy(said.kind === 'state' ? said.reading : said)
}

async function send(peer: Peer, { verb, ref }: ClaimedCommand): Promise<CommandVerdict> {
  const { upstream, settings } = peer
  if (!upstream.features(settings).commands.includes(verb))
    return { kind: 'state', reading: await readOne(peer, ref) }
  return converse(upstream.command(settings, { ref, verb }), sender(peer, timeoutMs))
}

function toRecordable(verdict: CommandVerdict): Recordable {
  if (verdict.kind === 'state') return ofReading(verdict.reading)
  return verdict.kind === 'no' || verdict.kind === 'unknown' ? withoutAnswer(verdict) : verdict
}

function ofReading(reading: OrderReading): Recordable {
  if (reading.kind === 'order') return { kind: 'state', reading: toReading(reading.order) }
  if (reading.kind === 'silent') return { kind: 'state', reading: { state: 'silent', cost: null } }
  return withoutAnswer(reading)
}

function withoutAnswer(reading: No | Unknown): Recordable {
  const { retryAfterS } = reading
  const why = reading.kind === 'no' ? reading.class : reading.why
  return { kind: 'no_answer', why, ...(retryAfterS === undefined ? {} : { retryAfterS }) }
}
