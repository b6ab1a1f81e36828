// What a request can fail with: the domain's errors, and those of HTTP itself. Each dialect says how.
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { DomainError, type ErrorCode, type ErrorDetail, type FieldError } from '../core/error.ts'
import { isUnavailable } from '../db/errors.ts'

/** Failures before any verb is called. */
export const transportCodes = [
  'malformed_body',
  'unsupported_media_type',
  'body_too_large',
  'path_not_found',
  'method_not_allowed',
  'malformed_request',
  'expectation_failed',
  'internal_error',
] as const

export type FailureCode = ErrorCode | (typeof transportCodes)[number]

export type Failure = {
  readonly code: FailureCode
  readonly message: string
  readonly detail: ErrorDetail
}

/** A request that HTTP itself refuses. */
export class TransportError extends Error {
  readonly failure: FailureCode

  constructor(failure: (typeof transportCodes)[number], message?: string) {
    super(message ?? messages[failure])
    this.failure = failure
  }
}

const retryWhenUnavailableS = 2

/** Names what went wrong. What is no failure of the request's or the database's is `internal_error`. */
export function toFailure(error: unknown): Failure {
  if (error instanceof DomainError)
    return { code: error.code, message: error.message, detail: error.detail }
  if (error instanceof TransportError)
    return { code: error.failure, message: error.message, detail: {} }
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error)
  if (isUnavailable(error))
    return {
      code: 'unavailable',
      message: 'The database cannot be reached. Try again shortly.',
      detail: { retryAfterS: retryWhenUnavailableS },
    }
  return fromFastify(error)
}

const ofFastify: Record<string, FailureCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_body',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_body',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'path_not_found',
  FST_ERR_NOT_FOUND: 'path_not_found',
}

const messages: Partial<Record<FailureCode, string>> = {
  unsupported_media_type:
    'The body must be JSON in UTF-8 and not compressed (Content-Type: application/json).',
  body_too_large: 'The body is too large.',
  malformed_body: 'The body is no valid JSON.',
  malformed_request: 'The request is malformed.',
  expectation_failed: 'The only expectation that can be met is 100-continue.',
  path_not_found: 'There is nothing at this path.',
  method_not_allowed: 'This path does not take this method.',
  internal_error: 'Something went wrong on our side.',
}

/** A failure of HTTP itself, with its usual sentence. */
export function transportFailure(code: FailureCode, detail: ErrorDetail = {}): Failure {
  return { code, message: messages[code] ?? code, detail }
}

function fromFastify(error: unknown): Failure {
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  const known = code === undefined ? undefined : ofFastify[code]
  if (known) return transportFailure(known)
  if (statusCode === 400) return transportFailure('malformed_request')
  if (statusCode === 413) return transportFailure('body_too_large')
  if (statusCode === 415) return transportFailure('unsupported_media_type')
  return transportFailure('internal_error')
}

function invalid(error: {
  validation: readonly { instancePath: string; message?: string }[]
  validationContext?: string
}): Failure {
  const inBody = (error.validationContext ?? 'body') === 'body'
  const fields: FieldError[] = error.validation.map((issue) => ({
    // @NOTE the provider writes the whole body's path as "/", which RFC 6901 has for a field named ""
    pointer: inBody
      ? issue.instancePath.replace(/^\/$/, '')
      : issue.instancePath.replace(/^\//, ''),
    detail: issue.message ?? 'is not valid',
  }))
  return { code: 'invalid_request', message: 'The request is not valid.', detail: { fields } }
}
