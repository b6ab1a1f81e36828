// How a browser reaches this server, which decides whether and how it may hold a session.
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import { DomainError } from '../core/error.ts'
import type { PasskeySite } from '../core/people/passkey.ts'

/**
 * - `https`: also by a trusted proxy that says so;
 * - `loopback`: http on this machine, which browsers treat as secure;
 * - `plain`: http over a network, which others can read.
 */
export type Connection = 'https' | 'loopback' | 'plain'

export function connectionOf({ protocol, host }: FastifyRequest): Connection {
  if (protocol === 'https') return 'https'
  return isLoopback(host) ? 'loopback' : 'plain'
}

/** Whether a host names this machine: https://w3c.github.io/webappsec-secure-contexts/#localhost */
const isLoopback = (host: string) =>
  /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host)

const cookieNames = { https: '__Host-numlet', loopback: 'numlet' } as const

/** The token of a session, if the request has the cookie that belongs to its connection. */
export function sessionTokenOf(request: FastifyRequest): string | null {
  const connection = connectionOf(request)
  if (connection === 'plain') return null
  const name = cookieNames[connection]
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return null
}

/** The value of Set-Cookie that gives a browser a session, or with null takes it away.
 * @throws insecure_connection */
export function sessionCookie(
  request: FastifyRequest,
  session: { readonly token: string; readonly endsAt: Date; readonly now: Date } | null,
): string {
  const connection = safeConnection(request)
  const seconds =
    session === null ? 0 : Math.floor((session.endsAt.getTime() - session.now.getTime()) / 1000)
  return [
    `${cookieNames[connection]}=${session?.token ?? ''}`,
    'Path=/',
    `Max-Age=${seconds}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(connection === 'https' ? ['Secure'] : []),
  ].join('; ')
}

/** @throws insecure_connection if others could read what goes over the connection */
export function safeConnection(request: FastifyRequest): 'https' | 'loopback' {
  const connection = connectionOf(request)
  if (connection === 'plain')
    throw new DomainError(
      'insecure_connection',
      'Signing in needs https: over plain http others on the network could read your password. If a proxy ' +
        'in front of this server speaks https, its operator sets NUMLET_TRUST_PROXY.',
    )
  return connection
}

/**
 * Checks that a request which changes something comes from a page of ours: no other site may act with the
 * cookie of whoever looks at it. https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 * @param isStrict whether there must be an `Origin`, as with a cookie; without one a program may call, too
 * @throws origin_refused
 */
export function assertOwnPage(app: App, request: FastifyRequest, isStrict: boolean): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (site !== undefined && site !== 'same-origin') throw refused('another site')
  if (origin === undefined && !isStrict) return
  if (origin === undefined) throw refused('no page: the header Origin is missing')
  if (!isOwnOrigin(app, request, origin)) throw refused(origin.slice(0, 200))
}

const refused = (from: string) =>
  new DomainError(
    'origin_refused',
    `With a session, only this server’s own pages may change something; this came from ${from}.`,
  )

/** Whether an origin is ours: that of the request, or the public one.
 * @NOTE browsers write both headers, and no page can set them */
function isOwnOrigin(app: App, { protocol, host }: FastifyRequest, origin: string): boolean {
  const own = URL.parse(`${protocol}://${host}`)?.origin
  const published = app.config.publicUrl === null ? null : URL.parse(app.config.publicUrl)?.origin
  return origin === own || origin === published
}

/** The site that passkeys are bound to: the public one, or else that of the request.
 * @throws insecure_connection, invalid_request if it has no name */
export function passkeySite(app: App, request: FastifyRequest): PasskeySite {
  const url = siteUrl(app, request, safeConnection(request))
  // Browsers give passkeys to names, never to addresses.
  if (!url || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0)
    throw new DomainError(
      'invalid_request',
      'Passkeys belong to a name such as numlet.example.com, and this server is reached by an address. On ' +
        'this machine, open it as http://localhost.',
    )
  return { host: url.hostname, origin: url.origin }
}

/** The name of the site as browsers have it; null if there is none. */
export const siteHost = (app: App, request: FastifyRequest): string | null =>
  siteUrl(app, request, connectionOf(request))?.hostname ?? null

const siteUrl = (app: App, request: FastifyRequest, connection: Connection): URL | null =>
  URL.parse(
    app.config.publicUrl ?? `${connection === 'https' ? 'https' : 'http'}://${request.host}`,
  )

/**
 * The origin that links in mails begin with; null if there is none that can be trusted. A stranger chooses
 * the Host header, and so would choose where the link in a user's mail leads: without NUMLET_PUBLIC_URL only
 * a loopback host is taken, from a caller on this machine.
 */
export function mailOrigin(app: App, request: FastifyRequest): string | null {
  const { publicUrl } = app.config
  if (publicUrl !== null) return URL.parse(publicUrl)?.origin ?? null
  const peer = request.socket.remoteAddress ?? ''
  const isHere = /^(?:::ffff:)?127\./.test(peer) || peer === '::1'
  if (connectionOf(request) !== 'loopback' || !isHere) return null
  return `http://${request.host}`
}
