// /pay/<token>: the payment page. It shows what the deposit's gateway offers: a QR code, a link to the
// gateway's own page, or transfer details; for the sandbox, a button that pays without real money.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { toString as toText } from 'qrcode'
import type { App } from '../app.ts'
import { type Deposit, type DepositState, stateAt } from '../core/deposits/deposit.ts'
import type { Gateway } from '../core/deposits/gateway.ts'
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
b{font-size:1.6rem;display:block}svg{width:16rem;height:16rem}.told{white-space:pre-line}`

/** Scanned from a screen, like the QR code of an eSIM. */
const pictureOptions = { errorCorrectionLevel: 'M', margin: 4 } as const

type Params = { Params: { token: string } }

export function payPage(server: FastifyInstance, app: App) {
  server.register(async (scope) => {
    // The form has no fields; the button says everything.
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 1_000 },
      (_request, _text, done) => done(null, undefined),
    )
    scope.get<Params>('/pay/:token', { schema: { hide: true } }, (request, reply) =>
      show(app, reply, () => app.deposits.byPayToken(tokenOf(request.params.token))),
    )
    scope.post<Params>('/pay/:token', { schema: { hide: true } }, (request, reply) =>
      show(app, reply, async () => {
        const payToken = tokenOf(request.params.token)
        await app.deposits.payInSandbox({ payToken })
        return app.deposits.byPayToken(payToken)
      }),
    )
  })
}

/** Only text that can be a token reaches PostgreSQL. */
const tokenOf = (text: string) => (tokenForm.test(text) ? text : '')

/** Answers with the page of a deposit, or 404, also if its gateway is closed. */
async function show(app: App, reply: FastifyReply, find: () => Promise<Deposit>) {
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
  const gateway = deposit && app.deposits.gatewayNamed(deposit.gateway)
  if (!deposit || !gateway)
    return reply.code(404).send(pageOf('<p>This payment does not exist.</p>'))
  return reply.send(await pageFor(app, gateway, deposit))
}

const says = {
  success: '<p>Paid. You can close this page.</p>',
  expired: '<p>The time to pay is over.</p>',
  failed: '<p>The payment failed.</p>',
  review: '<p>Your payment has arrived and is being checked.</p>',
  refunded: '<p>This payment was refunded.</p>',
} as const satisfies Record<Exclude<DepositState, 'pending'>, string>

async function pageFor(app: App, gateway: Gateway, deposit: Deposit): Promise<string> {
  const state = stateAt(deposit, app.now())
  const isPlay = gateway.features.way === 'button'
  const amount = formatAmount(deposit.total, app.money.decimals(deposit.currency))
  const head =
    (isPlay ? '<p>Sandbox payment: no real money is moved.</p>' : '') +
    `<p><b>${amount} ${deposit.currency}</b></p>`
  if (state !== 'pending') return pageOf(head + says[state])
  // Payments made elsewhere appear here by themselves.
  return pageOf(head + (await waysToPay(deposit, isPlay)), isPlay ? '' : refresh)
}

async function waysToPay(deposit: Deposit, isPlay: boolean): Promise<string> {
  if (deposit.confirming) return '<p>Your payment is on its way. This takes some minutes.</p>'
  const { qris, checkoutUrl, instructions, gatewayRef } = deposit
  if (gatewayRef === null && !isPlay)
    return '<p>Your payment is being prepared. One moment, please.</p>'
  const picture = qris === null ? '' : await toText(qris, { ...pictureOptions, type: 'svg' })
  return [
    picture && `<p>Scan this code with your bank’s or wallet’s app.</p>${picture}`,
    instructions &&
      `<p class="told">${escaped(instructions)}</p>` +
        `<p>Payment reference: <strong>${deposit.reference}</strong></p>`,
    checkoutUrl &&
      `<p><a href="${escaped(checkoutUrl)}" rel="noreferrer">Continue to payment</a></p>`,
    isPlay && '<form method="post"><button type="submit">Pay</button></form>',
  ]
    .filter(Boolean)
    .join('')
}

const refresh = '<meta http-equiv="refresh" content="10">'

const marks: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes texts of operators and gateways. */
const escaped = (text: string) => text.replace(/[&<>"']/g, (mark) => marks[mark] as string)

const pageOf = (content: string, more = '') =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Payment</title>' +
  `<meta name="viewport" content="width=device-width,initial-scale=1">${more}` +
  `<style>${style}</style></head><body><main>${content}</main></body></html>`
