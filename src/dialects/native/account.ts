// /v1/account, /v1/balance, /v1/transactions
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { balanceOf, getAccount } from '../../core/accounts/accounts.ts'
import { statement } from '../../core/ledger/statement.ts'
import { formatAmount } from '../../core/money.ts'
import { callerOf } from '../../http/dialect.ts'
import * as schemas from './schemas.ts'
import { fromCursor, toPage, transactionAnswer } from './wire.ts'

const config = { scope: 'read' as const }

export function accountRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get(
    '/account',
    {
      config,
      schema: {
        tags: ['Account'],
        summary: 'The account of the key',
        response: schemas.answers({ 200: schemas.account }),
      },
    },
    async (request) => {
      const { accountId } = callerOf(request)
      const account = await getAccount(app.db, accountId)
      return {
        id: app.ids.toToken('acc', account.id),
        email: account.email,
        name: account.name,
        currency: account.currency,
        balance: formatAmount(await balanceOf(app.db, accountId), account.decimals),
        created_at: account.createdAt.toISOString(),
      }
    },
  )

  scope.get(
    '/balance',
    {
      config,
      schema: {
        tags: ['Account'],
        summary: 'What can be spent',
        response: schemas.answers({ 200: schemas.balance }),
      },
    },
    async (request) => {
      const { accountId, currency, decimals } = callerOf(request)
      return { balance: formatAmount(await balanceOf(app.db, accountId), decimals), currency }
    },
  )

  scope.get(
    '/transactions',
    {
      config,
      schema: {
        tags: ['Account'],
        summary: 'The statement: every movement of money, newest first',
        querystring: z.object(schemas.pageQuery),
        response: schemas.answers({ 200: schemas.pageOf(schemas.transaction) }, 422),
      },
    },
    async (request) => {
      const { accountId, decimals } = callerOf(request)
      const { cursor, limit } = request.query
      const lines = await statement(app.db, {
        accountId,
        before: fromCursor(cursor),
        limit: limit + 1,
      })
      return toPage(
        lines,
        limit,
        (line) => line.seq,
        (line) => transactionAnswer(app, line, decimals),
      )
    },
  )
}
