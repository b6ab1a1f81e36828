// The pools of one process: for requests, for jobs, and for what must never wait behind either.
import type { ConnectionCounts } from './connections.ts'
import { type Database, type DatabaseOptions, openDatabase } from './database.ts'
import { isJob, sharesOf } from './shares.ts'

/** Health and metrics use one, the tail of the events the other. */
const watchConnections = 2

export type Pools = {
  /** The work of requests, in shares for reads and writes. A job's statements go to the jobs' own pool. */
  readonly db: Database
  /** For readiness, metrics, the tail and the node's own refreshes. */
  readonly watch: Database
  /** What the pools are doing, by kind of work. */
  counts(): Readonly<Record<'requests' | 'jobs' | 'watch', ConnectionCounts>>
  end(): Promise<void>
}

export type PoolsOptions = Omit<DatabaseOptions, 'kind' | 'shares' | 'onTrouble'> & {
  readonly onTrouble?: (kind: string, trouble: Error | null) => void
}

/** Opens all pools. Jobs get half as many connections as requests; they are made only where jobs run. */
export function openPools(options: PoolsOptions): Pools {
  const { poolSize, onTrouble } = options
  const told = (kind: 'requests' | 'jobs' | 'watch') => ({
    kind,
    onTrouble: (trouble: Error | null) => onTrouble?.(kind, trouble),
  })
  const shares = sharesOf(poolSize)
  const requests = openDatabase({ ...options, ...told('requests'), shares })
  const jobsSize = Math.max(2, Math.ceil(poolSize / 2))
  const jobs = openDatabase({ ...options, ...told('jobs'), poolSize: jobsSize })
  const watch = openDatabase({ ...options, ...told('watch'), poolSize: watchConnections })
  const all = [requests, jobs, watch]
  const own = () => (isJob() ? jobs : requests)
  const end = async () => {
    await Promise.all(all.map((one) => one.end()))
  }
  return {
    db: {
      query: (text, values) => own().query(text, values),
      once: (text, values) => own().once(text, values),
      begin: (work) => own().begin(work),
      snapshot: (work) => own().snapshot(work),
      outside: (text) => own().outside(text),
      end,
    },
    watch,
    counts: () => ({ requests: requests.counts(), jobs: jobs.counts(), watch: watch.counts() }),
    end,
  }
}
