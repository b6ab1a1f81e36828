// Talks to a supplier: sends requests one after the other until there is a result.
import type { HttpRequest, Sent, Talk } from './upstream.ts'

/** Sends what a talk asks for, in its order. How long each request may take is decided by `send`. */
export async function converse<T>(
  talk: Talk<T>,
  send: (request: HttpRequest) => Promise<Sent>,
): Promise<T> {
  let current = talk
  for (;;) {
    const step = current.read(await send(current.request))
    if ('result' in step) return step.result
    current = step.next
  }
}
