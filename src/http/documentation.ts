// The reference: /openapi.json, generated from the routes, and /docs, which shows it.
import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Asset, assetOf, sendAsset } from './asset.ts'
import { docsPage } from './docs-page.ts'
import { errorPages } from './error-pages.ts'
import { description } from './openapi/description.ts'
import { documentHooks } from './openapi/document.ts'

type Options = {
  /** Writes the document. */
  readonly write: () => Promise<string>
  /** Counts a request. It throws if there are too many. */
  readonly admit: (request: FastifyRequest) => Promise<void>
}

/** Serves the reference. Its document is written once, for the first request: most starts are restarts, whose
 * clients do not read it again. */
export function documentationRoutes(server: FastifyInstance, { write, admit }: Options) {
  let written: Promise<Asset> | undefined
  const document = () => {
    written ??= write().then((text) => assetOf('application/json; charset=utf-8', text))
    written.catch(() => {
      written = undefined
    })
    return written
  }
  server.register(async (scope) => {
    scope.addHook('onRequest', admit)
    scope.get('/openapi.json', { schema: { hide: true } }, async (request, reply) =>
      sendAsset(await document(), request, reply),
    )
    await docsPage(scope)
    errorPages(scope)
  })
}

/** Collects the routes that are then created on a server, for `server.swagger()`. */
export function describeRoutes(server: FastifyInstance, publicUrl: string | null) {
  server.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Numlet',
        version: '1',
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: publicUrl ?? '/' }],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An account’s API key.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-numlet',
            description:
              'The session of a browser (`POST /v1/session`). Over http on the server’s own machine the ' +
              'cookie is called `numlet`. What changes something needs an `Origin` of this server.',
          },
          staffKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'A key of the operator’s staff (`numlet staff keys create`).',
          },
          supplierSecret: {
            type: 'http',
            scheme: 'bearer',
            description: 'A supplier’s secret (`numlet suppliers create`).',
          },
        },
      },
    },
    ...documentHooks(),
  })
}
