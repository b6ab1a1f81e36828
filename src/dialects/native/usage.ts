// /v1/usage and /v1/overview: what an account used, and what a first page shows.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import { DomainError } from '../../core/error.ts'
import { formatAmount } from '../../core/money.ts'
import { type Grouping, groupings, type Usage } from '../../core/usage/usage.ts'
import { callerOf } from '../../http/dialect.ts'
import { isoTime } from '../../http/iso-time.ts'
import { serviceName } from './names.ts'
import * as schemas from './usage-schemas.ts'
import type { Wire } from './wire.ts'

const dayMs = 24 * 60 * 60 * 1000
/** A quarter; more is asked for in parts. */
const maxDays = 92
const usualDays = 30

const day = z.iso.date().optional()

const getUsageRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The usage of the period.',
          examples: [{ summary: 'One day', value: schemas.exampleUsage }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getUsage',
    tags: ['Account'],
    summary: 'Get the usage',
    description:
      'Returns orders, how many had a code, and what was paid, by day, key, service or country. Orders ' +
      'count on the day when they were bought, payments when the money moved. Days are UTC days.',
    querystring: z.object({
      from: day.meta({
        description: `The first day. Default: ${usualDays} days with the last one.`,
        examples: ['2026-11-01'],
      }),
      to: day.meta({
        description: `The last day, at most ${maxDays} with the first one. Default: today.`,
        examples: ['2026-11-30'],
      }),
      by: z
        .enum(groupings)
        .default('day')
        .meta({ description: 'What is summed up.', examples: ['day'] }),
    }),
    response: { 200: schemas.usage },
  },
}

const getOverviewRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The overview.',
          examples: [{ summary: 'An overview', value: schemas.exampleOverview }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getOverview',
    tags: ['Account'],
    summary: 'Get an overview',
    description:
      `Returns the balance, the usage of the last ${usualDays} days by day, and what runs low or ends ` +
      'soon.',
    response: { 200: schemas.overview },
  },
}

export function usageRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/usage', getUsageRoute, (request) =>
    usageAnswer(app, callerOf(request), periodOf(app, request.query), request.query.by),
  )

  scope.get('/overview', getOverviewRoute, async (request) => {
    const caller = callerOf(request)
    const { accountId, currency, decimals } = caller
    const [balance, mark, open, used, low] = await Promise.all([
      app.money.balance(accountId),
      app.money.lowBalance(accountId),
      app.orders.openOf(accountId),
      usageAnswer(app, caller, periodOf(app, {}), 'day'),
      app.usage.runningLow(accountId),
    ])
    const spent = Number(used.total.spent)
    const money = formatAmount(balance, decimals)
    return {
      currency,
      balance: money,
      low_balance: mark === null ? null : formatAmount(mark, decimals),
      is_low: mark !== null && balance < mark,
      days_left: spent > 0 ? Math.round((10 * usualDays * Number(money)) / spent) / 10 : null,
      open_orders: open.count,
      held: formatAmount(open.held, decimals),
      last_30_days: used,
      ending_soon: {
        rentals: low.rentals.map(({ id, phone, endsAt }) => ({
          order_id: app.ids.toToken('ord', id),
          phone,
          ends_at: isoTime(endsAt),
        })),
        keys: low.keys.map(({ id, name, endsAt }) => ({
          key_id: app.ids.toToken('key', id),
          name,
          ends_at: isoTime(endsAt),
        })),
      },
    }
  })
}

type Period = { readonly from: string; readonly to: string }

const dayOf = (at: Date) => at.toISOString().slice(0, 10)
const startOf = (day: string) => new Date(`${day}T00:00:00Z`)
const plusDays = (day: string, days: number) =>
  dayOf(new Date(startOf(day).getTime() + days * dayMs))

/** @throws invalid_request if it has no day, or too many */
function periodOf(app: App, asked: { from?: string | undefined; to?: string | undefined }): Period {
  const to = asked.to ?? dayOf(app.now())
  const from = asked.from ?? plusDays(to, 1 - usualDays)
  const days = (startOf(to).getTime() - startOf(from).getTime()) / dayMs + 1
  const detail =
    days < 1
      ? 'must not be later than to'
      : days > maxDays
        ? `must be at most ${maxDays} days before`
        : null
  if (detail !== null)
    throw new DomainError('invalid_request', `from: ${detail}.`, {
      fields: [{ pointer: 'from', detail }],
    })
  return { from, to }
}

async function usageAnswer(
  app: App,
  { accountId, currency, decimals }: Principal,
  period: Period,
  by: Grouping,
): Promise<Wire<typeof schemas.usage>> {
  const rows = await app.usage.read({
    accountId,
    since: startOf(period.from),
    until: startOf(plusDays(period.to, 1)),
    by,
  })
  const catalog = await app.catalog.current()
  const none = { day: null, key_id: null, service: null, country: null }
  const entry = (row: Usage) => {
    const { group } = row
    const named = {
      day: () => ({ day: group }),
      key: () => ({ key_id: group === null ? null : app.ids.toToken('key', Number(group)) }),
      service: () => ({ service: serviceName(catalog, group === null ? null : Number(group)) }),
      country: () => ({ country: group }),
    }[by]()
    return { ...none, ...named, ...countsOf(row, decimals) }
  }
  return {
    ...period,
    currency,
    total: countsOf(rows.reduce(sumOf, nothing(null)), decimals),
    data: (by === 'day' ? everyDay(rows, period) : rows).map(entry),
  }
}

const nothing = (group: string | null): Usage => ({
  ...{ group, orders: 0, open: 0, withCode: 0, withoutCode: 0, spent: 0n },
})

const sumOf = (a: Usage, b: Usage): Usage => ({
  group: null,
  orders: a.orders + b.orders,
  open: a.open + b.open,
  withCode: a.withCode + b.withCode,
  withoutCode: a.withoutCode + b.withoutCode,
  spent: a.spent + b.spent,
})

function everyDay(rows: readonly Usage[], { from, to }: Period): Usage[] {
  const byDay = new Map(rows.map((row) => [row.group, row]))
  const days: Usage[] = []
  for (let day = from; day <= to; day = plusDays(day, 1)) days.push(byDay.get(day) ?? nothing(day))
  return days
}

function countsOf({ orders, open, withCode, withoutCode, spent }: Usage, decimals: number) {
  const ended = withCode + withoutCode
  return {
    orders,
    open,
    with_code: withCode,
    success_rate: ended === 0 ? null : Math.round((1000 * withCode) / ended) / 10,
    spent: formatAmount(spent, decimals),
  }
}
