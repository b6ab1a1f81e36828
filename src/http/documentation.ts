// The reference: /openapi.json, made of the routes themselves, and /docs, which shows it.
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { docsPage } from './docs-page.ts'
import { errorPages } from './error-pages.ts'
import { description } from './openapi/description.ts'
import { documentHooks } from './openapi/document.ts'

/** Registers the reference. To be called before the routes are made. */
export function documentRoutes(server: FastifyInstance, options: { publicUrl: string | null }) {
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
  server.register(async (scope) => {
    scope.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
  })
  server.register(docsPage)
  server.register(async (scope) => errorPages(scope))
}
