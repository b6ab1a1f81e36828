// /v1/deposits and /v1/gateways
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { creditedIn, type Deposit, depositStates } from '../../core/deposits/deposit.ts'
import { DomainError } from '../../core/error.ts'
import { callerOf } from '../../http/dialect.ts'
import { pageHeaders } from '../../http/html-page.ts'
import { answerOnce } from '../../http/once.ts'
import { originOf } from '../../http/origin.ts'
import { depositOf, depositParams } from './deposit-payment.ts'
import {
  deposit,
  depositAnswer,
  depositExample,
  gateway,
  gatewayAnswer,
  gatewayExample,
  paidExample,
} from './deposit-wire.ts'
import * as examples from './examples.ts'
import { invoicePage } from './invoice-page.ts'
import { fromCursor, timesOf, toPage } from './pages.ts'
import { annotationsOf } from './purchase.ts'
import * as schemas from './schemas.ts'
import { amountOf } from './wanted.ts'

const tags = ['Deposits']

const newDeposit = z
  .strictObject({
    amount: z
      .union([schemas.decimalText, z.number()])
      .meta({ description: 'In the account’s currency.', examples: ['25.00'] }),
    gateway: schemas
      .line(40)
      .optional()
      .meta({
        description: 'A gateway of GET /v1/gateways. By default the first.',
        examples: ['sandbox'],
      }),
    reference: schemas.reference.optional(),
    metadata: schemas.metadata.optional(),
  })
  .meta({ id: 'NewDeposit' })

const listGatewaysRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The gateways; the default comes first.',
          examples: [{ summary: 'One gateway', value: examples.list([gatewayExample]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listGateways',
    tags,
    summary: 'List payment gateways',
    description:
      'Returns the gateways that take the currency of the account. The first one is the default.',
    response: { 200: schemas.listOf(gateway) },
  },
}

const createDepositRoute = {
  config: {
    scope: 'buy',
    reference: {
      answers: {
        201: {
          description: 'The deposit. Send the payer to `payment_url`.',
          examples: [{ summary: 'A deposit', value: depositExample }],
        },
      },
      failures: ['not_found'],
      requests: [
        { summary: 'An amount', value: { amount: '25.00', gateway: 'sandbox' } },
        { summary: 'With the default gateway', value: { amount: '25.00' } },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'createDeposit',
    tags,
    summary: 'Create a deposit',
    description:
      'Creates a deposit. Send the payer to `payment_url`. The amount is credited once, when it is paid. ' +
      'If the gateway does not answer, `checkout_url` and `qris` follow later. If it refuses, the ' +
      'deposit is `failed`.',
    body: newDeposit,
    response: { 201: deposit },
  },
}

const listDepositsRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'A page of deposits.',
          examples: [{ summary: 'One deposit', value: examples.page([paidExample]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listDeposits',
    tags,
    summary: 'List deposits',
    description: 'Returns the deposits of the account, newest first.',
    querystring: z.object({
      ...schemas.pageQuery,
      state: z
        .enum(depositStates)
        .optional()
        .meta({ description: 'Only deposits in this state.', examples: ['success'] }),
      reference: schemas.referenceFilter,
      ...schemas.timeQuery,
    }),
    response: { 200: schemas.pageOf(deposit) },
  },
}

const getDepositRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The deposit.',
          examples: [{ summary: 'Paid', value: paidExample }],
        },
      },
      failures: ['deposit_not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getDeposit',
    tags,
    summary: 'Get a deposit',
    description: 'Returns a deposit.',
    params: depositParams,
    response: { 200: deposit },
  },
}

const getInvoiceRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The invoice, a page to be printed.',
          contentTypes: ['text/html'],
          examples: [
            { summary: 'The beginning', value: '<!doctype html><html lang="en">...</html>' },
          ],
        },
      },
      failures: ['deposit_not_found', 'not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getDepositInvoice',
    tags,
    summary: 'Get the invoice of a deposit',
    description: 'Returns a page to be printed. A deposit that nothing was credited for has none.',
    params: depositParams,
    response: { 200: z.string() },
  },
}

const changeDepositRoute = {
  config: {
    scope: 'buy',
    reference: {
      answers: {
        200: {
          description: 'The updated deposit.',
          examples: [
            {
              summary: 'Changed',
              value: { ...depositExample, reference: 'topup-12', metadata: { team: 'checkout' } },
            },
          ],
        },
      },
      failures: ['deposit_not_found'],
      requests: [{ summary: 'A reference', value: { reference: 'topup-12' } }],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'updateDeposit',
    tags,
    summary: 'Update a deposit',
    description:
      'Changes the reference and the metadata. Omitted fields keep their values. This works in every state ' +
      'and sends no event.',
    params: depositParams,
    body: schemas.annotationChange,
    response: { 200: deposit },
  },
}

export function depositRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  scope.get('/gateways', listGatewaysRoute, async (request) => {
    const caller = callerOf(request)
    return {
      data: app.deposits.gatewaysFor(caller.currency).map((one) => gatewayAnswer(one, caller)),
    }
  })

  scope.post('/deposits', createDepositRoute, (request, reply) => {
    const { accountId, currency } = callerOf(request)
    const answer = (made: Deposit) => ({ status: 201, body: depositAnswer(app, made) })
    return answerOnce<Deposit>(app, request, reply, {
      run: (once) => {
        const amount = amountOf(request.body.amount, '/amount') ?? 0n
        const gateway = gatewayOf(app, currency, request.body.gateway)
        return app.deposits.open({
          accountId,
          gateway,
          amount,
          origin: originOf(app, request),
          annotations: annotationsOf(request.body),
          once,
        })
      },
      render: answer,
      renderAgain: async ({ subjectIds: [id] }) =>
        answer(await app.deposits.read({ accountId, id: id as bigint })),
    })
  })

  scope.get('/deposits', listDepositsRoute, async (request) => {
    const { cursor, limit, state, reference } = request.query
    const deposits = await app.deposits.list({
      accountId: callerOf(request).accountId,
      state,
      reference,
      ...timesOf(request.query),
      before: fromCursor(cursor),
      limit: limit + 1,
    })
    return toPage(
      deposits,
      limit,
      (one) => one.id,
      (one) => depositAnswer(app, one),
    )
  })

  scope.get('/deposits/:id', getDepositRoute, async (request) =>
    depositAnswer(app, await app.deposits.read(depositOf(app, request, request.params.id))),
  )

  scope.get('/deposits/:id/invoice', getInvoiceRoute, async (request, reply) => {
    const page = await invoiceOf(
      app,
      await app.deposits.read(depositOf(app, request, request.params.id)),
    )
    return reply.headers({ ...pageHeaders, 'cache-control': 'private, no-store' }).send(page)
  })

  scope.patch('/deposits/:id', changeDepositRoute, async (request) => {
    const target = depositOf(app, request, request.params.id)
    return depositAnswer(app, await app.deposits.annotate(target, request.body))
  })
}

/** @throws not_found if nothing was credited */
async function invoiceOf(app: App, deposit: Deposit): Promise<string> {
  if (creditedIn(deposit) === 0n)
    throw new DomainError(
      'not_found',
      'Nothing was credited for this deposit, so it has no invoice.',
    )
  return invoicePage(app, await app.accounts.read(deposit.accountId), deposit)
}

/** The name of a gateway that takes the currency; by default the first. @throws not_found */
function gatewayOf(app: App, currency: string, name: string | undefined): string {
  const names = app.deposits.gatewaysFor(currency).map((one) => one.name)
  const found = name === undefined ? names[0] : names.find((one) => one === name)
  if (found !== undefined) return found
  if (name === undefined)
    throw new DomainError('not_found', `No gateway accepts deposits in ${currency}.`)
  const list = names.length > 0 ? ` Choose one of ${names.join(', ')}.` : ''
  throw new DomainError(
    'not_found',
    `There is no gateway ${name} for deposits in ${currency}.${list}`,
    { alternatives: names },
  )
}
