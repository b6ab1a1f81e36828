// `Idempotency-Key` on a POST: done once, answered the same again.
// draft-ietf-httpapi-idempotency-key-header
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import {
  type FirstAnswer,
  firstAnswer,
  isRepeated,
  type Once,
  onceFor,
  type Repeated,
  saveAnswer,
} from '../core/idempotency/idempotency.ts'
import { callerOf } from './dialect.ts'

export type Answer = { readonly status: number; readonly body: unknown }

export type OnceWork<T extends object> = {
  /** Calls the verb; `once` is null when the request carries no key. */
  readonly run: (once: Once | null) => Promise<T | Repeated>
  readonly render: (result: T) => Answer | Promise<Answer>
  /** Writes the answer again where the first one was lost with its process. */
  readonly renderAgain: (first: FirstAnswer) => Promise<Answer>
  /** What is kept of the answer, where it holds something that is shown only once. */
  readonly toKeep?: (answer: Answer) => Answer
  /** What was asked for, where the body alone does not say it. */
  readonly asked?: unknown
}

const maxRounds = 5

/** Answers a POST, once for each Idempotency-Key.
 * @throws idempotency_conflict, idempotency_running, and what the verb throws */
export async function answerOnce<T extends object>(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  work: OnceWork<T>,
): Promise<void> {
  const { accountId } = callerOf(request)
  const header = request.headers['idempotency-key']
  if (header === undefined) {
    const result = (await work.run(null)) as T
    return send(reply, await work.render(result))
  }
  // A trailing slash makes no other request.
  const path = (request.url.split('?', 1)[0] as string).replace(/\/+$/, '')
  const once = onceFor(String(header), request.method, path, work.asked ?? request.body)
  return app.running.during(accountId, once, async () => {
    for (let round = 0; round < maxRounds; round++) {
      const first = await firstAnswer(app.db, accountId, once)
      if (first) {
        reply.header('idempotency-replayed', 'true')
        return send(reply, await repeat(first, work))
      }
      const result = await work.run(once)
      // @NOTE used by another node at this moment; if that request was refused, ours is tried again
      if (isRepeated(result)) continue
      const answer = await work.render(result)
      await saveAnswer(app.db, app.now(), accountId, once, work.toKeep?.(answer) ?? answer)
      return send(reply, answer)
    }
    throw new Error('an idempotency key was taken and given back again and again')
  })
}

async function repeat<T extends object>(first: FirstAnswer, work: OnceWork<T>): Promise<Answer> {
  if (first.status !== null) return { status: first.status, body: first.body }
  return work.renderAgain(first)
}

function send(reply: FastifyReply, answer: Answer): void {
  reply.code(answer.status).send(answer.body)
}
