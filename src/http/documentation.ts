// The reference: /openapi.json, generated from the routes, and /docs, which shows it.
import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Asset, assetOf, sendAsset } from './asset.ts'
import { docsPage } from './docs-page.ts'
import { errorPages } from './error-pages.ts'
import { description } from './openapi/description.ts'
import { documentHooks } from './openapi/document.ts'

type Options = {
  readonly publicUrl: string | null
  /** Counts a request. It throws if there are too many. */
  readonly admit: (request: FastifyRequest) => Promise<void>
}

/** Registers the reference. Call it before the routes are created. */
export function documentRoutes(server: FastifyInstance, options: Options) {
  server.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Numlet',
        version: '1',
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: options.publicUrl ?? '/' }],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An account’s API key.' },
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
  // Written once, for the first request: most starts are restarts, whose clients do not read it again.
  let written: Promise<Asset> | undefined
  const document = () => {
    written ??= assetOf('application/json; charset=utf-8', JSON.stringify(server.swagger()))
    return written
  }
  server.register(async (scope) => {
    scope.addHook('onRequest', options.admit)
    scope.get('/openapi.json', { schema: { hide: true } }, async (request, reply) =>
      sendAsset(await document(), request, reply),
    )
    await docsPage(scope)
    errorPages(scope)
  })
}
