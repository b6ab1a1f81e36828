// Caches access rights without ever admitting a caller whose right was revoked.
//
// A node uses its cached rights only while it knows them to be current. Everything that revokes a right
// increments a version. The node reads that version many times a second and trusts its cache for `trustMs`
// after the start of the last read. A revocation waits slightly longer than that after its commit
// (`revocationKnown`). So once a revocation is answered, no node uses an older copy. A node that cannot read
// the version asks the database for each request. No clock synchronisation is needed.
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'

const trustMs = 250
const revocationMs = trustMs + 20
const maxRemembered = 100_000

/** Await this after the commit of a revocation, before answering the request. */
export const revocationKnown = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, revocationMs))

export type AccessWatch = {
  /** Checks whether rights have changed. Call it more often than every 250 ms. */
  poll(): Promise<void>
  isTrusted(): boolean
  /** Increases with each change that was seen. */
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
 * Looks up rights by the hash of a secret: from the cache while it is trusted, otherwise in the database.
 * Concurrent database lookups are combined into one query. Missing entries are never cached.
 */
export function remembered<Right>(
  watch: AccessWatch,
  load: (hashes: Buffer[]) => Promise<(Right | undefined)[]>,
): (hash: Buffer) => Promise<Right | undefined> | Right {
  const find = gather<Buffer, Right | undefined>({
    name: 'keys',
    maxBatch: 500,
    maxRunning: 2,
    run: load,
  })
  let copies = new Map<string, Right>()
  let generation = watch.generation()
  const lookUp = async (hash: Buffer, name: string) => {
    const begunAt = watch.generation()
    const right = await find(hash)
    // @NOTE what was read before a change was seen may be what the change has revoked
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
