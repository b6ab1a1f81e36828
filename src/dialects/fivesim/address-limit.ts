// How often an address may ask what needs no key: as often as a key may ask everything else.

import { isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { rateLimiter } from '../../http/rate-limit.ts'

/** A hook for calls without a key. @throws rate_limited */
export function addressLimit(app: App): (request: FastifyRequest) => Promise<void> {
  const limiter = rateLimiter(app.takeRequests)
  return async (request) => {
    const limit = app.config.rateLimit
    if (limit === 0) return
    const name = `address ${networkOf(request.ip)}`
    const { exceeded, resetS } = await limiter(name, limit, app.now())
    if (exceeded)
      throw new DomainError('rate_limited', `An address may ask ${limit} times a minute.`, {
        retryAfterS: resetS,
        limit,
      })
  }
}

/** Whom an address stands for: itself, or the /64 that a single IPv6 customer has to himself. */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined || !isIPv6(plain)) return mapped ?? plain
  const [head = '', tail] = plain.toLowerCase().split('::', 2)
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':')
}
