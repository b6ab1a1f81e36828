// Components with their plain names, once each, and only those that the document uses.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Schemas = Record<string, Json>

const prefix = '#/components/schemas/'

/**
 * The plugin writes each schema twice: as it is read (`OrderInput`) and as it is answered (`Order`). Here
 * each gets its plain name; a schema that is used both ways and differs is `OrderRequest` where it is read.
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
    mapReferences(value, (name) => {
      if (!found.has(name)) {
        found.add(name)
        visit(schemas[name] as Json)
      }
      return name
    })
  }
  visit(document)
  return found
}

function mapReferences(value: Json, change: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map((one) => mapReferences(one, change))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === '$ref' && typeof one === 'string' && one.startsWith(prefix)
        ? prefix + change(one.slice(prefix.length))
        : mapReferences(one, change),
    ]),
  )
}

/** Answers may grow: whoever reads them must not be told that no other field will ever come. */
export function openForMore(value: Json): Json {
  if (Array.isArray(value)) return value.map(openForMore)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, one]) => !(key === 'additionalProperties' && one === false))
      .map(([key, one]) => [key, openForMore(one)]),
  )
}
