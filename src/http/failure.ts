// Every way a request can fail: the domain's errors and those of HTTP. Each dialect has its own texts.
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { DomainError, type ErrorCode, type ErrorDetail, type FieldError } from '../core/error.ts'
import { nearest } from '../core/nearest.ts'
import { isUnavailable } from '../db/errors.ts'

/** Failures that occur before any verb is called. */
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

/** A request that is refused at the HTTP level. */
export class TransportError extends Error {
  readonly failure: FailureCode

  constructor(failure: (typeof transportCodes)[number], message?: string) {
    super(message ?? messages[failure])
    this.failure = failure
  }
}

const retryWhenUnavailableS = 2

/** The schemas of a route, as far as error handling needs them. */
export type RouteSchemas = { readonly body?: unknown; readonly querystring?: unknown }

/** Classifies an error. An error that neither the request nor the database explains is `internal_error`. */
export function toFailure(error: unknown, schemas?: RouteSchemas): Failure {
  if (error instanceof DomainError)
    return { code: error.code, message: error.message, detail: error.detail }
  if (error instanceof TransportError)
    return { code: error.failure, message: error.message, detail: {} }
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error, schemas)
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
    'The body must be uncompressed JSON in UTF-8 (Content-Type: application/json).',
  body_too_large: 'The body is too large.',
  malformed_body: 'The body is not valid JSON.',
  malformed_request: 'The request is malformed.',
  expectation_failed: 'The only supported expectation is 100-continue.',
  path_not_found: 'This path does not exist.',
  method_not_allowed: 'This path does not take this method.',
  internal_error: 'Something went wrong on our side.',
}

/** A failure at the HTTP level, with its default message. */
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

type Issue = {
  readonly instancePath: string
  readonly message?: string
  readonly keyword?: string
  readonly params?: { readonly keys?: unknown }
}

function invalid(
  error: { validation: readonly Issue[]; validationContext?: string },
  schemas: RouteSchemas | undefined,
): Failure {
  const inBody = (error.validationContext ?? 'body') === 'body'
  const fields = error.validation.flatMap((issue): FieldError[] => {
    // @NOTE the provider reports the whole body as "/", which in RFC 6901 means a field named ""
    const pointer = inBody
      ? issue.instancePath.replace(/^\/$/, '')
      : issue.instancePath.replace(/^\//, '')
    if (issue.keyword === 'unrecognized_keys' && Array.isArray(issue.params?.keys))
      return issue.params.keys.map((key) => unknownField(String(key), pointer, inBody, schemas))
    return [{ pointer, detail: issue.message ?? 'is not valid' }]
  })
  return { code: 'invalid_request', message: sentenceOf(fields), detail: { fields } }
}

/** An unknown key, with similar known ones. */
function unknownField(
  key: string,
  parent: string,
  inBody: boolean,
  schemas: RouteSchemas | undefined,
): FieldError {
  const schema = parent === '' ? (inBody ? schemas?.body : schemas?.querystring) : undefined
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const meant = nearest(key, known)
  const pointer = inBody ? `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` : key
  const what = inBody ? 'field' : 'parameter'
  const hint = meant.length > 0 ? `; did you mean ${meant.join(' or ')}?` : ''
  return { pointer, detail: `is not a known ${what}${hint}` }
}

/** A sentence about the first invalid field. */
export function sentenceOf(fields: readonly FieldError[]): string {
  const [first] = fields
  if (!first) return 'The request is not valid.'
  const name = first.pointer.replace(/^\//, '').replaceAll('/', '.') || 'The body'
  const more = fields.length > 1 ? ` There are ${fields.length} errors in all.` : ''
  return `${name}: ${first.detail.replace(/[.?]?$/, (end) => end || '.')}${more}`
}
