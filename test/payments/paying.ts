// A server with a gateway configured, and customers who pay in by it.
import { refundDeposit } from '../../src/core/deposits/operator-actions.ts'
import { gatewayKindOf } from '../../src/payments/kinds.ts'
import { call, type Reply, type TestServer, testCustomer, testServer } from '../harness/server.ts'
import { gatewayAsker } from './asking.ts'
import type { GatewayServer, Payment, Sent } from './servers/gateway.ts'

export type Deposit = {
  readonly id: string
  readonly state: string
  readonly payment_reference: string
  readonly payment_url: string
  readonly checkout_url: string | null
  readonly qris: string | null
  readonly expires_at: string
}

export type Paying = Awaited<ReturnType<typeof paying>>

/** Amounts that are plain in each currency: as they are asked and paid, and as balances show them. */
const amounts = {
  USD: { amount: '25.00', half: '12.50', double: '50.00', nothing: '0.00' },
  IDR: { amount: '275000', half: '137500', double: '550000', nothing: '0.00' },
} as const

const shown = (amount: string) => Number(amount).toFixed(2)

export async function paying(gateway: GatewayServer) {
  const server: TestServer = await testServer({ env: { ...gateway.env } })
  const { app, db } = server
  const currency = gateway.currency as keyof typeof amounts
  const { amount, half, double, nothing } = amounts[currency]
  const payment = (value: string): Payment => ({ amount: value })

  const post = (
    at: TestServer,
    key: string,
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<Reply<Deposit>> => call<Deposit>(at, key, 'POST', path, body, headers)

  const customer = async () => {
    const { key, accountId } = await testCustomer(db, { credit: '0', currency })
    const get = <T>(path: string) => call<T>(server, key, 'GET', path)
    const rowOf = (id: string) => app.ids.fromToken('dep', id) as bigint
    return {
      key,
      accountId,
      get,
      open: async () =>
        (await post(server, key, '/v1/deposits', { amount, gateway: gateway.name })).body,
      read: async (id: string) => (await get<Deposit>(`/v1/deposits/${id}`)).body,
      balance: async () => (await get<{ balance: string }>('/v1/balance')).body.balance,
      refund: (id: string) =>
        refundDeposit(db, app.now(), gatewayKindOf, { id: rowOf(id), byHand: false }),
      sendRefunds: () => gatewayAsker(app)('refund'),
      events: async () => {
        const rows = await db.query<{ type: string }>(
          'select type from events where account_id = $1 order by id',
          [accountId],
        )
        return rows.map(({ type }) => type)
      },
    }
  }

  /** Sends a notice. @returns the status and the outcome */
  const tell = async ({ headers, body }: Sent): Promise<string> => {
    const reply = await call<{ outcome?: string }>(
      server,
      null,
      'POST',
      `/api/wallet/callback/${gateway.name}`,
      body,
      headers,
    )
    return `${reply.status} ${reply.body.outcome}`
  }

  return {
    server,
    currency,
    amount,
    nothing,
    exact: payment(amount),
    half: payment(half),
    double: payment(double),
    shown: shown(amount),
    shownHalf: shown(half),
    shownDouble: shown(double),
    post,
    customer,
    tell,
    check: () => gatewayAsker(app)('check'),
  }
}
