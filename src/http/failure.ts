// Every way a request can fail: the domain's errors and those of HTTP. Each dialect has its own texts.
import { z } from 'zod'
import { DomainError, type ErrorCode, type ErrorDetail, type FieldError } from '../core/error.ts'
import { nearest } from '../core/nearest.ts'
import { isBusy, isReadOnly, isUnavailable } from '../db/errors.ts'

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

/** Whether a failure asks for credentials: a 401. */
export const isChallenge = (code: FailureCode): boolean =>
  code === 'unauthenticated' || code === 'not_signed_in' || code === 'wrong_credentials'

const retryWhenUnavailableS = 2

/** The schemas of a route, as far as error handling needs them. */
export type RouteSchemas = { readonly body?: unknown; readonly querystring?: unknown }

/** Classifies an error. An error that neither the request nor the database explains is `internal_error`. */
export function toFailure(error: unknown, schemas?: RouteSchemas): Failure {
  if (error instanceof DomainError)
    return { code: error.code, message: error.message, detail: error.detail }
  if (error instanceof TransportError)
    return { code: error.failure, message: error.message, detail: {} }
  if (isInvalid(error)) return invalid(error, schemas)
  if (isBusy(error))
    return {
      code: 'unavailable',
      message: 'Another request is changing the same record. Try again shortly.',
      detail: { retryAfterS: retryWhenUnavailableS },
    }
  if (isUnavailable(error))
    return {
      code: 'unavailable',
      message: unavailableWords(error),
      detail: { retryAfterS: retryWhenUnavailableS },
    }
  return fromFastify(error)
}

const unavailableWords = (error: unknown) =>
  isReadOnly(error)
    ? 'The database is read-only at the moment. Try again shortly.'
    : 'The database cannot be reached. Try again shortly.'

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

/** Fastify adds the place to the validator's error. An error of zod without it is not about a request. */
type Invalid = z.ZodError & { readonly validationContext: string }

const isInvalid = (error: unknown): error is Invalid =>
  error instanceof z.ZodError && 'validationContext' in error

/** A body can have thousands of unknown fields. Only so many are listed. */
const maxFields = 20

function invalid(error: Invalid, schemas: RouteSchemas | undefined): Failure {
  const inBody = error.validationContext === 'body'
  // A parameter that is a list has no places of its own.
  const pointerTo = inBody
    ? jsonPointer
    : ([name]: Path) => (name === undefined ? '' : String(name))
  const fields = error.issues.slice(0, maxFields).flatMap((issue): FieldError[] => {
    if (issue.code !== 'unrecognized_keys')
      return [{ pointer: pointerTo(issue.path), detail: issue.message }]
    const isTop = issue.path.length === 0
    const schema = isTop ? (inBody ? schemas?.body : schemas?.querystring) : undefined
    return issue.keys.slice(0, maxFields).map((key) => ({
      pointer: pointerTo([...issue.path, key]),
      detail: unknownField(key, inBody ? 'field' : 'parameter', schema),
    }))
  })
  const counts = error.issues.map((one) => ('keys' in one ? one.keys.length : 1))
  const count = counts.reduce((sum, one) => sum + one, 0)
  return {
    code: 'invalid_request',
    message: sentenceOf(fields, count),
    detail: { fields: fields.slice(0, maxFields) },
  }
}

type Path = readonly PropertyKey[]

/** RFC 6901. */
const jsonPointer = (path: Path) =>
  path.map((one) => `/${String(one).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The text for an unknown key, with similar known ones. */
function unknownField(key: string, what: string, schema: unknown): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const meant = nearest(key, known)
  const hint = meant.length > 0 ? `; did you mean ${meant.join(' or ')}?` : ''
  return `is not a known ${what}${hint}`
}

/** A sentence about the first invalid field, and how many there are. */
export function sentenceOf(fields: readonly FieldError[], count = fields.length): string {
  const [first] = fields
  if (!first) return 'The request is not valid.'
  const name = fieldName(first) || 'The body'
  const more = count > 1 ? ` There are ${count} errors in all.` : ''
  return `${name}: ${first.detail.replace(/[.?]?$/, (end) => end || '.')}${more}`
}

/** The name of a field for people: `metadata.colour`. */
export const fieldName = ({ pointer }: FieldError): string =>
  pointer.replace(/^\//, '').replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')
