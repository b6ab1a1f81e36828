// The id of an event as the world sees it: its place in the order in which all readers see the events.
import type { Place } from './tail.ts'

/** `evt_<xid>_<id>` */
export const toEventId = ({ xid, id }: Place) => `evt_${xid}_${id}`
