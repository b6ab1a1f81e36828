// The parameters of a request of Vonage's SMS API: of a query, a form or JSON.
import { formOf, jsonOf, objectOf, textOf } from '../bodies.ts'
import type { StoredRequest } from '../supplier.ts'

export type Parameters = ReadonlyMap<string, string>

/** Each parameter once, whichever way it was sent: those that are signed are those that are read. */
export function parametersOf({ method, query, body }: StoredRequest): Parameters {
  if (method === 'GET' || body.length === 0) return flat(query)
  const text = body.toString()
  if (!text.trimStart().startsWith('{')) return flat(text)
  const fields = Object.entries(objectOf(jsonOf(body)))
  return new Map(
    fields.flatMap(([name, value]) => {
      const text = typeof value === 'boolean' ? String(value) : textOf(value)
      return text === null ? [] : [[name, text] as const]
    }),
  )
}

const flat = (text: string): Parameters =>
  new Map([...formOf(text)].map(([name, values]) => [name, values.at(-1) ?? '']))
