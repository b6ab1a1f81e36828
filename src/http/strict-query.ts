// Refuses query parameters that a route does not know: a misspelt filter must not be ignored.
import type { RouteOptions } from 'fastify'
import { z } from 'zod'

/** An `onRoute` hook: from then on an unknown parameter is `invalid_request`, like an unknown body field. */
export function refuseUnknownQueryKeys(route: RouteOptions): void {
  const known = route.schema?.querystring
  const query = known instanceof z.ZodObject ? known.strict() : z.strictObject({})
  route.schema = { ...route.schema, querystring: query }
}
