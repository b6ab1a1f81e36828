// /pay/<token>: where a deposit of the sandbox is paid, with a button and with no money. It is there in the
// demo alone; everywhere else nobody's token is found.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { App } from '../app.ts'
import { type Deposit, openGateways, stateAt } from '../core/deposits/deposit.ts'
import { findByPayToken, payInSandbox } from '../core/deposits/deposits.ts'
import { DomainError } from '../core/error.ts'
import { formatAmount } from '../core/money.ts'

const tokenForm = /^[0-9A-Za-z]{32}$/

const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem}
button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#14532d;color:#fff}
b{font-size:1.6rem;display:block}`

type Params = { Params: { token: string } }

export function payPage(server: FastifyInstance, app: App) {
  server.register(async (scope) => {
    // A form without fields: the button is all that it says.
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 1_000 },
      (_request, _text, done) => done(null, undefined),
    )
    scope.get<Params>('/pay/:token', { schema: { hide: true } }, (request, reply) =>
      show(app, reply, async () => {
        const deposit = await findByPayToken(app.db, tokenOf(request.params.token))
        const isOurs = openGateways(app.config).some((gateway) => gateway === deposit.gateway)
        return isOurs ? deposit : null
      }),
    )
    scope.post<Params>('/pay/:token', { schema: { hide: true } }, (request, reply) =>
      show(app, reply, async () => {
        const token = tokenOf(request.params.token)
        const open = openGateways(app.config)
        return (await payInSandbox(app.db, app.now(), open, token)).deposit
      }),
    )
  })
}

/** PostgreSQL is asked only for what can be a token. */
const tokenOf = (text: string) => (tokenForm.test(text) ? text : '')

/** Answers the page of a deposit, or says that there is none. */
async function show(app: App, reply: FastifyReply, find: () => Promise<Deposit | null>) {
  const deposit = await find().catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'deposit_not_found') return null
    throw error
  })
  reply.headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  if (!deposit) return reply.code(404).send(pageOf('<p>There is no such payment.</p>'))
  return reply.send(pageOf(contentOf(app, deposit)))
}

const says = {
  pending: '<form method="post"><button type="submit">Pay</button></form>',
  success: '<p>Paid. You can close this page.</p>',
  expired: '<p>The time to pay is over.</p>',
  failed: '<p>The payment failed.</p>',
} as const

function contentOf(app: App, deposit: Deposit): string {
  const amount = formatAmount(deposit.total, app.decimals(deposit.currency))
  return (
    `<p>A payment in the sandbox: no money moves but the demo’s own.</p>` +
    `<p><b>${amount} ${deposit.currency}</b></p>${says[stateAt(deposit, app.now())]}`
  )
}

const pageOf = (content: string) =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Payment</title>' +
  '<meta name="viewport" content="width=device-width,initial-scale=1">' +
  `<style>${style}</style></head><body><main>${content}</main></body></html>`
