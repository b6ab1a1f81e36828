// The parameters of a request as one flat list, from the query, a form or JSON.
import type { FastifyRequest } from 'fastify'
import { DomainError } from '../../core/error.ts'
import { bearerKey } from '../../http/authentication.ts'
import { actionNamed } from './actions.ts'

/** Parameters by name; an empty one counts as absent. */
export type Params = ReadonlyMap<string, string>

/** A call has three or four parameters; no client sends more than a dozen. */
const maxParams = 50
const maxValueLength = 1_000

/** All parameters. The body takes precedence over the query.
 * @throws invalid_request */
export function paramsOf(request: FastifyRequest): Params {
  const params = new Map<string, string>()
  for (const [name, value] of [...entriesOf(request.query), ...entriesOf(request.body)]) {
    const text = textOf(value)
    if (text === null) throw invalid(name, 'must be a text or a number')
    if (text.length > maxValueLength) throw invalid(name, 'is too long')
    if (text !== '') params.set(name, text)
  }
  if (params.size > maxParams) throw invalid('', 'has too many parameters')
  return params
}

/** The action by its usual name, also of a request that is otherwise invalid. SMSHUB's own clients send some
 * of theirs as `asc`. */
export function actionOf(request: FastifyRequest): string | null {
  const sent = [...entriesOf(request.query), ...entriesOf(request.body)]
  const named = (key: string) => sent.findLast(([name]) => name === key)
  const text = textOf((named('action') ?? named('asc'))?.[1])
  return text === null ? null : actionNamed(text)
}

/** The key from a header or the query. */
export function keyOf(request: FastifyRequest): string | null {
  const { authorization, 'x-apikey': own } = request.headers
  const named = /^ApiKey +(\S{1,200}) *$/i.exec(authorization ?? '')?.[1]
  const header = named ?? bearerKey(request) ?? (typeof own === 'string' ? own.trim() : null)
  return header || keyAmong(request.query)
}

/** The key from a form or JSON. */
export const keyInBody = (request: FastifyRequest) => keyAmong(request.body)

/** The parameter names of the key: that of all relatives, and that of DaisySMS's batches. */
export const keyNames: readonly string[] = ['api_key', 'apikey']

function keyAmong(part: unknown): string | null {
  const found = entriesOf(part).find(([name]) => keyNames.includes(name))
  return textOf(found?.[1]) || null
}

function entriesOf(part: unknown): [string, unknown][] {
  if (part instanceof URLSearchParams) return [...part.entries()]
  if (part === null || part === undefined) return []
  // @NOTE JSON that is not an object has no parameters
  return typeof part === 'object' && !Array.isArray(part) ? Object.entries(part) : []
}

/** A value as text, as in a query; null if it cannot be one. Lists are joined with commas; a name that occurs
 * twice in a query is a list. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.every(isPlain) ? value.map(String).join(',') : null
  return isPlain(value) ? String(value).trim() : null
}

const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)

const invalid = (field: string, detail: string) =>
  new DomainError('invalid_request', `The parameter ${field.slice(0, 50)} ${detail}.`, {
    fields: [{ pointer: field.slice(0, 50), detail }],
  })
