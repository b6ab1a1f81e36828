// The reference: /openapi.json, made of the routes' own schemas, and /docs, which shows it.
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'

/** To be called before the routes are made. */
export function documentRoutes(server: FastifyInstance, options: { publicUrl: string | null }) {
  server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Numlet',
        version: '1',
        description:
          'Phone numbers by the order, and the one-time codes that arrive on them. JSON in snake_case; ' +
          'money as decimal strings with a currency beside them; times in ISO 8601, UTC.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: options.publicUrl ?? '/' }],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An API key.' },
        },
      },
      security: [{ key: [] }],
    },
    transform: createJsonSchemaTransform({ skipList: [] }),
    transformObject: jsonSchemaTransformObject,
  })
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
}
