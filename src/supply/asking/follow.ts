// Following the stream of a supplier: each order that it names is read at once. One node of all follows it;
// where it goes on is kept, so that nothing is missed when another node does.
import type { ClaimedFeed } from '../../core/supply/feeds.ts'
import type { Ended } from '../../engine/work.ts'
import { retryAfterOf } from '../answers.ts'
import { followEvents } from '../event-stream.ts'
import type { Sent } from '../upstream.ts'
import type { Peer } from './peer.ts'

/** Longer than any pause between two signs of life. */
const idleMs = 60_000
const keepMs = 10_000
const maxCursorLength = 200
/** How long a stream rests that has ended, that was refused, and that does not exist. */
const restS = { ended: 2, refused: 60, missing: 600 } as const

/** Follows a supplier's stream until it ends, or somebody else is to go on. */
export async function followStream(
  peer: Peer,
  claimed: ClaimedFeed,
  stop: AbortSignal,
): Promise<Ended> {
  const { app, supplier, upstream, settings } = peer
  const request = upstream.stream(settings, claimed.cursor)
  if (!request) throw new Error(`supplier ${supplier.name} has no stream`)
  let { cursor } = claimed
  const lost = new AbortController()
  /** Hints are noted one after the other: the cursor is never beyond what was noted. */
  let noted = Promise.resolve()
  const keep = async () => {
    const isOurs = await app.supply.keepStream(supplier.id, { claims: claimed.claims, cursor })
    if (!isOurs || !(await isAsBefore(peer))) lost.abort()
  }
  const timer = setInterval(() => keep().catch(() => lost.abort()), keepMs)
  const note = async (id: string | null, data: string) => {
    const ref = upstream.hintedRef(data)
    if (ref !== null) await app.supply.hint(supplier.id, ref)
    if (id !== null && id.length <= maxCursorLength) cursor = id
  }
  const ended = await followEvents(request, {
    idleMs,
    signal: AbortSignal.any([stop, lost.signal]),
    now: app.now,
    ca: settings.ca,
    heard({ id, data }) {
      noted = noted.then(() => note(id, data))
      noted.catch(() => lost.abort())
    },
  })
  clearInterval(timer)
  // What could not be noted is heard again: the cursor stands before it.
  await noted.catch(() => undefined)
  await app.supply.endStream(supplier.id, claimed.claims, { cursor, ...restOf(ended) })
  return { outcome: stop.aborted ? 'given_back' : ended.kind, answered: null }
}

/** Whether the supplier may still be followed, with the same settings. */
async function isAsBefore({ app, supplier }: Peer): Promise<boolean> {
  const known = await app.suppliers.named(supplier.name)
  if (!known || known.state === 'off') return false
  const settingsOf = ({ config, secrets }: typeof known) => JSON.stringify([config, secrets])
  return settingsOf(known) === settingsOf(supplier)
}

/** How long it rests, and whether it goes on where it ended. */
function restOf(ended: Sent): { readonly restS: number; readonly cursor?: null } {
  if (ended.kind !== 'answered') return { restS: restS.ended }
  const { status } = ended.answer
  if (status === 404 || status === 405 || status === 501) return { restS: restS.missing }
  const told = Math.min(retryAfterOf(ended.answer) ?? restS.refused, restS.missing)
  // It may be the place that it does not know.
  return status === 400 || status === 410 || status === 422
    ? { restS: told, cursor: null }
    : { restS: told }
}
