// Reading an email's bytes: within the available memory, and with a minimum speed.
import type { SMTPServerDataStream } from 'smtp-server'

/** The memory of emails in transit, from the first byte until they are stored. */
export class Room {
  readonly #totalBytes: number
  readonly #bySource = new Map<string, number>()
  #usedBytes = 0

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes
  }

  /** @param sources none of them may use more than a quarter of the total */
  lease(sources: readonly string[]): Lease {
    let held = 0
    return {
      take: (bytes) => {
        const share = this.#totalBytes / 4
        const isFull =
          this.#usedBytes + bytes > this.#totalBytes ||
          sources.some((source) => (this.#bySource.get(source) ?? 0) + bytes > share)
        if (isFull) return false
        held += bytes
        this.#add(sources, bytes)
        return true
      },
      release: () => {
        this.#add(sources, -held)
        held = 0
      },
    }
  }

  #add(sources: readonly string[], bytes: number) {
    this.#usedBytes += bytes
    for (const source of sources) {
      const used = (this.#bySource.get(source) ?? 0) + bytes
      if (used > 0) this.#bySource.set(source, used)
      else this.#bySource.delete(source)
    }
  }
}

/** The memory that one email uses. */
export type Lease = {
  /** @returns false if there is no room for this many more */
  take(bytes: number): boolean
  release(): void
}

export type Pace = {
  /** The time limit of the whole email. */
  readonly mailMs: number
  /** Each period of this length must bring this many bytes, or the end. */
  readonly stretchMs: number
  readonly bytesAStretch: number
}

export const pace: Pace = { mailMs: 300_000, stretchMs: 20_000, bytesAStretch: 10_000 }

/** An email with countless lines that begin with a dot: each of them arrives as a separate piece. */
export class TooManyPieces extends Error {}
const maxSmallPieces = 20_000
const smallPieceBytes = 40
const firstBytes = 64 * 1024

/**
 * Reads an email to its end.
 * @returns null if it was too large, or there was no room: then it was discarded
 * @throws TooManyPieces; Error if the sender disconnected or was too slow
 */
export function readMail(
  stream: SMTPServerDataStream,
  lease: Lease,
  limits: Pace,
): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    let kept: Uint8Array | null = new Uint8Array(0)
    let length = 0
    let pieces = 0
    let seen = 0
    let seenBefore = 0
    const drop = () => {
      kept = null
      lease.release()
    }
    const slow = () => stream.destroy(new Error('the email arrived too slowly'))
    const whole = setTimeout(slow, limits.mailMs)
    const stretch = setInterval(() => {
      if (seen - seenBefore < limits.bytesAStretch) slow()
      seenBefore = seen
    }, limits.stretchMs)
    const done = (settle: () => void) => {
      clearTimeout(whole)
      clearInterval(stretch)
      settle()
    }
    if (stream.destroyed) return done(() => reject(new Error('the sender disconnected')))
    stream.on('data', (chunk: Uint8Array) => {
      seen += chunk.length
      if (++pieces > maxSmallPieces && seen < pieces * smallPieceBytes)
        stream.destroy(new TooManyPieces('it arrives in too many pieces'))
      if (kept === null) return
      if (stream.sizeExceeded) return drop()
      if (length + chunk.length > kept.length) {
        const larger = Math.max(firstBytes, kept.length * 2, length + chunk.length)
        if (!lease.take(larger - kept.length)) return drop()
        kept = grown(kept, larger)
      }
      kept.set(chunk, length)
      length += chunk.length
    })
    stream.once('end', () => done(() => resolve(kept?.subarray(0, length) ?? null)))
    stream.once('error', (error) => done(() => reject(error)))
    stream.once('close', () => done(() => reject(new Error('the email was cut off'))))
  })
}

function grown(bytes: Uint8Array, size: number): Uint8Array {
  const larger = new Uint8Array(size)
  larger.set(bytes)
  return larger
}
