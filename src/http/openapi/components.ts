// Components under their plain names, each once, and only those that the document uses.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Schemas = Record<string, Json>

const prefix = '#/components/schemas/'

/**
 * The plugin writes each schema twice: for requests (`OrderInput`) and for responses (`Order`). Here each
 * gets its plain name. A schema used in both, with differences, is `OrderRequest` in requests.
 * @param document without its schemas; its references are rewritten
 */
export function tidyComponents<T>(
  document: T,
  schemas: Schemas,
): { document: T; schemas: Schemas } {
  const used = reachable(document as Json, schemas)
  const names = new Map<string, string>()
  for (const name of used) names.set(name, plainName(name, used, schemas))
  const rename = (value: Json) =>
    mapReferences(value, (name) => {
      const plain = names.get(name)
      if (plain === undefined) throw new Error(`the reference names no schema ${name}`)
      return plain
    })
  return {
    document: rename(document as Json) as T,
    schemas: Object.fromEntries(
      [...names]
        .map(([name, plain]) => [plain, rename(schemas[name] as Json)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  }
}

function plainName(name: string, used: ReadonlySet<string>, schemas: Schemas): string {
  const base = baseOf(name, schemas)
  if (base === name || !used.has(base)) return base
  const plain = (value: Json) => JSON.stringify(mapReferences(value, (one) => baseOf(one, schemas)))
  const isSame = plain(schemas[name] as Json) === plain(schemas[base] as Json)
  return isSame ? base : `${base}Request`
}

function baseOf(name: string, schemas: Schemas): string {
  const base = name.replace(/Input$/, '')
  return base in schemas ? base : name
}

function reachable(document: Json, schemas: Schemas): Set<string> {
  const found = new Set<string>()
  const visit = (value: Json) => {
    if (value === null || typeof value !== 'object') return
    if (Array.isArray(value)) return value.forEach(visit)
    for (const key of Object.keys(value)) {
      const one = value[key] as Json
      if (!isReference(key, one)) visit(one)
      else if (!found.has(one.slice(prefix.length))) {
        found.add(one.slice(prefix.length))
        visit(schemas[one.slice(prefix.length)] as Json)
      }
    }
  }
  visit(document)
  return found
}

function isReference(key: string, value: Json): value is string {
  return key === '$ref' && typeof value === 'string' && value.startsWith(prefix)
}

function mapReferences(value: Json, change: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map((one) => mapReferences(one, change))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      isReference(key, one)
        ? prefix + change(one.slice(prefix.length))
        : mapReferences(one, change),
    ]),
  )
}

/** Responses may gain fields, so clients must not be told that other fields will never appear. */
export function openForMore(value: Json): Json {
  if (Array.isArray(value)) return value.map(openForMore)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, one]) => !(key === 'additionalProperties' && one === false))
      .map(([key, one]) => [key, openForMore(one)]),
  )
}

/** A request's schema without `default`, which would make client generators treat the field as required. The
 * description states the default instead. */
export function withoutDefaults(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withoutDefaults)
  if (schema === null || typeof schema !== 'object') return schema
  const { default: taken, ...rest } = schema
  const said = Object.fromEntries(
    Object.entries(rest).map(([key, one]) => [
      key,
      key === 'properties' ? eachWithoutDefaults(one as Schemas) : withoutDefaults(one as Json),
    ]),
  )
  const before = typeof said.description === 'string' ? said.description : ''
  const isSaid = taken === undefined || taken === '' || /default/i.test(before)
  return isSaid ? said : { ...said, description: `${before} Default: \`${taken}\`.`.trim() }
}

/** The same for a parameter, whose description stands beside its schema. */
export function parameterWithoutDefault<T extends object>(parameter: T): T {
  const { schema, description } = parameter as { schema?: Schemas; description?: string }
  if (schema?.default === undefined) return parameter
  const said = withoutDefaults({ ...schema, description: description ?? '' }) as Schemas
  const { description: text, ...rest } = said
  return { ...parameter, description: text, schema: rest }
}

const eachWithoutDefaults = (properties: Schemas): Schemas =>
  Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, withoutDefaults(one)]))

/** Adds a `discriminator` to unions of components whose members differ in one field. */
export function withDiscriminators(schemas: Schemas): Schemas {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, discriminated(schema, schemas)]),
  )
}

type Member = {
  $ref?: string
  properties?: { [name: string]: { const?: string; enum?: string[] } }
}

function discriminated(schema: Json, schemas: Schemas): Json {
  const { oneOf, anyOf, ...rest } = (schema ?? {}) as { oneOf?: Member[]; anyOf?: Member[] }
  const members = oneOf ?? anyOf ?? []
  const refs = members.flatMap(({ $ref }) => $ref ?? [])
  if (refs.length < 2 || refs.length !== members.length) return schema
  const named = refs.map((ref) => [ref, schemas[ref.slice(prefix.length)] as Member] as const)
  const valuesOf = (member: Member, field: string) => {
    const { const: one, enum: some } = member.properties?.[field] ?? {}
    return one === undefined ? (some ?? []) : [one]
  }
  const field = ['kind', 'type'].find((name) =>
    named.every(([, member]) => valuesOf(member, name).length > 0),
  )
  if (field === undefined) return schema
  const mapping = named.flatMap(([ref, member]) => valuesOf(member, field).map((one) => [one, ref]))
  const discriminator = { propertyName: field, mapping: Object.fromEntries(mapping) }
  return { ...rest, oneOf: members, discriminator } as Json
}
