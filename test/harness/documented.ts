// Compares the responses of a server with what its own /openapi.json says.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { call, type Reply, type TestServer } from './server.ts'

type Example = { readonly summary: string; readonly value: unknown }
export type Answer = {
  readonly description: string
  readonly headers: Record<string, { $ref: string }>
  readonly content: Record<string, { schema: object; examples: Record<string, Example> }>
}
export type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters?: readonly {
    readonly $ref?: string
    readonly name: string
    readonly in: string
    readonly description?: string
    readonly example?: unknown
    readonly schema: { readonly default?: unknown }
  }[]
  readonly requestBody?: {
    readonly content: Record<string, { schema: object; examples: Record<string, Example> }>
  }
  readonly responses: Record<string, Answer>
  readonly security: readonly Record<string, readonly string[]>[]
}
export type OpenApi = {
  readonly openapi: string
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Record<string, Record<string, Operation>>
  readonly webhooks: Record<string, { readonly post: Operation }>
  readonly components: Record<string, Record<string, object>>
}

export type Listed = { readonly path: string; readonly method: string } & Operation

export type Reference = {
  readonly document: OpenApi
  readonly operations: readonly Listed[]
  /** The operation of a path, with or without its query. */
  find(method: string, path: string): Listed | undefined
  /** Fails unless the status, type, headers and body of a response are as documented. */
  check(method: string, path: string, reply: Reply<unknown>): void
  /** Fails unless a value matches its documented schema, with no additional field. */
  checkValue(schema: object, value: unknown, what: string): void
}

/** Whether an operation requires no key. */
export const isForAnybody = (one: Operation) => Object.keys(one.security[0] ?? {}).length === 0

/** Whether an operation is for people who sign in, or for the operator's own programs: customers' keys are
 * refused. */
export const isForPeople = ({ security, path }: Listed) =>
  (security.length === 1 && ['session', 'staffKey'].some((name) => name in (security[0] ?? {}))) ||
  /^\/v1\/(?:session|user|invitations)\b/.test(path)

/** The names of an operation's query parameters. */
export const parametersOf = ({ parameters = [] }: Operation): string[] =>
  parameters.flatMap((one) => (one.in === 'query' ? [one.name] : []))

/** The names of the fields of an operation's JSON body. */
export function fieldsOf({ document }: Reference, { requestBody }: Operation): string[] {
  type Schema = { $ref?: string; properties?: Record<string, object> }
  const schema = requestBody?.content['application/json']?.schema as Schema | undefined
  const name = schema?.$ref?.split('/').at(-1)
  const shown = name ? (document.components.schemas?.[name] as Schema) : schema
  return Object.keys(shown?.properties ?? {})
}

/** Statuses that every path has, whatever its operations list (see the document's introduction). */
const everywhere = [400, 404, 405, 417]

/** Whether an address has a percent escape that is no UTF-8: it is refused before any operation. */
function isBroken(path: string): boolean {
  try {
    decodeURIComponent(path)
    return false
  } catch {
    return true
  }
}

let shared: Promise<Reference> | undefined

/** The reference of a server. All servers of the tests have the same routes, so one document serves the files
 * of a process: writing it and compiling its schemas takes as long as many a test. */
export function referenceOf(server: Pick<TestServer, 'url'>): Promise<Reference> {
  shared ??= readReference(server)
  return shared
}

async function readReference(server: Pick<TestServer, 'url'>): Promise<Reference> {
  const { body: document } = await call<OpenApi>(server, null, 'GET', '/openapi.json')
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({
      path,
      method: method.toUpperCase(),
      ...one,
    })),
  )
  const validate = validator(document)
  const checkValue = (schema: object, value: unknown, what: string) => {
    const check = validate(schema)
    const isGood = check(value)
    expect({ what, value, errors: isGood ? null : check.errors }).toMatchObject({ errors: null })
  }
  // A path without parameters takes precedence over one with parameters.
  const byPath = [...operations]
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)
    .map((one) => ({ one, pattern: patternOf(one.path) }))
  const find = (method: string, path: string) => {
    const plain = path.split('?', 1)[0]?.replace(/(?<=.)\/+$/, '') ?? ''
    const wanted = method === 'HEAD' ? 'GET' : method
    return byPath.find(({ one, pattern }) => one.method === wanted && pattern.test(plain))?.one
  }
  return {
    document,
    operations,
    find,
    checkValue,
    check(method, path, reply) {
      const what = `${method} ${path.slice(0, 200)} answered ${reply.status}`
      expect(reply.headers.get('x-request-id'), what).toMatch(/^[\w.:-]{1,100}$/)
      const operation = find(method, path)
      const answer = operation?.responses[reply.status]
      if (!answer) {
        const isOutside = operation === undefined || reply.status === 404 || isBroken(path)
        expect(isOutside && everywhere.includes(reply.status), `${what}: documented`).toBe(true)
        return
      }
      const type = reply.headers.get('content-type')?.split(';', 1)[0] ?? 'none'
      if (reply.status === 204)
        return expect({ what, body: reply.body }).toEqual({ what, body: '' })
      expect(Object.keys(answer.content), what).toContain(type)
      if (method !== 'HEAD')
        checkValue((answer.content[type] as { schema: object }).schema, reply.body, what)
      for (const name of ['retry-after', 'www-authenticate', 'ratelimit', 'idempotency-replayed'])
        if (reply.headers.has(name))
          expect(
            Object.keys(answer.headers).map((one) => one.toLowerCase()),
            what,
          ).toContain(name)
    },
  }
}

const patternOf = (path: string) =>
  new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`)

function validator(document: OpenApi) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true })
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  const known = new Map<object, ValidateFunction>()
  // @NOTE the document allows more fields in responses; here a field that no schema names is an omission
  ajv.addSchema({ $id: home, components: { schemas: closed(document.components.schemas) } })
  return (schema: object): ValidateFunction => {
    const there = known.get(schema)
    if (there) return there
    const made = ajv.compile(closed(schema))
    known.set(schema, made)
    return made
  }
}

/** Where the components are: each is compiled once, for all schemas that name it. */
const home = 'https://numlet.example.com/openapi.json'

function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T
  if (value === null || typeof value !== 'object') return value
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === '$ref' && String(one).startsWith('#') ? `${home}${one}` : closed(one),
    ]),
  )
  const isObject = copy.type === 'object' && 'properties' in copy
  return (isObject ? { additionalProperties: false, ...copy } : copy) as T
}
