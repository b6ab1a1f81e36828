// Large responses that are the same for many readers: built once for all who wait, in pieces, as bytes.
//
// A request never gets data that was read before it arrived, so no response is stale. Responses are built one
// after the other, with pauses in between: however many readers there are, they use only part of one core.
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'

type Answer = { readonly body: Buffer; readonly etag: string }

/** The longest time that one piece may hold the event loop. */
const pieceMs = 5
/** A build that takes less is not followed by a pause. */
const quickMs = 20
/** The pause is this many times as long as the build, so builds take a quarter of the time. */
const pauseFactor = 3
const longestPauseMs = 1_000

export type ShareAnswer = (
  request: FastifyRequest,
  reply: FastifyReply,
  /** Everything that the response depends on. */
  name: readonly unknown[],
  make: () => Promise<object>,
) => Promise<FastifyReply>

/** Returns a function that answers with JSON, shared with all requests for the same data at that time. */
export function shareAnswers(): ShareAnswer {
  const toCome = new Map<string, Promise<Answer>>()
  let last: Promise<unknown> = Promise.resolve()
  const share = (name: string, make: () => Promise<object>): Promise<Answer> => {
    const known = toCome.get(name)
    if (known) return known
    let tookMs = 0
    const answer = last.then(async () => {
      // Requests from here on need data that is read later.
      toCome.delete(name)
      const begun = performance.now()
      try {
        return await answerOf(await make())
      } finally {
        tookMs = performance.now() - begun
      }
    })
    toCome.set(name, answer)
    const rest = () =>
      tookMs > quickMs ? pause(Math.min(longestPauseMs, tookMs * pauseFactor)) : null
    last = answer.then(rest, rest)
    return answer
  }
  return async (request, reply, name, make) => {
    const { body, etag } = await share(JSON.stringify(name), make)
    reply.headers({ etag, vary: 'authorization' })
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache')
    if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send()
    return reply.type('application/json; charset=utf-8').send(body)
  }
}

async function answerOf(value: object): Promise<Answer> {
  const body = Buffer.from(await jsonOf(value))
  const hash = createHash('sha1').update(body).digest('base64url')
  return { body, etag: `"${hash}"` }
}

/** Serialises JSON field by field, yielding to the event loop in between. */
async function jsonOf(value: object): Promise<string> {
  const isList = Array.isArray(value)
  const pieces: string[] = []
  let begun = performance.now()
  for (const [name, field] of Object.entries(value)) {
    const text = JSON.stringify(field)
    if (text !== undefined) pieces.push(isList ? text : `${JSON.stringify(name)}:${text}`)
    if (performance.now() - begun < pieceMs) continue
    await turn()
    begun = performance.now()
  }
  return isList ? `[${pieces.join(',')}]` : `{${pieces.join(',')}}`
}

/** Iterates over a long list, yielding to the event loop in between. */
export async function inPieces<T>(list: readonly T[], each: (one: T) => void): Promise<void> {
  let begun = performance.now()
  for (const [index, one] of list.entries()) {
    each(one)
    if (index % 100 !== 0 || performance.now() - begun < pieceMs) continue
    await turn()
    begun = performance.now()
  }
}
