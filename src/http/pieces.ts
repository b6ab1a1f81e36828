// Long loops in pieces: other requests are answered in between.
import { performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'

/** The longest time that one piece may hold the event loop. */
const pieceMs = 5
/** Reading the clock costs more than most steps of a loop. */
const stepsBetweenLooks = 50

/** Iterates over a long list, yielding to the event loop in between. */
export async function inPieces<T>(list: readonly T[], each: (one: T) => void): Promise<void> {
  let begun = performance.now()
  for (const [index, one] of list.entries()) {
    each(one)
    if (index % stepsBetweenLooks !== 0 || performance.now() - begun < pieceMs) continue
    await turn()
    begun = performance.now()
  }
}

/** Groups a long list by a key, in pieces; the groups are in the order of their first members. */
export async function groupInPieces<T, Key>(
  list: readonly T[],
  keyOf: (one: T) => Key,
): Promise<Map<Key, T[]>> {
  const groups = new Map<Key, T[]>()
  await inPieces(list, (one) => {
    const key = keyOf(one)
    const known = groups.get(key)
    if (known) known.push(one)
    else groups.set(key, [one])
  })
  return groups
}

/** Serialises JSON field by field, in pieces. */
export async function jsonInPieces(value: object): Promise<string> {
  const isList = Array.isArray(value)
  const pieces: string[] = []
  let begun = performance.now()
  for (const [name, field] of Object.entries(value)) {
    const text = JSON.stringify(field)
    if (text !== undefined) pieces.push(isList ? text : `${JSON.stringify(name)}:${text}`)
    if (performance.now() - begun < pieceMs) continue
    await turn()
    begun = performance.now()
  }
  return isList ? `[${pieces.join(',')}]` : `{${pieces.join(',')}}`
}
