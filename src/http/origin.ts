// Where the world finds us: what links are built on.
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'

/** The origin of our own links, without a slash at its end: as it is set, else as the client asked. */
export const originOf = (app: App, request: FastifyRequest): string =>
  (app.config.publicUrl ?? `${request.protocol}://${request.host}`).replace(/\/+$/, '')
