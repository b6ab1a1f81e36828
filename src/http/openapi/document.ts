// The OpenAPI document: the plugin's output for the routes' schemas, completed by the routes' own reference
// data. https://spec.openapis.org/oas/v3.1.1.html
import type { RouteOptions } from 'fastify'
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  openForMore,
  parameterWithoutDefault,
  tidyComponents,
  withDiscriminators,
  withoutDefaults,
} from './components.ts'
import { headerComponents, parameterComponents } from './headers.ts'
import type { DialectReference } from './reference.ts'
import { completeAnswer, examplesOf } from './responses.ts'
import {
  contentType,
  formOf,
  type RouteSchema,
  referenceOf,
  statusesOf,
  traitsOf,
  typesOf,
} from './route-facts.ts'
import { webhookEntries } from './webhooks.ts'

type Transform = ReturnType<typeof createJsonSchemaTransform>
type TransformInput = Parameters<Transform>[0]
type Operation = {
  operationId: string
  description?: string
  parameters?: object[]
  requestBody?: { required?: boolean; content: Record<string, object> }
  responses: Record<string, { content?: Record<string, object> }>
  security?: object[]
}
type Document = {
  tags?: object[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; [kind: string]: object }
}

const zodToJsonConfig = {
  /** zod's output for formats and safe integers, which does not help a reader. */
  override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
    if (jsonSchema.format === 'date-time' || jsonSchema.format === 'uuid') delete jsonSchema.pattern
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  },
}

/** The plugin's two hooks. They share what they learn about the routes. */
export function documentHooks() {
  const routes = new Map<string, RouteOptions>()
  const transformSchema = createJsonSchemaTransform({ skipList: [], zodToJsonConfig })
  const transformDocument = createJsonSchemaTransformObject({ zodToJsonConfig })
  return {
    transform(input: TransformInput) {
      const schema = input.schema as RouteSchema | undefined
      if (!schema || schema.hide) return transformSchema(input)
      routes.set(keyOf(String(input.route.method), input.url), input.route)
      const response = bothContents(
        contentOf(input.route, schema.response),
        failureContent(input.route),
      )
      return transformSchema({ ...input, schema: { ...schema, response } } as TransformInput)
    },
    transformObject(input: Parameters<typeof transformDocument>[0]) {
      const made = transformDocument(input) as unknown as Document
      return finish(made, routes) as unknown as ReturnType<typeof transformDocument>
    },
  }
}

const keyOf = (method: string, url: string) =>
  `${method.toLowerCase()} ${url.replace(/:([^/]+)/g, '{$1}')}`

const contentOf = (route: RouteOptions, response: Record<string, z.ZodType> = {}) =>
  Object.fromEntries(
    Object.entries(response).map(([status, schema]) => {
      if (status === '204') return [status, { content: {} }]
      const types = typesOf(referenceOf(route).answers[Number(status)])
      return [status, { content: Object.fromEntries(types.map((type) => [type, { schema }])) }]
    }),
  )

type Contents = Record<string, { content: Record<string, { schema: z.ZodType }> }>

/** In some dialects only the body says whether a call succeeded: one status has both schemas. */
function bothContents(successes: Contents, refusals: Contents) {
  const statuses = new Set([...Object.keys(successes), ...Object.keys(refusals)])
  return Object.fromEntries(
    [...statuses].map((status) => {
      const content = { ...successes[status]?.content }
      for (const [type, { schema }] of Object.entries(refusals[status]?.content ?? {}))
        content[type] = { schema: content[type]?.schema.or(schema) ?? schema }
      // @NOTE the plugin takes a null schema for a response without a body
      return [status, Object.keys(content).length === 0 ? z.null() : { content }]
    }),
  )
}

function failureContent(route: RouteOptions) {
  const form = formOf(route)
  return Object.fromEntries(
    statusesOf(route).map(([status, codes]) => {
      const schemas = [...new Set(codes.map(form.schemaOf))]
      const [first, ...others] = schemas as [z.ZodType, ...z.ZodType[]]
      const schema = others.reduce<z.ZodType>((all, one) => all.or(one), first)
      return [status, { content: { [contentType(route, codes)]: { schema } } }]
    }),
  )
}

function finish(made: Document, routes: ReadonlyMap<string, RouteOptions>) {
  const tags = new Map<string, object>()
  const webhooks: Record<string, object> = {}
  const seen = new Set<DialectReference>()
  for (const [path, operations] of Object.entries(made.paths))
    for (const [method, operation] of Object.entries(operations)) {
      const route = routes.get(`${method} ${path}`)
      if (!route) continue
      complete(operation, route)
      const reference = route.config?.dialect?.reference
      if (!reference || seen.has(reference)) continue
      seen.add(reference)
      for (const tag of reference.tags) tags.set(tag.name, tag)
      if (reference.webhooks)
        Object.assign(webhooks, webhookEntries(reference.webhooks.sent, reference.webhooks.tag))
    }
  const { schemas } = made.components
  const opened = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      name.endsWith('Input') ? withoutDefaults(schema as never) : openForMore(schema as never),
    ]),
  )
  const tidy = tidyComponents({ paths: made.paths, webhooks }, opened as never)
  return {
    ...made,
    tags: [...tags.values()],
    paths: tidy.document.paths,
    webhooks: tidy.document.webhooks,
    components: {
      ...made.components,
      schemas: withDiscriminators(tidy.schemas),
      headers: headerComponents,
      parameters: parameterComponents,
    },
  }
}

/** Adds to an operation what its schemas do not express. */
function complete(operation: Operation, route: RouteOptions) {
  const traits = traitsOf(route)
  const reference = referenceOf(route)
  const { security = 'key', descriptions = {} } = route.config?.dialect?.reference ?? {}
  // A call that also exists with `.php` is described once
  const description = descriptions[operation.operationId.replace(/Php$/, '')]
  if (description !== undefined) operation.description ??= description
  operation.security = traits.guarded
    ? [{ session: [] }]
    : [
        traits.open ? {} : { [security]: traits.keyed ? [route.config?.scope] : [] },
        ...(traits.takesSession ? [{ session: [] }] : []),
      ]
  operation.parameters = operation.parameters?.map(parameterWithoutDefault)
  if (traits.once)
    operation.parameters = [
      ...(operation.parameters ?? []),
      { $ref: '#/components/parameters/IdempotencyKey' },
    ]
  const { body } = (route.schema ?? {}) as RouteSchema
  if (operation.requestBody && body?.safeParse(undefined).success)
    operation.requestBody.required = false
  for (const media of Object.values(operation.requestBody?.content ?? {}) as {
    schema?: object
  }[]) {
    if (media.schema) media.schema = withoutDefaults(media.schema as never) as object
    if (reference.requests) Object.assign(media, { examples: examplesOf(reference.requests) })
  }
  operation.responses = Object.fromEntries(
    Object.entries(operation.responses).map(([status, response]) => [
      status,
      completeAnswer(Number(status), openForMore(response as never) as typeof response, route),
    ]),
  )
}
