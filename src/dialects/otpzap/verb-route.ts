// The route of a verb on an order, whether of a number or of an inbox.
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { RouteReference } from '../../http/openapi/reference.ts'

type Verb = {
  readonly operationId: string
  readonly summary: string
  readonly reference: RouteReference
}

/** A missing body is parsed as an empty one, so that the error names the missing fields. */
export const withBody = async (request: FastifyRequest) => {
  request.body ??= {} as never
}

/** @param body what names the order */
export const verbRoute = <Body extends z.ZodType, Response extends z.ZodType>(
  { operationId, summary, reference }: Verb,
  body: Body,
  response: Response,
) => ({
  config: { scope: 'buy' as const, reference },
  schema: { operationId, tags: ['OTPZap'], summary, body, response: { 200: response } },
  preValidation: withBody,
})
