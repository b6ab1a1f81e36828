// `Idempotency-Key` on a POST: the request runs once, and a repeat gets the same response.
// draft-ietf-httpapi-idempotency-key-header
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import {
  type FirstAnswer,
  isRepeated,
  type Once,
  onceFor,
  type Repeated,
} from '../core/idempotency/idempotency.ts'
import { callerOf } from './dialect.ts'

export type Answer = { readonly status: number; readonly body: unknown }

export type OnceWork<T extends object> = {
  /** Calls the verb. `once` is null if the request has no key. */
  readonly run: (once: Once | null) => Promise<T | Repeated>
  readonly render: (result: T) => Answer | Promise<Answer>
  /** Builds the response again if the process died before the first one was kept. */
  readonly renderAgain: (first: FirstAnswer) => Promise<Answer>
  /** The part of the response to keep, if it contains something that is shown only once. */
  readonly toKeep?: (answer: Answer) => Answer
  /** The request's identity, if the body alone does not define it. */
  readonly identity?: unknown
}

const maxRounds = 5

/** Answers a POST, running it once per Idempotency-Key.
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
  // A trailing slash does not make it a different request.
  const path = (request.url.split('?', 1)[0] as string).replace(/\/+$/, '')
  const once = onceFor(String(header), request.method, path, work.identity ?? request.body)
  return app.idempotency.during(accountId, once, async () => {
    for (let round = 0; round < maxRounds; round++) {
      const first = await app.idempotency.firstAnswer(accountId, once)
      if (first && !(await stands(app, accountId, once, first))) {
        await app.idempotency.forget(accountId, once, first)
        continue
      }
      if (first) {
        reply.header('idempotency-replayed', 'true')
        return send(reply, await repeat(await settled(app, accountId, once, first), work))
      }
      const result = await work.run(once)
      // @NOTE another node is using the key now; if its request is refused, ours is tried again
      if (isRepeated(result)) continue
      const answer = await work.render(result)
      await app.idempotency.saveAnswer(accountId, once, work.toKeep?.(answer) ?? answer)
      return send(reply, answer)
    }
    throw new Error('an idempotency key was repeatedly taken and released')
  })
}

/** Whether something stands of a first request. A purchase whose response was not kept may still be waiting
 * for its number, or have got none. */
async function stands(
  app: App,
  accountId: number,
  { key }: Once,
  first: FirstAnswer,
): Promise<boolean> {
  const { status, subjectKind, subjectIds } = first
  if (status !== null || subjectKind !== 'order' || subjectIds.length === 0) return true
  return app.orders.stand(accountId, subjectIds, { waits: true, key })
}

/** What a first request has come to meanwhile: a key of a replacement stands for the old order at first. */
async function settled(app: App, accountId: number, once: Once, first: FirstAnswer) {
  if (first.status !== null) return first
  return (await app.idempotency.firstAnswer(accountId, once)) ?? first
}

async function repeat<T extends object>(first: FirstAnswer, work: OnceWork<T>): Promise<Answer> {
  if (first.status !== null) return { status: first.status, body: first.body }
  return work.renderAgain(first)
}

function send(reply: FastifyReply, answer: Answer): void {
  reply.code(answer.status).send(answer.body)
}
