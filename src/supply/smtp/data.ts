// A mail's bytes as they come in: within what room there is, and not slower than a byte at a time.
import type { SMTPServerDataStream } from 'smtp-server'

/** Bytes of mails that are on their way in, from the first byte until they are stored. */
export class Room {
  readonly #totalBytes: number
  readonly #bySource = new Map<string, number>()
  #usedBytes = 0

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes
  }

  /** @param sources none of them may have more than a quarter of all */
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

/** What one mail holds of the room. */
export type Lease = {
  /** @returns false where there is no room for so many more */
  take(bytes: number): boolean
  release(): void
}

export type Pace = {
  /** The whole mail. */
  readonly mailMs: number
  /** Each stretch of this length must bring so many bytes, or the end. */
  readonly stretchMs: number
  readonly bytesAStretch: number
}

export const pace: Pace = { mailMs: 300_000, stretchMs: 20_000, bytesAStretch: 10_000 }

/** A mail of countless lines that begin with a dot: each of them arrives by itself. */
export class TooManyPieces extends Error {}
const maxSmallPieces = 20_000
const smallPieceBytes = 40
const firstBytes = 64 * 1024

/**
 * Reads a mail to its end.
 * @returns null when it was too large, or came when there was no room: then it was not kept
 * @throws TooManyPieces; Error when the sender went away or took too long
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
    const slow = () => stream.destroy(new Error('the mail came too slowly'))
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
    if (stream.destroyed) return done(() => reject(new Error('the sender went away')))
    stream.on('data', (chunk: Uint8Array) => {
      seen += chunk.length
      if (++pieces > maxSmallPieces && seen < pieces * smallPieceBytes)
        stream.destroy(new TooManyPieces('it comes in too many pieces'))
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
    stream.once('close', () => done(() => reject(new Error('the mail ended before its end'))))
  })
}

function grown(bytes: Uint8Array, size: number): Uint8Array {
  const larger = new Uint8Array(size)
  larger.set(bytes)
  return larger
}
