// Requests of 5sim: all are GET, also those that buy.
import type { Settings } from '../supplier.ts'
import type { HttpRequest } from '../upstream.ts'
import { apiKeyOf, urlOf } from '../upstream-settings.ts'

/** @param parts of the path, which are escaped */
export function requestFor(
  settings: Settings,
  parts: readonly string[],
  query: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): HttpRequest {
  const path = parts.map(encodeURIComponent).join('/')
  const parameters = new URLSearchParams(query).toString()
  return {
    method: 'GET',
    url: `${urlOf(settings)}/${path}${parameters === '' ? '' : `?${parameters}`}`,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${apiKeyOf(settings)}`,
      ...headers,
    },
  }
}
