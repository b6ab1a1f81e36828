// The reference data of a route beyond its schemas. Routes carry it in their `config`.
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Failure, FailureCode } from '../failure.ts'
import type { SentWebhook } from './webhooks.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    reference?: RouteReference
  }
}

export type Example = { readonly summary: string; readonly value: unknown }

export type AnswerReference = {
  readonly description: string
  readonly examples: readonly Example[]
  /** The content types of the response; JSON by default. */
  readonly contentTypes?: readonly string[]
}

export type RouteReference = {
  /** Every success status, with its meaning and at least one example. */
  readonly answers: Readonly<Record<number, AnswerReference>>
  /** Example bodies. */
  readonly requests?: readonly Example[]
  /** Failures of the call's own verb. Those of every call are added. */
  readonly failures?: readonly FailureCode[]
  /** Whether it takes an Idempotency-Key although it is a GET, because it spends money. */
  readonly once?: boolean
}

/** A failure in the format of a dialect. */
export type FailureAnswer = {
  readonly status: number
  readonly contentType: 'application/json' | 'application/problem+json' | 'text/plain'
  readonly body: unknown
}

/** How a dialect writes failures, and how the reference describes them. */
export type FailureForm = {
  /** @param request the failed request, if the format depends on the request or the caller; the
   * reference shows the format without one */
  readonly write: (failure: Failure, requestId: string, request?: FastifyRequest) => FailureAnswer
  /** Messages of this dialect that differ from those of `/v1`, for the reference's examples. */
  readonly says?: Partial<Record<FailureCode, string>>
  /** The schema of the body for a code. */
  readonly schemaOf: (code: FailureCode) => z.ZodType
  /** A code's entry in the reference's list of a status. */
  readonly labelOf: (code: FailureCode) => string
}

/** The reference data of a whole dialect. */
export type DialectReference = {
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  /** The security scheme of its routes; by default the account's API key. */
  readonly security?: 'key' | 'supplierSecret' | 'staffKey'
  /** Descriptions by operationId, for routes without their own. */
  readonly descriptions?: Readonly<Record<string, string>>
  /** The webhooks that it sends, and the tag that lists them. */
  readonly webhooks?: { readonly tag: string; readonly sent: readonly SentWebhook[] }
}
