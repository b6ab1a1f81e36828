// Names of environment variables: which of ours nobody reads, and which one was probably meant.

/** Set by our own tests, benchmarks and start script, and read by them. */
const ownTools = /^NUMLET_(?:TEST_|BENCH_|GUARD_FD$)/

/** A line for each `NUMLET_` variable that is set and not known. */
export function unknownNames(
  set: readonly string[],
  known: ReadonlySet<string>,
): readonly string[] {
  return set
    .filter((name) => /^NUMLET_/i.test(name) && !known.has(name) && !ownTools.test(name))
    .map((name) => {
      const nearest = nearestName(name.toUpperCase(), known)
      const advice =
        nearest === null ? 'docs/operating.md lists them all' : `did you mean ${nearest}?`
      return `${name} is not a variable of Numlet: ${advice}`
    })
}

/** The known name that is alike; null when none is. */
function nearestName(name: string, known: ReadonlySet<string>): string | null {
  let best: { name: string; distance: number } | null = null
  for (const candidate of known) {
    if (!candidate.startsWith('NUMLET_')) continue
    const distance = editDistance(name, candidate)
    if (best === null || distance < best.distance) best = { name: candidate, distance }
  }
  // What is ours in both names does not make them alike.
  const differing = name.length - 'NUMLET_'.length
  return best !== null && best.distance <= Math.max(2, differing / 2) ? best.name : null
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    row = next
  }
  return row[b.length] as number
}
