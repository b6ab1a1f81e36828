// Failures as RFC 9457 problem details with a stable `code`. The native API and the endpoints for suppliers'
// messages and payment notices use this format.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Failure, FailureCode } from './failure.ts'
import type { FailureAnswer, FailureForm } from './openapi/reference.ts'
import { problemTexts } from './problem-texts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The origin for links, without a trailing slash. */
    readonly origin: string
  }
}

/** The path of the pages that explain each code. */
export const errorPagesPath = '/docs/errors'

const amount = z.string().meta({ examples: ['0.40'] })

const problem = z
  .object({
    type: z.string().meta({
      description: 'The URL of a page that explains the code.',
      examples: [`https://numlet.example.com${errorPagesPath}/out_of_stock`],
    }),
    title: z.string().meta({ description: 'What the code means. The same for every request.' }),
    status: z.number().int().meta({ description: 'The HTTP status.' }),
    detail: z.string().meta({ description: 'What is wrong with this request, and what to do.' }),
    code: z
      .enum(Object.keys(problemTexts) as [FailureCode])
      .meta({ description: 'A stable code for programs to decide by.' }),
    request_id: z.string().meta({ description: 'The same as the header `X-Request-Id`.' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({
            description: 'A JSON Pointer into the body, or the name of a parameter or header.',
          }),
          detail: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'The fields that are wrong, 20 at most.' }),
    alternatives: z
      .array(z.string())
      .optional()
      .meta({ description: 'Values that would be accepted, the nearest first.' }),
    price: amount.optional().meta({ description: 'What the order costs.' }),
    balance: amount.optional().meta({ description: 'The balance of the account.' }),
    max_price: amount.optional().meta({ description: 'The `max_price` of the request.' }),
    lowest_price: amount.optional().meta({ description: 'What the cheapest match costs.' }),
    max_spend_a_day: amount.optional().meta({ description: 'What the key may spend on a day.' }),
    spent_today: amount.optional().meta({ description: 'What the key has spent today.' }),
    open_orders: z.number().int().optional().meta({ description: 'Orders that are open.' }),
    open_deposits: z.number().int().optional().meta({ description: 'Deposits that are open.' }),
    currency: z.string().optional().meta({ description: 'The currency of the amounts.' }),
    limit: z.number().int().optional().meta({ description: 'The limit that was reached.' }),
    retry_after: z
      .number()
      .int()
      .optional()
      .meta({ description: 'Seconds. The same as the header `Retry-After`.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })

/** Optional members of a problem: fields of `Failure.detail` by the same names. */
const facts = {
  fields: 'errors',
  alternatives: 'alternatives',
  price: 'price',
  balance: 'balance',
  maxPrice: 'max_price',
  lowestPrice: 'lowest_price',
  maxSpendADay: 'max_spend_a_day',
  spentToday: 'spent_today',
  openOrders: 'open_orders',
  openDeposits: 'open_deposits',
  currency: 'currency',
  limit: 'limit',
  retryAfterS: 'retry_after',
} as const satisfies Record<string, keyof z.output<typeof problem>>

/** Writes a failure as a problem. */
export function problemOf(
  failure: Failure,
  requestId: string,
  origin: string,
): z.output<typeof problem> {
  const { status, title } = problemTexts[failure.code]
  const extra = Object.entries(facts).flatMap(([name, member]) =>
    failure.detail[name] === undefined ? [] : [[member, failure.detail[name]]],
  )
  return {
    type: `${origin}${errorPagesPath}/${failure.code}`,
    title,
    status,
    detail: failure.message,
    code: failure.code,
    request_id: requestId,
    ...Object.fromEntries(extra),
  }
}

/** A request without a body has only parameters. The core points to the fields of a body. */
function pointingAt(request: FastifyRequest | undefined, failure: Failure): Failure {
  const { fields } = failure.detail
  if (!fields || (request?.method !== 'GET' && request?.method !== 'HEAD')) return failure
  const named = fields.map((field) => ({ ...field, pointer: field.pointer.replace(/^\//, '') }))
  return { ...failure, detail: { ...failure.detail, fields: named } }
}

export const failures: FailureForm = {
  write: (failure, requestId, request): FailureAnswer => ({
    status: problemTexts[failure.code].status,
    contentType: 'application/problem+json',
    body: problemOf(pointingAt(request, failure), requestId, request?.origin ?? ''),
  }),
  schemaOf: () => problem,
  labelOf: (code) => `\`${code}\`: ${problemTexts[code].title}.`,
}
