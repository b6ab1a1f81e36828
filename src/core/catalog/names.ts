// What services and senders are called: the catalog's own, and all that other protocols have an id for.
import { protocolServiceNames, services } from './data/load.ts'

let known: readonly string[] | null = null

/** Every name once, as it is written. Sender ids that are numbers are not among them.
 * The tables are read once. */
export function knownNames(): readonly string[] {
  known ??= readNames()
  return known
}

function readNames(): readonly string[] {
  const ours = services.flatMap(({ name, senders }) => [name, ...senders])
  const names = [...ours, ...protocolServiceNames()].map((name) => name.trim())
  return [...new Set(names)].filter((name) => /\p{L}/u.test(name) || /^\d{1,4}$/.test(name))
}
