// Messages between this process and its children: a header, a value, and raw bytes.
import { deserialize, serialize } from 'node:v8'

/** Two lengths: of the value, and of the bytes after it. */
const headBytes = 8

export type Frame = { readonly value: unknown; readonly bytes: Uint8Array }

/** @returns pieces to write in order; the bytes are not copied */
export function toFrame(value: unknown, bytes: Uint8Array = noBytes): Uint8Array[] {
  const packed = serialize(value)
  const head = Buffer.allocUnsafe(headBytes)
  head.writeUInt32LE(packed.length, 0)
  head.writeUInt32LE(bytes.length, 4)
  return bytes.length === 0 ? [head, packed] : [head, packed, bytes]
}

/** Reassembles frames from the pieces in which they arrive. */
export class FrameReader {
  #pieces: Buffer[] = []
  #held = 0
  #wanted = headBytes
  readonly #maxBytes: number

  /** @param maxBytes the maximum size of a frame: a header that announces more fails at once */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** @returns the frames that this piece completes @throws if a frame is larger than allowed */
  push(piece: Buffer): Frame[] {
    this.#pieces.push(piece)
    this.#held += piece.length
    const frames: Frame[] = []
    while (this.#held >= this.#wanted) {
      const whole = this.#joined()
      const valueBytes = whole.readUInt32LE(0)
      const size = headBytes + valueBytes + whole.readUInt32LE(4)
      if (size > this.#maxBytes) throw new Error('a message between processes is too large')
      this.#wanted = size
      if (whole.length < size) break
      frames.push({
        value: deserialize(whole.subarray(headBytes, headBytes + valueBytes)),
        bytes: whole.subarray(headBytes + valueBytes, size),
      })
      this.#keep(whole.subarray(size))
    }
    return frames
  }

  #joined(): Buffer {
    const [first] = this.#pieces
    const whole = first && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces)
    this.#pieces = [whole]
    return whole
  }

  #keep(rest: Buffer) {
    this.#pieces = rest.length > 0 ? [rest] : []
    this.#held = rest.length
    this.#wanted = headBytes
  }
}

const noBytes = new Uint8Array(0)
