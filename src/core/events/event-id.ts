// The public id of an event: its position in the order in which all readers see the events.
import type { Place } from './tail.ts'

/** `evt_<xid>_<id>` */
export const toEventId = ({ xid, id }: Place) => `evt_${xid}_${id}`
