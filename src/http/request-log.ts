// Notes the requests that are made with a key, for the request log of their account.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import { loggedPath } from '../core/request-log/line.ts'

/** Notes requests that were answered. One without a valid key is in nobody's log. */
export const requestNotes =
  (app: App, dialect: string) =>
  (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { caller } = request
    if (caller?.kind === 'key')
      app.requestLog.note(caller.accountId, () => ({
        accountId: caller.accountId,
        keyId: caller.id,
        dialect,
        method: request.method,
        path: pathOf(request),
        status: reply.statusCode,
        ms: reply.elapsedTime,
        requestId: request.id,
        address: request.ip,
        at: app.now(),
      }))
    done()
  }

function pathOf({ params, query, url }: FastifyRequest): string {
  const { number } = params as { readonly number?: string }
  return loggedPath(url, number, actionIn(query))
}

/** What is called, in protocols whose calls all have the same path. */
function actionIn(query: unknown): string | null {
  const action = (query as { readonly action?: unknown } | null)?.action
  return typeof action === 'string' && /^[A-Za-z]\w{0,40}$/.test(action) ? action : null
}
