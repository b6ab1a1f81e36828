// A mail's bytes as they come in, within what room there is.
import type { SMTPServerDataStream } from 'smtp-server'

/** Bytes that all connections together may hold. */
export type Room = { left: number }

/**
 * Reads a mail to its end.
 * @returns null when it was too large, or came when there was no room: then it was not kept
 * @throws when the sender went away or took too long
 */
export async function readMail(
  stream: SMTPServerDataStream,
  room: Room,
  limitMs: number,
): Promise<Uint8Array | null> {
  let chunks: Uint8Array[] = []
  let held = 0
  let isDropped = false
  const release = () => {
    chunks = []
    room.left += held
    held = 0
  }
  const timer = setTimeout(() => stream.destroy(new Error('the mail came too slowly')), limitMs)
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (isDropped) continue
      held += chunk.length
      room.left -= chunk.length
      chunks.push(chunk)
      isDropped = stream.sizeExceeded || room.left < 0
      if (isDropped) release()
    }
    return isDropped ? null : joined(chunks)
  } finally {
    clearTimeout(timer)
    release()
  }
}

/** In memory of its own, which can be handed to another thread as it is. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
