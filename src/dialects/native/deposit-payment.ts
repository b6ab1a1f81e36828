// POST /v1/deposits/:id/pay, and which deposit a path names
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Deposit } from '../../core/deposits/deposit.ts'
import { type DepositTarget, depositNotFound } from '../../core/deposits/deposits.ts'
import type { DepositOutcome } from '../../core/deposits/settling.ts'
import { callerOf } from '../../http/dialect.ts'
import { answerOnce } from '../../http/once.ts'
import { deposit, depositAnswer, depositExample, paidExample } from './deposit-wire.ts'

export const depositParams = z.object({
  id: z
    .string()
    .max(100)
    .meta({ description: 'The deposit’s id (`dep_...`).', examples: [depositExample.id] }),
})

/** The deposit of the caller that a path names. @throws deposit_not_found if the text cannot be an id */
export function depositOf(app: App, request: FastifyRequest, text: string): DepositTarget {
  const id = app.ids.fromToken('dep', text)
  if (id === null) throw depositNotFound()
  return { accountId: callerOf(request).accountId, id }
}

const payDepositRoute = {
  config: {
    scope: 'buy',
    reference: {
      answers: {
        200: {
          description: 'The deposit. Its `state` says what became of it.',
          examples: [{ summary: 'Paid', value: paidExample }],
        },
      },
      failures: ['deposit_not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'payDeposit',
    tags: ['Deposits'],
    summary: 'Pay a deposit in the sandbox',
    description:
      'Pays a pending deposit of the gateway `sandbox`, which only the demo has: no real money moves. ' +
      'Paying again changes nothing, and an expired deposit stays expired. A deposit of another gateway ' +
      'is `deposit_not_found`: only its payer can pay it.',
    params: depositParams,
    response: { 200: deposit },
  },
}

export function depositPaymentRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  scope.post('/deposits/:id/pay', payDepositRoute, (request, reply) => {
    const target = () => depositOf(app, request, request.params.id)
    const answer = (paid: Deposit) => ({ status: 200, body: depositAnswer(app, paid) })
    return answerOnce<DepositOutcome>(app, request, reply, {
      run: async (once) => app.deposits.payInSandbox({ ...target(), once }),
      render: (outcome) => answer(outcome.deposit),
      renderAgain: async () => answer(await app.deposits.read(target())),
    })
  })
}
