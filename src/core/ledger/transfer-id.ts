// Ids of ledger transfers. The id is the idempotency key: the same id moves money only once.
import { createHash, randomBytes } from 'node:crypto'

let pool = Buffer.alloc(0)
let used = 0

/** A new id that sorts by time (UUID version 7, RFC 9562), so that its index grows at one end. */
export function newTransferId(now: Date): string {
  if (used + 10 > pool.length) {
    pool = randomBytes(4096)
    used = 0
  }
  const random = pool.toString('hex', used, used + 10)
  used += 10
  const time = now.getTime().toString(16).padStart(12, '0')
  const variant = ((Number.parseInt(random.slice(3, 4), 16) & 3) | 8).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
}

/** The id derived from a name, always the same (UUID version 8, RFC 9562). */
export function transferIdFor(...name: (string | number | bigint)[]): string {
  const hash = createHash('sha256').update(name.join('\u0000')).digest()
  hash[6] = ((hash[6] as number) & 0x0f) | 0x80
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
