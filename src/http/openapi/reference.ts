// What the reference at /docs says of a route beyond its schemas. The routes carry it in their `config`.
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Dialect } from '../dialect.ts'
import type { Failure, FailureCode } from '../failure.ts'
import type { SentWebhook } from './webhooks.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    reference?: RouteReference
    /** Set when the route is mounted. */
    dialect?: Dialect
  }
}

export type Example = { readonly summary: string; readonly value: unknown }

export type AnswerReference = {
  readonly description: string
  readonly examples: readonly Example[]
  /** What it may come as; JSON where nothing is said. */
  readonly contentTypes?: readonly string[]
}

export type RouteReference = {
  /** Every status of success, with what it means and at least one example. */
  readonly answers: Readonly<Record<number, AnswerReference>>
  /** Example bodies. */
  readonly requests?: readonly Example[]
  /** What the call's own verb can be refused for; what every call can fail with is added. */
  readonly failures?: readonly FailureCode[]
  /** Whether it takes an Idempotency-Key although it is no POST: a GET that spends money. */
  readonly once?: boolean
}

/** A failure in a dialect's own words. */
export type FailureAnswer = {
  readonly status: number
  readonly contentType: 'application/json' | 'application/problem+json' | 'text/plain'
  readonly body: unknown
}

/** A dialect's way to fail: how it writes each failure, and how the reference describes that. */
export type FailureForm = {
  /** @param request whose failure it is, where what was asked or who asks makes a difference; the
   * reference shows what is written without one */
  readonly write: (failure: Failure, requestId: string, request?: FastifyRequest) => FailureAnswer
  /** The shape of the body for a code. */
  readonly schemaOf: (code: FailureCode) => z.ZodType
  /** One code in the reference's list of a status. */
  readonly labelOf: (code: FailureCode) => string
}

/** What the reference says of a whole dialect. */
export type DialectReference = {
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  /** The security scheme of its routes; by default the account's API key. */
  readonly security?: 'key' | 'supplierSecret'
  /** What a call does, by its operationId, where its route does not say so itself. */
  readonly descriptions?: Readonly<Record<string, string>>
  /** What it sends to its customers, and the tag that lists it. */
  readonly webhooks?: { readonly tag: string; readonly sent: readonly SentWebhook[] }
}
