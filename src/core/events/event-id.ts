// The public id of an event: its position in the order in which all readers see the events.
import type { Place } from './tail.ts'

/** `evt_<epoch>_<xid>_<id>`. Events from before the first epoch keep the id that they were told under,
 * `evt_<xid>_<id>`. */
export const toEventId = ({ epoch, xid, id }: Place) =>
  epoch === 0 ? `evt_${xid}_${id}` : `evt_${epoch}_${xid}_${id}`

/** The place of an event's id; null if it is not one. */
export function placeOfEventId(text: string): Place | null {
  const parts = /^evt_(?:(\d{1,9})_)?(\d{1,19})_(\d{1,18})$/.exec(text)
  if (!parts) return null
  const [, epoch = '0', xid, id] = parts as unknown as [string, string | undefined, string, string]
  return { epoch: Number(epoch), xid, id: BigInt(id) }
}
