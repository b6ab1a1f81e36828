// The reference: /openapi.json, generated from the routes, and /docs, which shows it.
import { createHash } from 'node:crypto'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { docsPage } from './docs-page.ts'
import { errorPages } from './error-pages.ts'
import { description } from './openapi/description.ts'
import { documentHooks } from './openapi/document.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Writes /openapi.json before it is requested: that holds the event loop for half a second. */
    writeDocument(): void
  }
}

/** Registers the reference. Call it before the routes are created. */
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
  // A megabyte that never changes while the server runs: written once.
  let written: ReturnType<typeof documentOf> | undefined
  const document = () => {
    written ??= documentOf(server)
    return written
  }
  server.decorate('writeDocument', () => void document())
  server.register(async (scope) => {
    scope.get('/openapi.json', { schema: { hide: true } }, async (request, reply) => {
      const written = document()
      reply.headers({ etag: written.etag, 'cache-control': 'no-cache' })
      if (request.headers['if-none-match']?.includes(written.etag)) return reply.code(304).send()
      return reply.type('application/json; charset=utf-8').send(written.text)
    })
  })
  server.register(docsPage)
  server.register(async (scope) => errorPages(scope))
}

function documentOf(server: FastifyInstance) {
  const text = JSON.stringify(server.swagger())
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22)
  return { text, etag: `"${hash}"` }
}
