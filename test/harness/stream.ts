// A client of a stream of events, which keeps what it is told.
import { expect, onTestFinished } from 'vitest'

export type Told = { id: string; type: string; timestamp: string; data: Record<string, unknown> }

/** Opens a stream and keeps what it tells. */
export async function listen(
  at: { url: string },
  key: string,
  path: string,
  headers: Record<string, string> = {},
) {
  const gone = new AbortController()
  onTestFinished(() => gone.abort())
  const response = await fetch(`${at.url}${path}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
    signal: gone.signal,
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const told: Told[] = []
  const state = { isOpen: true }
  const read = async () => {
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      const parts = text.split('\n\n')
      text = parts.pop() as string
      for (const part of parts) {
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (data === undefined) continue
        const event = JSON.parse(data) as Told
        expect(part).toContain(`id: ${event.id}\nevent: ${event.type}\n`)
        told.push(event)
      }
    }
  }
  void read()
    .catch(() => undefined)
    .finally(() => {
      state.isOpen = false
    })
  return {
    told,
    state,
    /** What was told, once that many events are there. */
    async until(count: number) {
      await expect.poll(() => told.length, { timeout: 20_000, interval: 10 }).toBe(count)
      return told
    },
    stop: () => gone.abort(),
  }
}
