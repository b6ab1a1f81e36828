// /v1/export and DELETE /v1/account: everything of an account as a file, and closing it.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { ExportRecord } from '../../core/leaving/export.ts'
import { ownedBy } from '../../core/people/team.ts'
import { sessionCookie } from '../../http/connection.ts'
import { findPerson, personOf } from '../../http/guards.ts'
import * as examples from './examples.ts'
import { withFactor } from './for-person.ts'

/** How many records are sent before it is looked whether the session still may. */
const recordsALook = 1_000

const exportRoute = {
  config: withFactor({
    answers: {
      200: {
        description:
          'A JSON object a line. The last one has the type `end`; without it the file is not whole.',
        contentTypes: ['application/x-ndjson'],
        examples: [
          {
            summary: 'The first line and the last',
            value:
              '{"type":"account","id":"acc_0k9x2m4p7qz","email":"qa@example.com","name":"QA"}\n' +
              '{"type":"end","records":1,"exported_at":"2026-11-20T09:30:00.000Z"}\n',
          },
        ],
      },
    },
    failures: ['forbidden', 'account_suspended', 'second_factor_required'],
  }),
  schema: {
    operationId: 'exportAccount',
    tags: ['Account'],
    summary: 'Get everything of the account',
    description:
      'Returns everything of the account: people, keys, orders, messages, deposits, transactions, webhooks ' +
      'and requests, without secrets. For owners who are signed in.',
    response: { 200: z.string() },
  },
}

const closeRoute = {
  config: withFactor({
    answers: { 204: { description: 'The account is closed. You are signed out.', examples: [] } },
    failures: ['forbidden', 'account_suspended', 'second_factor_required', 'account_in_use'],
  }),
  schema: {
    operationId: 'closeAccount',
    tags: ['Account'],
    summary: 'Delete the account',
    description:
      'Closes the account for good. Its keys, its webhooks, and people who belong to no other account are ' +
      'deleted at once, and texts, notes and requests within minutes; records of money stay. It must have ' +
      'no open order, no open deposit and no balance. For owners who are signed in.',
    querystring: z.strictObject({
      confirm: z
        .string()
        .max(100)
        .meta({
          description: 'The id of the account, as a confirmation.',
          examples: [examples.account.id],
        }),
    }),
    response: { 204: z.null() },
  },
}

export function leavingRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/export', exportRoute, async (request, reply) => {
    const records = app.leaving.exportFor(personOf(request))
    // A failure at the beginning is answered as one; a later one breaks the connection.
    const first = await records.next()
    reply.headers({
      'cache-control': 'private, no-store',
      'content-disposition': 'attachment; filename="account.ndjson"',
      'x-content-type-options': 'nosniff',
    })
    const lines = Readable.from(linesOf(app, request, first, records))
    return reply.type('application/x-ndjson; charset=utf-8').send(lines as unknown as string)
  })

  scope.delete('/account', closeRoute, async (request, reply) => {
    await app.leaving.close(personOf(request), request.query.confirm)
    reply.header('set-cookie', sessionCookie(request, null))
    return reply.code(204).send(null)
  })
}

async function* linesOf(
  app: App,
  request: FastifyRequest,
  first: IteratorResult<ExportRecord>,
  rest: AsyncGenerator<ExportRecord>,
) {
  if (!first.done) yield `${JSON.stringify(first.value)}\n`
  let sent = 1
  for await (const record of rest) {
    yield `${JSON.stringify(record)}\n`
    // @NOTE the session may have ended since
    if (++sent % recordsALook === 0) ownedBy((await findPerson(app, request)) ?? personOf(request))
  }
}
