// The public origin of this server, on which links are built.
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'

/** The origin for links, without a trailing slash: the configured one, otherwise that of the request. */
export const originOf = (app: App, request: FastifyRequest): string =>
  (app.config.publicUrl ?? `${request.protocol}://${request.host}`).replace(/\/+$/, '')
