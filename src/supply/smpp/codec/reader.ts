// Reads PDUs from a stream of bytes, however it is cut. A length that no PDU has ends the stream, because
// nothing says where the next one begins.
import { type Decoded, decodePdu, headerBytes } from './pdu.ts'

/** Longer PDUs are refused. A message of 255 parts has 40 KB. */
export const maxPduBytes = 65_536

export type Received =
  | Decoded
  /** The stream cannot be read any further. */
  | { readonly kind: 'broken'; readonly reason: string }

export type PduReader = {
  /** Takes the next bytes of the stream. */
  push(chunk: Buffer): void
  /** The next PDU; null if its end has not come. After `broken` there is nothing more. */
  next(): Received | null
}

/** @NOTE memory is used for bytes that have come, never for those that a length announces */
export function pduReader(maxBytes = maxPduBytes): PduReader {
  let chunks: Buffer[] = []
  let held = 0
  let isBroken = false
  /** The first bytes, of one or several chunks. */
  const first = (count: number): Buffer => {
    const [chunk] = chunks
    if (chunk && chunk.length >= count) return chunk
    chunks = [Buffer.concat(chunks)]
    return chunks[0] as Buffer
  }
  const take = (count: number): Buffer => {
    const all = first(count)
    const rest = all.subarray(count)
    if (rest.length === 0) chunks.shift()
    else chunks[0] = rest
    held -= count
    return all.subarray(0, count)
  }
  let wanted: number | null = null
  return {
    push(chunk) {
      if (isBroken || chunk.length === 0) return
      chunks.push(chunk)
      held += chunk.length
    },
    next() {
      if (isBroken) return null
      if (wanted === null) {
        if (held < 4) return null
        wanted = first(4).readUInt32BE(0)
      }
      if (wanted < headerBytes || wanted > maxBytes) {
        isBroken = true
        chunks = []
        return { kind: 'broken', reason: `a PDU cannot have ${wanted} bytes` }
      }
      if (held < wanted) return null
      const frame = take(wanted)
      wanted = null
      return decodePdu(frame)
    },
  }
}
