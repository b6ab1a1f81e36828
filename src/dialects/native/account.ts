// /v1/account, /v1/balance, /v1/transactions
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { transferKinds } from '../../core/ledger/statement.ts'
import { formatAmount } from '../../core/money.ts'
import { callerOf, rightOf } from '../../http/dialect.ts'
import { transactionAnswer } from './account-wire.ts'
import { type CsvList, csvAnswer, csvText, sendCsv } from './csv.ts'
import * as examples from './examples.ts'
import { fromCursor, several, timesOf, toPage } from './pages.ts'
import * as schemas from './schemas.ts'
import { amountOf } from './wanted.ts'
import type { Wire } from './wire.ts'

const getAccountRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The account.',
          examples: [{ summary: 'An account', value: examples.account }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getAccount',
    tags: ['Account'],
    summary: 'Get the account',
    description: 'Returns the account that the key belongs to, with its balance.',
    response: { 200: schemas.account },
  },
}

const changeAccountRoute = {
  config: {
    scope: 'manage',
    reference: {
      answers: {
        200: {
          description: 'The updated account.',
          examples: [{ summary: 'An account', value: examples.account }],
        },
      },
      requests: [{ summary: 'A threshold', value: { low_balance: '5.00' } }],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'changeAccount',
    tags: ['Account'],
    summary: 'Update the account',
    description:
      'Sets `low_balance`. The event `balance.low` is sent each time the balance falls below it. Null ' +
      'removes it.',
    body: z.strictObject({ low_balance: z.union([schemas.decimalText, z.number()]).nullable() }),
    response: { 200: schemas.account },
  },
}

const getBalanceRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The balance.',
          examples: [{ summary: 'A balance', value: examples.balance }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getBalance',
    tags: ['Account'],
    summary: 'Get the balance',
    description:
      'Returns the money that the account can spend. The prices of open orders are already deducted.',
    response: { 200: schemas.balance },
  },
}

const transactionFilter = {
  ...schemas.timeQuery,
  type: several(z.enum(transferKinds), 'Only this type.', 'hold'),
}

const listTransactionsRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'A page of transactions.',
          examples: [{ summary: 'A hold', value: examples.page(examples.transactions) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listTransactions',
    tags: ['Account'],
    summary: 'List transactions',
    description:
      'Returns every movement of money, newest first. An order takes its price as a `hold`. The first code ' +
      'turns it into a `post`, which does not change the balance again. If the order is cancelled or ' +
      'expires, a `void` returns the money.',
    querystring: z.object({ ...schemas.pageQuery, ...transactionFilter }),
    response: { 200: schemas.pageOf(schemas.transaction) },
  },
}

const transactionsAsCsvRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: csvAnswer(
          'id,type,amount,change,balance_after,currency,order_id,deposit_id,reference,created_at\r\n' +
            'txn_1z8c6v4b2n9,hold,1.50,-1.50,98.50,USD,ord_89b12d3a456,,,2026-11-20T09:30:00.000Z\r\n',
        ),
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listTransactionsAsCsv',
    tags: ['Account'],
    summary: 'List transactions as CSV',
    description: 'Returns the statement of a period, newest first.',
    querystring: z.object(transactionFilter),
    response: { 200: csvText },
  },
}

export function accountRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/account', getAccountRoute, (request) =>
    accountAnswer(app, callerOf(request).accountId),
  )

  scope.patch('/account', changeAccountRoute, async (request) => {
    const { accountId } = callerOf(request)
    const mark = amountOf(request.body.low_balance ?? undefined, '/low_balance')
    await app.money.setLowBalance(accountId, mark)
    return accountAnswer(app, accountId)
  })

  scope.get('/balance', getBalanceRoute, async (request) => {
    const { accountId, currency, decimals } = callerOf(request)
    return { balance: formatAmount(await app.money.balance(accountId), decimals), currency }
  })

  scope.get('/transactions.csv', transactionsAsCsvRoute, async (request, reply) => {
    return sendCsv<Shown>(reply, transactionsCsv(app, request, filterOf(request.query)))
  })

  scope.get('/transactions', listTransactionsRoute, async (request) => {
    const { accountId, decimals } = callerOf(request)
    const { cursor, limit } = request.query
    const lines = await app.money.statement({
      accountId,
      ...filterOf(request.query),
      before: fromCursor(cursor),
      limit: limit + 1,
    })
    return toPage(
      lines,
      limit,
      (line) => line.seq,
      (line) => transactionAnswer(app, line, decimals),
    )
  })
}

const transactionColumns = (
  ['id', 'type', 'amount', 'change', 'balance_after', 'currency', 'order_id', 'deposit_id'] as const
).map((name) => [name, (line: Shown) => line.wire[name]] as const)

/** A line of the statement, and the same as it is shown. */
type Shown = { readonly seq: bigint; readonly wire: Wire<typeof schemas.transaction> }

function transactionsCsv(app: App, request: FastifyRequest, filter: Filter): CsvList<Shown> {
  const { accountId, decimals } = callerOf(request)
  const mayStill = rightOf(app, request)
  return {
    filename: 'transactions.csv',
    columns: [
      ...transactionColumns,
      ['reference', ({ wire }) => wire.reference],
      ['created_at', ({ wire }) => wire.created_at],
    ],
    async page(after, limit) {
      // @NOTE the key may have been revoked since the last page
      if (after !== null) await mayStill()
      const lines = await app.money.statement({ accountId, ...filter, before: after?.seq, limit })
      return lines.map((line) => ({ seq: line.seq, wire: transactionAnswer(app, line, decimals) }))
    },
  }
}

type Filter = ReturnType<typeof filterOf>

const filterOf = (query: Parameters<typeof timesOf>[0] & { type?: Kind[] | undefined }) => ({
  ...timesOf(query),
  kinds: query.type,
})

type Kind = (typeof transferKinds)[number]

async function accountAnswer(
  app: App,
  accountId: number,
): Promise<z.output<typeof schemas.account>> {
  const account = await app.accounts.read(accountId)
  const mark = await app.money.lowBalance(accountId)
  return {
    id: app.ids.toToken('acc', account.id),
    email: account.email,
    name: account.name,
    currency: account.currency,
    decimals: account.decimals,
    balance: formatAmount(await app.money.balance(accountId), account.decimals),
    low_balance: mark === null ? null : formatAmount(mark, account.decimals),
    created_at: account.createdAt.toISOString(),
  }
}
