// Names of environment variables: which of ours nobody reads, and which one was probably meant.
import { nearest } from './core/nearest.ts'

/** Set by our own tests, benchmarks and start script, and read by them. */
const ownTools = /^NUMLET_(?:TEST_|BENCH_|GUARD_FD$)/

/** A line for each `NUMLET_` variable that is set and not known. */
export function unknownNames(
  set: readonly string[],
  known: ReadonlySet<string>,
): readonly string[] {
  // The prefix, which all have in common, makes no two names alike; DATABASE_URL and PORT have none.
  const byEnd = new Map([...known].map((name) => [endOf(name), name]))
  return set
    .filter((name) => /^NUMLET_/i.test(name) && !known.has(name) && !ownTools.test(name))
    .map((name) => {
      const wanted = endOf(name).toUpperCase()
      const [end] = byEnd.has(wanted) ? [wanted] : nearest(wanted, byEnd.keys())
      const advice =
        end === undefined ? 'docs/operating.md lists them all' : `did you mean ${byEnd.get(end)}?`
      return `${name} is not a variable of Numlet: ${advice}`
    })
}

const endOf = (name: string) => name.replace(/^NUMLET_/i, '')
