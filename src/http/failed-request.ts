// Answering a failed request in the form of its dialect.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import { isUnavailable } from '../db/errors.ts'
import { type Failure, isChallenge, toFailure } from './failure.ts'
import type { FailureForm } from './openapi/reference.ts'
import type { Rates } from './rates.ts'
import { withRetryAfter } from './retry-after.ts'

/** The part of a dialect that failures need. */
type Dialect = { readonly name: string; readonly failures: FailureForm }

/** For logs and metrics only: the client is gone. nginx uses the same number. */
const clientClosedRequest = 499

/** Whether the client closed the connection before it had sent the whole request. */
const isBrokenOff = ({ raw }: FastifyRequest) => raw.destroyed && !raw.complete

export async function failWith(
  app: App,
  dialect: Dialect,
  rates: Rates,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  if (isBrokenOff(request)) {
    app.log.debug({ request: request.id, dialect: dialect.name }, 'the client hung up')
    return reply.code(clientClosedRequest).hijack()
  }
  const failure = await judge(rates, error, request)
  if (failure.code === 'internal_error')
    app.log.error({ err: error, request: request.id, dialect: dialect.name }, failure.code)
  // The request id of each 503 is in the lines of level debug.
  if (isUnavailable(error)) app.troubles.caught('requests', error)
  return answer(app, dialect, failure, request, reply)
}

/** Classifies an error. Guessing keys is answered like too many requests. */
async function judge(rates: Rates, error: unknown, request: FastifyRequest): Promise<Failure> {
  const failure = toFailure(error, request.routeOptions.schema)
  if (failure.code !== 'unauthenticated') return failure
  return rates.ofStranger(request).then(
    () => failure,
    (refusal: unknown) => toFailure(refusal),
  )
}

export function answer(
  app: App,
  dialect: Dialect,
  known: Failure,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const failure = withRetryAfter(app, known)
  if (failure.detail.retryAfterS !== undefined)
    reply.header('retry-after', String(failure.detail.retryAfterS))
  // RFC 9110, 11.6.1: a 401 names the authentication scheme.
  if (isChallenge(failure.code)) reply.header('www-authenticate', 'Bearer')
  noteRefusal(app, dialect, failure, request)
  const form = request.routeOptions.config.failures ?? dialect.failures
  const { status, contentType, body } = form.write(failure, request.id, request)
  return reply
    .code(status)
    .header('x-request-id', request.id)
    .header('content-type', contentType)
    .send(body)
}

/** Refused credentials are logged with the address, so that a tool like fail2ban can block it. */
function noteRefusal(app: App, { name }: Dialect, { code }: Failure, { id, ip }: FastifyRequest) {
  if (code === 'unauthenticated' || code === 'wrong_credentials')
    app.log.info({ ip, request: id, dialect: name }, 'authentication refused')
  else app.log.debug({ request: id, dialect: name, failure: code }, 'refused')
}
