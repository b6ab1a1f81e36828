// The parameters of a request of Vonage's SMS API: of a query, a form or JSON.
import { formOf, jsonOf, maxFields, objectOf, textOf } from '../bodies.ts'
import type { StoredRequest } from '../supplier.ts'

export type Parameters = ReadonlyMap<string, string>

/** A message or a part of one has some thirty parameters, and at most a few thousand characters. */
const maxBytes = 32 * 1024

/** Each parameter once, whichever way it was sent: those that are signed are those that are read. None of a
 * request that is too large. */
export function parametersOf({ method, query, body }: StoredRequest): Parameters {
  if (body.length > maxBytes) return new Map()
  if (method === 'GET' || body.length === 0) return flat(query)
  const text = body.toString()
  if (!text.trimStart().startsWith('{')) return flat(text)
  const fields = Object.entries(objectOf(jsonOf(body)))
  if (fields.length > maxFields) return new Map()
  return new Map(
    fields.flatMap(([name, value]) => {
      const text = typeof value === 'boolean' ? String(value) : textOf(value)
      return text === null ? [] : [[name, text] as const]
    }),
  )
}

const flat = (text: string): Parameters =>
  new Map([...(formOf(text) ?? [])].map(([name, values]) => [name, values.at(-1) ?? '']))
