// Names of environment variables: finds unknown `NUMLET_` variables and suggests the one that was meant.
import { nearest } from './core/nearest.ts'

/** Set and read by our own tests, benchmarks and start script. */
const ownTools = /^NUMLET_(?:TEST_|BENCH_|GUARD_FD$)/

/** One line for each unknown `NUMLET_` variable that is set. */
export function unknownNames(
  set: readonly string[],
  known: ReadonlySet<string>,
): readonly string[] {
  // The common prefix does not make names similar; DATABASE_URL and PORT do not have it.
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
