// The public origin of this server, on which links are built.
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import { isHost } from './proxies.ts'

/** The origin for links, without a trailing slash: the configured one, otherwise that of the request. It is
 * empty if the request's Host header is malformed: the links are then relative. */
export function originOf(app: App, { protocol, host }: FastifyRequest): string {
  const { publicUrl } = app.config
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '')
  return isHost(host) ? `${protocol}://${host}` : ''
}
