// Rate limits: per key, per account over all its keys, and per address without a key.
import { isIPv6 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import type { Principal } from '../core/accounts/principal.ts'
import { rateWindowS } from '../core/accounts/rate-windows.ts'
import { DomainError } from '../core/error.ts'
import type { Person } from '../core/people/person.ts'
import { type RateState, rateLimiter } from './rate-limit.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How many requests an expensive call counts as. */
    weigh?: (request: FastifyRequest) => number
  }
}

/** An account may make this many times the limit of one key, however many keys it has. */
const keysWorth = 5
/** A session may make this many times the limit of a key: a page asks for several things at once. */
const sessionWorth = 10

/** A dialect: the platform's limit holds for it, or its own if its document names one. */
type Rated = { readonly name: string; readonly rateLimit?: number }

export type Rates = {
  /** Counts a request of a key (or session) and of its account. @throws rate_limited */
  ofCaller(
    dialect: Rated,
    caller: Principal,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void>
  /** Counts a request of somebody who is signed in, that is about no account. @throws rate_limited */
  ofPerson(person: Person, request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts a request with a staff key. @throws rate_limited */
  ofStaff(keyId: number, request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts a request that needs no key. @throws rate_limited */
  ofAddress(dialect: Rated, request: FastifyRequest): Promise<void>
  /** Counts a request for the documentation. @throws rate_limited */
  ofReader(request: FastifyRequest): Promise<void>
  /** Counts a request with a missing or wrong key or secret. @throws rate_limited */
  ofStranger(request: FastifyRequest): Promise<void>
}

/** Counts requests for all servers together. NUMLET_RATE_LIMIT=0 switches everything off. */
export function countRates(app: App): Rates {
  const limiter = rateLimiter(app.access.takeRequests)
  const prefixOf = ({ name, rateLimit }: Rated) => (rateLimit === undefined ? '' : `${name} `)
  const limitOf = ({ rateLimit }: Rated) =>
    app.config.rateLimit === 0 ? 0 : (rateLimit ?? app.config.rateLimit)
  const take = (name: string, limit: number, request: FastifyRequest) =>
    limiter(name, limit, app.now(), request.routeOptions.config.weigh?.(request) ?? 1)
  const ofMany = async (
    whose: 'key' | 'session',
    name: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => {
    const limit = app.config.rateLimit * sessionWorth
    if (limit === 0) return
    const state = await take(`${whose} ${name}`, limit, request)
    showRate(reply, whose, state)
    if (state.exceeded)
      throw limited(`Rate limit exceeded. Maximum ${limit} requests per minute.`, state)
  }
  return {
    async ofCaller(dialect, { kind, id, accountId }, request, reply) {
      const limit = limitOf(dialect) * (kind === 'session' ? sessionWorth : 1)
      if (limit === 0) return
      const prefix = prefixOf(dialect)
      const own = await take(`${prefix}${kind} ${id}`, limit, request)
      if (own.exceeded) {
        showRate(reply, kind, own)
        throw limited(`Rate limit exceeded. Maximum ${limit} requests per minute.`, own)
      }
      const most = limit * keysWorth
      const all = kind === 'session' ? 'account by sessions' : 'account'
      const account = await take(`${prefix}${all} ${accountId}`, most, request)
      const isAccountNearer = account.exceeded || account.remaining < own.remaining
      if (isAccountNearer) showRate(reply, 'account', account)
      else showRate(reply, kind, own)
      if (account.exceeded)
        throw limited(`All ${kind}s of an account may make ${most} requests per minute.`, account)
    },
    ofPerson: ({ sessionId }, request, reply) =>
      ofMany('session', String(sessionId), request, reply),
    ofStaff: (keyId, request, reply) => ofMany('key', `of staff ${keyId}`, request, reply),
    async ofAddress(dialect, request) {
      const limit = limitOf(dialect)
      if (limit === 0) return
      const name = `${prefixOf(dialect)}address ${networkOf(request.ip)}`
      const state = await take(name, limit, request)
      if (state.exceeded)
        throw limited(`An address may make ${limit} requests per minute without a key.`, state)
    },
    async ofReader(request) {
      const limit = app.config.rateLimit
      if (limit === 0) return
      const state = await limiter(`reader ${networkOf(request.ip)}`, limit, app.now())
      if (state.exceeded) throw limited(`An address may read ${limit} documents per minute.`, state)
    },
    async ofStranger(request) {
      const limit = app.config.rateLimit
      if (limit === 0) return
      const state = await limiter(`stranger ${networkOf(request.ip)}`, limit, app.now())
      if (state.exceeded)
        throw limited(`An address may send ${limit} wrong keys per minute.`, state)
    },
  }
}

function showRate(reply: FastifyReply, whose: 'key' | 'session' | 'account', state: RateState) {
  reply.header('ratelimit-policy', `"${whose}";q=${state.limit};w=${rateWindowS}`)
  reply.header('ratelimit', `"${whose}";r=${state.remaining};t=${state.resetS}`)
}

const limited = (message: string, { resetS, limit }: RateState) =>
  new DomainError('rate_limited', message, { retryAfterS: resetS, limit })

/** What an address counts as: itself, or the /64 that one IPv6 customer has. */
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
