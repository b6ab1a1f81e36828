// Remembering who may do what, without ever letting in one whose right has ended.
//
// A node may use its copies only while it knows them to be true: it looks at a version that everything that
// takes a right away counts up, many times a second, and trusts its copies for `trustMs` after the beginning
// of its last look. Who takes a right away waits a little longer than that after the commit (`settle`). So
// once a revocation has been answered no node uses an older copy; a node that cannot look asks each time.
// It needs no agreement between clocks.
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'

const trustMs = 250
const settleMs = trustMs + 20
const maxRemembered = 100_000

/** To be awaited after the commit of whatever takes a right away, before it is answered. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, settleMs))

export type AccessWatch = {
  /** Looks whether rights have changed. To be called more often than every 250 ms. */
  poll(): Promise<void>
  isTrusted(): boolean
  /** Counts up with each change that was seen. */
  generation(): number
}

export function accessWatch(db: Database): AccessWatch {
  let trustedUntil = 0
  let version: bigint | null = null
  let generation = 0
  return {
    isTrusted: () => performance.now() < trustedUntil,
    generation: () => generation,
    async poll() {
      const begun = performance.now()
      const [row] = await db.query<{ version: bigint }>('select version from access_version')
      if (row === undefined) throw new Error('the database has no row in access_version')
      if (row.version !== version) {
        version = row.version
        generation++
      }
      trustedUntil = begun + trustMs
    },
  }
}

/**
 * Looks rights up by the hash of a secret: from the copies while they are trusted, else in the database,
 * and then all that are asked for at the same time together. What is not there is never remembered.
 */
export function remembered<Right>(
  watch: AccessWatch,
  load: (hashes: Buffer[]) => Promise<(Right | undefined)[]>,
): (hash: Buffer) => Promise<Right | undefined> | Right {
  const find = gather<Buffer, Right | undefined>({ maxBatch: 500, maxRunning: 2, run: load })
  let copies = new Map<string, Right>()
  let generation = watch.generation()
  const lookUp = async (hash: Buffer, name: string) => {
    const begunAt = watch.generation()
    const right = await find(hash)
    // @NOTE what was read before a change was seen may be what the change has ended
    if (right !== undefined && begunAt === watch.generation() && copies.size < maxRemembered)
      copies.set(name, right)
    return right
  }
  return (hash) => {
    if (generation !== watch.generation()) {
      copies = new Map()
      generation = watch.generation()
    }
    const name = hash.toString('latin1')
    const copy = watch.isTrusted() ? copies.get(name) : undefined
    return copy ?? lookUp(hash, name)
  }
}
