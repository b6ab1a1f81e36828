// Which request bodies are read, and how.
import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify'
import { isUtf8Escaped } from './escapes.ts'
import { TransportError } from './failure.ts'

/** No body of this API is nested deeper than 3. */
const maxDepth = 32

/** Methods whose bodies are never read. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'TRACE'])

/** Whether the headers announce a body. */
export const hasBody = (headers: IncomingHttpHeaders) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Whether a parser accepts a body of that type. */
function isReadable({ server, headers, routeOptions }: FastifyRequest): boolean {
  const { dialect } = routeOptions.config
  if (dialect && (dialect.takesAnyBody || !dialect.isStrict)) return true
  const type = headers['content-type']?.split(';', 1)[0]?.trim() ?? ''
  return type !== '' && server.hasContentTypeParser(type)
}

export type ReadBody = (
  request: FastifyRequest,
  body: string | Buffer,
  done: (error: Error | null, value?: unknown) => void,
) => unknown

/** Reads JSON bodies. Refuses others from their headers alone, before they are sent, if possible. */
export function readJsonBodies(server: FastifyInstance, limitBytes: number) {
  server.addHook('onRequest', (request, _reply, done) => {
    // @NOTE PHP clients and curl send a form type with an empty body; it needs no parser
    if (request.headers['content-length'] === '0') delete request.headers['content-type']
    done()
  })
  // Otherwise Node would send 100 before anything has looked at the request.
  server.server.on('checkContinue', (request, response) =>
    server.server.emit('request', request, response),
  )
  server.addHook('preParsing', (request, reply, payload, done) => {
    const { headers } = request
    const isRead = request.routeOptions.config.dialect?.takesAnyBody
      ? isUncompressed(headers)
      : isPlainUtf8(headers)
    if (!isRead) return done(new TransportError('unsupported_media_type'), payload)
    if (bodiless.has(request.method)) return done(null, payload)
    if (Number(headers['content-length']) > limitBytes)
      return done(new TransportError('body_too_large'), payload)
    if (hasBody(headers) && !isReadable(request))
      return done(new TransportError('unsupported_media_type'), payload)
    if (headers.expect !== undefined && !request.raw.complete) reply.raw.writeContinue()
    done(null, payload)
  })
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonReader(server))
}

/** What the parsers need to know about a dialect. */
type Lenient = {
  /** Parses a form. If it is absent, forms are refused. */
  readonly forms?: (fields: URLSearchParams) => unknown
}

/** Reads bodies as a dialect wants them. */
export function readBodies(
  scope: FastifyInstance,
  dialect: Lenient & { readonly isStrict?: boolean; readonly takesAnyBody?: boolean },
) {
  if (dialect.takesAnyBody) readAnyBodies(scope)
  else if (!dialect.isStrict) readLenientBodies(scope, dialect)
}

const formType = 'application/x-www-form-urlencoded'
const partsType = 'multipart/form-data'

/**
 * Accepts a JSON object as the body whatever its type says, and forms if the dialect takes them. Both go
 * through the same schemas. Only for calls with a key in a header or a parameter: a page of another site can
 * make a browser post such bodies, but not with a key.
 */
function readLenientBodies(scope: FastifyInstance, { forms }: Lenient) {
  const readJson = jsonReader(scope)
  const readObject =
    (otherwise: (text: string, done: Parameters<ReadBody>[2]) => void): ReadBody =>
    (request, body, done) => {
      const text = textOf(request, body)
      if (text === null) return done(notUtf8())
      return readJson(request, text, (error, value) => {
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
        if (error === null && (isObject || text === '')) done(null, value)
        else otherwise(text, done)
      })
    }
  const refuse = readObject((_text, done) => done(new TransportError('unsupported_media_type')))
  const takeForm = readObject((text, done) =>
    isUtf8Escaped(text) ? done(null, forms?.(new URLSearchParams(text))) : done(notUtf8()),
  )
  scope.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request
    const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
    const isKnown = type === undefined || ['application/json', formType, partsType].includes(type)
    // @NOTE an invalid type would be refused before any parser runs
    if (!isKnown && isPlainUtf8(headers)) delete headers['content-type']
    done()
  })
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, refuse)
  scope.addContentTypeParser(formType, { parseAs: 'buffer' }, forms ? takeForm : refuse)
  if (!forms) return
  const takeParts = async (request: FastifyRequest, body: string | Buffer) =>
    forms(await fieldsOf(request, body as Buffer))
  scope.addContentTypeParser(partsType, { parseAs: 'buffer' }, takeParts)
}

/** Reads bodies of any type, or of none, as bytes. */
function readAnyBodies(scope: FastifyInstance) {
  scope.addHook('onRequest', (request, _reply, done) => {
    // @NOTE an invalid type would be refused before any parser runs
    delete request.headers['content-type']
    done()
  })
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

/** The text fields of a multipart form, which is how PHP posts a list of fields. Files are ignored. */
async function fieldsOf(request: FastifyRequest, body: Buffer): Promise<URLSearchParams> {
  const fields = new URLSearchParams()
  if (body.length === 0) return fields
  const headers = { 'content-type': request.headers['content-type'] ?? '' }
  try {
    const form = await new Response(new Uint8Array(body), { headers }).formData()
    for (const [name, value] of form) if (typeof value === 'string') fields.append(name, value)
  } catch {
    throw new TransportError('malformed_body')
  }
  // Files may hold any bytes, fields may not.
  if (!isUtf8(body) && fields.toString().includes(escapedReplacement)) throw notUtf8()
  return fields
}

/** U+FFFD, which replaces bytes that are not UTF-8. */
const escapedReplacement = encodeURIComponent('\ufffd')

const notUtf8 = () => new TransportError('malformed_body', 'The body is not valid UTF-8.')

/**
 * The text of a body; null if it is not UTF-8.
 *
 * @NOTE What suppliers and payment gateways send is read all the same, with U+FFFD in place of the broken
 * characters. They would send the same bytes again and then give up, and a message or a payment would be
 * lost. A text with a damaged letter still has its code.
 */
function textOf({ routeOptions }: FastifyRequest, body: string | Buffer): string | null {
  if (typeof body === 'string') return body
  return routeOptions.config.dialect?.isForPartners || isUtf8(body) ? body.toString() : null
}

/** Parses a JSON body strictly: `__proto__` and `constructor.prototype` keys are refused. */
export function jsonReader(server: FastifyInstance): ReadBody {
  const parseJson = server.getDefaultJsonParser('error', 'error')
  return (request, bytes, done) => {
    const body = textOf(request, bytes)
    if (body === null) return done(notUtf8())
    // @NOTE clients send the JSON type also with a POST that has no body
    if (body === '') return done(null, undefined)
    if (isTooDeep(body)) return done(new errorCodes.FST_ERR_CTP_INVALID_JSON_BODY(), undefined)
    return parseJson(request, body, (error, value) => {
      const key = error === null ? null : forbiddenKey(body)
      done(key === null ? error : new TransportError('malformed_body', notTaken(key)), value)
    })
  }
}

const notTaken = (key: string) => `The body has a field named ${key}, which is not accepted.`

/** The key for which a valid JSON text was refused; null if it is not valid. */
function forbiddenKey(body: string): string | null {
  let found: string | null = null
  const look = (key: string, value: unknown) => {
    if (key === '__proto__') found = key
    const isObject = typeof value === 'object' && value !== null
    if (key === 'constructor' && isObject && Object.hasOwn(value, 'prototype'))
      found = 'constructor.prototype'
    return value
  }
  try {
    JSON.parse(body, look)
    return found
  } catch {
    return null
  }
}

function isUncompressed(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding']
  return encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity'
}

/** Whether the parser can read the body: uncompressed and in UTF-8. */
function isPlainUtf8(headers: IncomingHttpHeaders): boolean {
  if (!isUncompressed(headers)) return false
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '')?.[1]
  return charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)
}

/** Whether brackets are nested deeper than in any body of this API. Code that walks a deep body would
 * overflow the stack long before the body reaches its size limit. */
function isTooDeep(body: string): boolean {
  let depth = 0
  let quoted = false
  for (let i = 0; i < body.length; i++) {
    const char = body[i]
    if (quoted) {
      if (char === '\\') i++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '{' || char === '[') {
      if (++depth > maxDepth) return true
    } else if (char === '}' || char === ']') depth--
  }
  return false
}
