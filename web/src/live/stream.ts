// Reads the account's stream of events with fetch, which shows the statuses that EventSource hides.
import { failureOf } from '../api/failure.ts'

export type LiveEvent = {
  readonly id: string
  readonly type: string
  readonly timestamp: string
  readonly data: unknown
}

/** A proxy that keeps the answer back lets not even its first line through. */
const firstByteMs = 5_000
/** The server sends a comment every 15 seconds. */
const silenceMs = 40_000

/** The stream does not come through: ask for changes instead. */
export class Buffered extends Error {}

/** Reads until the stream ends.
 * @param after the last event that is known
 * @throws Buffered where nothing comes through @throws Failure where it is refused */
export async function readStream(
  after: string | null,
  signal: AbortSignal,
  on: { opened: () => void; event: (event: LiveEvent) => void },
): Promise<void> {
  const over = new AbortController()
  const stop = () => over.abort()
  signal.addEventListener('abort', stop)
  let hasBegun = false
  let timer = setTimeout(stop, firstByteMs)
  try {
    const response = await fetch('/v1/events', {
      headers: { accept: 'text/event-stream', ...(after ? { 'last-event-id': after } : {}) },
      cache: 'no-store',
      signal: over.signal,
    })
    if (!response.ok || !response.body) throw await failureOf(response)
    const lines = lineReader((block) => {
      const event = eventIn(block)
      if (event) on.event(event)
    })
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      if (!hasBegun) on.opened()
      hasBegun = true
      clearTimeout(timer)
      timer = setTimeout(stop, silenceMs)
      lines(value)
    }
  } catch (error) {
    if (over.signal.aborted && !signal.aborted && !hasBegun) throw new Buffered()
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    over.abort()
  }
}

/** Collects text until a blank line ends an event. */
function lineReader(onBlock: (block: string) => void) {
  let rest = ''
  return (text: string) => {
    rest += text.replaceAll('\r\n', '\n')
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) onBlock(block)
  }
}

function eventIn(block: string): LiveEvent | null {
  const data = block
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart())
  return data.length === 0 ? null : (JSON.parse(data.join('\n')) as LiveEvent)
}
