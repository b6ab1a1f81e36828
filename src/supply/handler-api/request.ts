// Requests of handler_api: everything is in the query of a GET.
import type { Settings } from '../supplier.ts'
import type { HttpRequest } from '../upstream.ts'
import { apiKeyOf, urlOf } from '../upstream-settings.ts'

/** @param parameters null leaves one out */
export function requestFor(
  settings: Settings,
  action: string,
  parameters: Readonly<Record<string, string | null>> = {},
  headers: Readonly<Record<string, string>> = {},
): HttpRequest {
  const query = new URLSearchParams({ api_key: apiKeyOf(settings), action })
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.set(name, value)
  return {
    method: 'GET',
    url: `${urlOf(settings)}?${query}`,
    headers: { accept: 'application/json, text/plain', ...headers },
  }
}
