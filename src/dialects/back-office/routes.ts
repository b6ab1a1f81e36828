// The operator's API, /v1/admin, for programs with a staff key. See docs/api/sessions.md and the reference at
// /docs.
//
//   POST   /accounts/:id/sign-in-links   Create a sign-in link
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { linkUrl } from '../../core/people/links.ts'
import { mailOrigin } from '../../http/connection.ts'
import type { Dialect } from '../../http/dialect.ts'
import { staffOf } from '../../http/guards.ts'
import { failures } from '../../http/problem.ts'
import { refuseUnknownQueryKeys } from '../../http/strict-query.ts'

const exampleToken = '0V5nqU3yS1mJm0cH8sQdXo1C7c2b6Jw4uTgLkE9pRzA'

const tags = [
  {
    name: 'Operators',
    description:
      'For the operator’s own programs, with a staff key (`numlet staff keys create`). No key and no ' +
      'session of a customer opens it.',
  },
]

const signInLinksRoute = {
  config: {
    scope: null,
    staffScope: 'sign-in-links',
    reference: {
      answers: {
        201: {
          description: 'The link. It is not shown again.',
          examples: [
            {
              summary: 'A link',
              value: {
                url: linkUrl('https://numlet.example.com', 'sign_in', exampleToken),
                expires_at: '2026-11-20T09:45:00.000Z',
              },
            },
          ],
        },
      },
      failures: ['forbidden', 'rate_limited', 'not_found', 'public_url_missing'],
      requests: [
        { summary: 'For the owner', value: {} },
        { summary: 'For a member', value: { email: 'kim@example.com' } },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'createSignInLink',
    tags: ['Operators'],
    summary: 'Create a sign-in link',
    description:
      'Makes a link that signs a member of the account in, once and within 15 minutes, for a site that has ' +
      'users of its own. If nobody belongs to the account yet, the user is created as its owner.',
    params: z.object({
      id: z
        .string()
        .max(100)
        .meta({ description: 'The account’s id.', examples: ['acc_3f9a2c1d7e8'] }),
    }),
    body: z.strictObject({
      email: z
        .string()
        .min(3)
        .max(254)
        .optional()
        .meta({
          description: 'The member. By default, the address of the account.',
          examples: ['kim@example.com'],
        }),
    }),
    response: { 201: z.object({ url: z.string(), expires_at: z.string() }) },
  },
}

export const admin: Dialect = {
  name: 'back-office',
  prefix: '/v1/admin',
  territory: '/v1/admin',
  isStrict: true,
  failures,
  reference: { tags, security: 'staffKey' },
  routes(plain: FastifyInstance, app: App) {
    plain.addHook('onRoute', refuseUnknownQueryKeys)
    const scope = plain.withTypeProvider<ZodTypeProvider>()
    scope.post('/accounts/:id/sign-in-links', signInLinksRoute, async (request, reply) => {
      const origin = mailOrigin(app, request)
      if (origin === null)
        throw new DomainError(
          'public_url_missing',
          'This server cannot make links: its operator has to set NUMLET_PUBLIC_URL.',
        )
      const id = app.ids.fromToken('acc', request.params.id)
      if (id === null || id > 2n ** 31n - 1n)
        throw new DomainError('not_found', 'There is no such account.')
      const { token, endsAt } = await app.staff.linkIntoAccount(staffOf(request), {
        accountId: Number(id),
        email: request.body.email ?? null,
      })
      reply.code(201).header('cache-control', 'no-store')
      return { url: linkUrl(origin, 'sign_in', token), expires_at: endsAt.toISOString() }
    })
  },
}
