// Large answers that are the same for many readers: made once for all who wait, piece by piece, and as bytes.
//
// Nobody is given what was read before he asked, so no answer is stale. Answers are made one after the other,
// with pauses in between: however many readers there are, they cost a part of one core.
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'

type Answer = { readonly body: Buffer; readonly etag: string }

/** How long one piece may keep the event loop. */
const pieceMs = 5
/** What takes less is followed by no pause. */
const quickMs = 20
/** A pause is so many times as long as the making was: answers take a fourth of the time. */
const pauseFactor = 3
const longestPauseMs = 1_000

export type ShareAnswer = (
  request: FastifyRequest,
  reply: FastifyReply,
  /** Everything that the answer depends on. */
  name: readonly unknown[],
  make: () => Promise<object>,
) => Promise<FastifyReply>

/** Returns a function that answers a request with JSON, shared with all who ask for the same meanwhile. */
export function shareAnswers(): ShareAnswer {
  const toCome = new Map<string, Promise<Answer>>()
  let last: Promise<unknown> = Promise.resolve()
  const share = (name: string, make: () => Promise<object>): Promise<Answer> => {
    const known = toCome.get(name)
    if (known) return known
    let tookMs = 0
    const answer = last.then(async () => {
      // Who asks from here on wants what is read later.
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

/** JSON, written field by field with turns of the event loop in between. */
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

/** Goes through a long list with turns of the event loop in between. */
export async function inPieces<T>(list: readonly T[], each: (one: T) => void): Promise<void> {
  let begun = performance.now()
  for (const [index, one] of list.entries()) {
    each(one)
    if (index % 100 !== 0 || performance.now() - begun < pieceMs) continue
    await turn()
    begun = performance.now()
  }
}
