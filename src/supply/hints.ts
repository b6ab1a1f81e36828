// GET and POST /api/supply/NAME/TOKEN: another platform says that something has changed. Whatever comes is
// answered with 200, and moves nothing: the number that it names is read at once.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app.ts'
import { hashOf } from '../core/accounts/key.ts'
import type { RouteReference } from '../http/openapi/reference.ts'
import { isSame } from './signatures.ts'
import type { SupplierKind } from './supplier.ts'

const reference: RouteReference = {
  answers: {
    200: {
      description: 'Whatever was sent.',
      examples: [{ summary: 'Without a body', value: '' }],
      contentTypes: ['text/plain'],
    },
  },
  failures: [],
}

const schema = {
  tags: ['Supply'],
  description:
    'Give the platform this URL; `numlet suppliers add` prints it once. A call has the number that it ' +
    'names read at once. It is always answered with 200, also if the token is wrong or nothing is named.',
  params: z.object({
    name: z.string().meta({ description: 'The supplier’s name.', examples: ['my-platform'] }),
    token: z.string().meta({ description: 'The supplier’s token.', examples: ['nlh_...'] }),
  }),
  response: { 200: z.string() },
}

type KindNamed = (name: string) => SupplierKind | undefined

export function hintRoutes(plain: FastifyInstance, app: App, kindNamed: KindNamed): void {
  const take = hintTaker(app, kindNamed)
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const summary = 'Receive a platform’s hint'
  const requests = [{ summary: 'As the platform sends it', value: { activationId: 12_345 } }]
  scope.post(
    '/:name/:token',
    {
      config: { scope: null, reference: { ...reference, requests } },
      schema: {
        ...schema,
        operationId: 'receiveHint',
        summary,
        body: z.unknown().meta({
          id: 'PlatformHint',
          description: 'As described in the platform’s documentation, of any content type.',
        }),
      },
    },
    async (request, reply) => {
      const text = Buffer.isBuffer(request.body) ? request.body.toString() : ''
      await take(request, request.params, text)
      return reply.header('content-type', 'text/plain').send('')
    },
  )
  scope.get(
    '/:name/:token',
    {
      config: { scope: null, reference },
      exposeHeadRoute: false,
      schema: {
        ...schema,
        operationId: 'receiveHintByQuery',
        summary: `${summary} by its query`,
      },
    },
    async (request, reply) => {
      const start = request.url.indexOf('?')
      const query = new URLSearchParams(start < 0 ? '' : request.url.slice(start + 1))
      await take(request, request.params, JSON.stringify(Object.fromEntries(query)))
      return reply.header('content-type', 'text/plain').send('')
    },
  )
}

type Called = { readonly name: string; readonly token: string }

const hintTaker =
  (app: App, kindNamed: KindNamed) =>
  async (request: FastifyRequest, { name, token }: Called, text: string): Promise<void> => {
    try {
      const supplier = await app.suppliers.named(name)
      const upstream = supplier && kindNamed(supplier.kind)?.upstream
      if (!upstream || !supplier.hookTokenHash || supplier.state === 'off') return
      if (!isSame(hashOf(token).toString('hex'), supplier.hookTokenHash.toString('hex'))) return
      const ref = upstream.hintedRef(text)
      if (ref !== null) await app.supply.hint(supplier.id, ref)
    } catch (error) {
      // A hint that is lost costs nothing: its number is read in its turn.
      app.troubles.caught(`hint ${request.id}`, error, { isIncident: true })
    }
  }
