// The responses of an operation: what each status means, with headers and examples.
import type { RouteOptions } from 'fastify'
import { isChallenge } from '../failure.ts'
import { headersOf } from './headers.ts'
import type { Example } from './reference.ts'
import { contentType, formOf, referenceOf, statusesOf, traitsOf, typesOf } from './route-facts.ts'
import { hasRetryAfter, sampleFailure } from './samples.ts'

const sampleRequestId = '0b0f6f0e-6d5c-4a43-9f7e-3c6f4a1f6c0d'

export function completeAnswer(
  status: number,
  response: { content?: Record<string, object> },
  route: RouteOptions,
) {
  const { keyed, guarded, once } = traitsOf(route)
  const success = referenceOf(route).answers[status]
  const codes = statusesOf(route).find(([one]) => one === status)?.[1] ?? []
  const form = formOf(route)
  if (!success && codes.length === 0)
    throw new Error(`${route.url} does not say what its answer ${status} is`)
  const refusals = Object.fromEntries(
    codes.map((code) => [
      code,
      { value: form.write(sampleFailure(code, form.says), sampleRequestId).body },
    ]),
  )
  const examplesFor = (type: string) => ({
    ...(success && typesOf(success).includes(type) ? examplesOf(success.examples) : {}),
    ...(codes.length > 0 && contentType(route, codes) === type ? refusals : {}),
  })
  return {
    ...response,
    description: [success?.description, ...new Set(codes.map(form.labelOf))]
      .filter(Boolean)
      .join('\n\n'),
    headers: headersOf({
      status,
      keyed: keyed || guarded,
      once,
      retry: codes.some(hasRetryAfter),
      challenge: codes.some(isChallenge),
    }),
    content: Object.fromEntries(
      Object.entries(response.content ?? {}).map(([type, media]) => [
        type,
        { ...media, examples: examplesFor(type) },
      ]),
    ),
  }
}

export const examplesOf = (examples: readonly Example[]) =>
  Object.fromEntries(
    examples.map((example) => [
      example.summary
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, ''),
      example,
    ]),
  )
