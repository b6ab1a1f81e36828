// Server-sent events of a supplier: the text of a stream, in whatever pieces it arrives, as events.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
import { streamed } from './http-client.ts'
import type { HttpRequest, Sent } from './upstream.ts'

export type StreamEvent = {
  /** After which the stream can be continued; null: neither the event nor one before it had any. */
  readonly id: string | null
  readonly data: string
}

/** An order with many messages has some 2 MB. */
const maxEventLength = 4_000_000

export type Following = {
  /** The stream ends if nothing comes for so long, not even a comment. */
  readonly idleMs: number
  readonly signal: AbortSignal
  readonly now: () => Date
  readonly ca?: string | undefined
  /** Is called for each event, in their order. */
  readonly heard: (event: StreamEvent) => void
}

/** Follows a stream until it ends. It never throws.
 * @returns why it ended; an answer if it is none of a stream */
export function followEvents(request: HttpRequest, following: Following): Promise<Sent> {
  const reader = eventReader()
  const heard = (piece: string) => {
    for (const event of reader.read(piece)) following.heard(event)
    return reader.pendingLength() <= maxEventLength
  }
  return streamed(request, { ...following, heard })
}

export type EventReader = {
  /** The events that are complete with this piece. */
  read(piece: string): StreamEvent[]
  /** The length of the event that is not complete. */
  pendingLength(): number
}

/** Reads a stream from its beginning. */
export function eventReader(): EventReader {
  let line = ''
  let id: string | null = null
  let data: string[] = []
  /** @returns the event that the line completes */
  const take = (whole: string): StreamEvent[] => {
    if (whole === '') {
      const event = { id, data: data.join('\n') }
      const isThere = data.length > 0
      data = []
      return isThere ? [event] : []
    }
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(whole) ?? []
    if (name === 'id' && !value.includes('\u0000')) id = value
    if (name === 'data') data.push(value)
    return []
  }
  return {
    read(piece) {
      // A carriage return at the end may be half of a line's end.
      const lines = (line + piece).split(/\r\n|\n|\r(?!$)/)
      line = lines.pop() ?? ''
      return lines.flatMap(take)
    },
    pendingLength: () => data.reduce((sum, one) => sum + one.length, line.length),
  }
}
