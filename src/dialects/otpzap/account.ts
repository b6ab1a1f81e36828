// /balance, /topup/create and /topup/check
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Deposit } from '../../core/deposits/deposit.ts'
import { depositNotFound } from '../../core/deposits/deposits.ts'
import { DomainError } from '../../core/error.ts'
import { type Amount, amountAsNumber, parseAmount } from '../../core/money.ts'
import { callerOf } from '../../http/dialect.ts'
import { answerOnce } from '../../http/once.ts'
import { originOf } from '../../http/origin.ts'
import { telling } from './reference.ts'
import * as shapes from './shapes.ts'
import { ok, tokenIn } from './values.ts'
import { withBody } from './verb-route.ts'
import { depositData, invoiceData } from './wire.ts'

const tags = ['OTPZap']

const balanceRoute = {
  config: {
    scope: 'read' as const,
    reference: telling('The balance', { balance: 150.5, currency: 'USD' }),
  },
  schema: {
    operationId: 'otpzapBalance',
    tags,
    summary: 'Get the balance',
    response: { 200: shapes.balance },
  },
}

const invoiceWanted = 'must be the order_id of an invoice'
const depositId = 'APIDEP-1001-0k9x2m4p7qz'

const createRoute = {
  config: {
    scope: 'buy' as const,
    reference: telling(
      'The invoice',
      {
        order_id: depositId,
        amount: 50_000,
        total_amount: 50_000,
        currency: 'IDR',
        status: 'pending',
        payment_url: 'https://numlet.example.com/pay/8Zk3vQ0wYc5mT1nXb7RfJ2sHd9LgP4aE',
        qris: null,
        expired_at: '2026-05-19 11:00:00 WIB',
      },
      { failures: ['not_found'], requests: [{ summary: 'An amount', value: { amount: 50_000 } }] },
    ),
  },
  schema: {
    operationId: 'otpzapCreateTopup',
    tags,
    summary: 'Create a deposit',
    body: z
      .object(
        {
          amount: z.union([z.number(), z.string().max(20)], 'must be an amount').meta({
            description: 'In rupiah. The account must use rupiah, too.',
            examples: [50_000],
          }),
        },
        'must be a JSON object',
      )
      .meta({ id: 'OtpzapNewTopup' }),
    response: { 200: shapes.invoice },
  },
  preValidation: withBody,
}

const checkRoute = {
  config: {
    scope: 'read' as const,
    reference: telling(
      'The deposit',
      {
        order_id: depositId,
        amount: 50_000,
        currency: 'IDR',
        status: 'success',
        paid_at: '2026-05-19 10:34:12 WIB',
        created_at: '2026-05-19 10:30:00 WIB',
      },
      { failures: ['deposit_not_found'] },
    ),
  },
  schema: {
    operationId: 'otpzapCheckTopup',
    tags,
    summary: 'Get a deposit',
    querystring: z.object({
      order_id: z
        .string(invoiceWanted)
        .min(1, invoiceWanted)
        .max(200, invoiceWanted)
        .meta({ description: 'The `order_id` of the invoice.', examples: [depositId] }),
    }),
    response: { 200: shapes.deposit },
  },
}

export function accountRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Check account balance."
  scope.get('/balance', balanceRoute, async (request) => {
    const { accountId, currency } = callerOf(request)
    return ok({ balance: amountAsNumber(await app.money.balance(accountId)), currency })
  })

  // "Create a QRIS deposit invoice (rupiah)."
  scope.post('/topup/create', createRoute, (request, reply) => {
    const { accountId, currency } = callerOf(request)
    const answer = (deposit: Deposit) => ({
      status: 200,
      body: ok(invoiceData(app, deposit, app.now())),
    })
    return answerOnce<Deposit>(app, request, reply, {
      run: (once) => {
        const [first] = app.deposits.gatewaysFor(currency)
        return app.deposits.open({
          accountId,
          gateway: first?.name ?? 'none',
          amount: rupiahOf(currency, request.body.amount),
          origin: originOf(app, request),
          once,
        })
      },
      render: answer,
      renderAgain: async ({ subjectIds: [id] }) =>
        answer(await app.deposits.read({ accountId, id: id as bigint })),
    })
  })

  // "Check deposit status. Polling also drives reconciliation automatically."
  scope.get('/topup/check', checkRoute, async (request) => {
    const { accountId } = callerOf(request)
    const id = depositIdOf(app, accountId, request.query.order_id)
    return ok(depositData(app, await app.deposits.read({ accountId, id }), app.now()))
  })
}

function depositIdOf(app: App, accountId: number, ref: string): bigint {
  const token = tokenIn('APIDEP', accountId, ref)
  const id = app.ids.fromToken('dep', token === null ? ref : `dep_${token}`)
  if (id === null) throw depositNotFound()
  return id
}

/** The currency of all amounts in this API's document. */
const rupiah = 'IDR'

/** An amount in rupiah. Taken in the account's own currency, 50000 would become an invoice over 50,000 USD.
 * @throws invalid_request, also if the account uses another currency */
function rupiahOf(currency: string, wanted: number | string): Amount {
  if (currency !== rupiah)
    throw badAmount(
      `Amounts are in rupiah (IDR) here, but this account uses ${currency}. ` +
        'Create the deposit with POST /v1/deposits or in the dashboard.',
      `must be in ${currency}, which this call does not support`,
    )
  const amount = parseAmount(String(wanted))
  if (amount === null)
    throw badAmount('The amount is not valid.', 'must be an amount of rupiah such as 50000')
  return amount
}

const badAmount = (message: string, detail: string) =>
  new DomainError('invalid_request', message, { fields: [{ pointer: '/amount', detail }] })
