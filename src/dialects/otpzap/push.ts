// A webhook delivery in OTPZap's format: `{event, data, created_at}`, signed in its way and the standard way.
import { createHmac } from 'node:crypto'
import type { App } from '../../app.ts'
import type { DeliveryEvent, Payload, Push } from '../../core/webhooks/delivery.ts'
import { testType } from '../../core/webhooks/endpoint.ts'
import { inboxData } from './email-wire.ts'
import { wib } from './values.ts'
import { depositData, eventNameOf, orderData } from './wire.ts'

export const format = {
  name: 'otpzap',
  types: [
    'order.code_received',
    'order.cancelled',
    'order.finished',
    'order.replaced',
    'deposit.success',
  ],
  title: 'OTPZap',
  description:
    'Codes, orders that were cancelled, finished or replaced, and deposits that were paid.',
  ownHeaders: ['x-otpzap-event', 'x-otpzap-signature'],
  example: {
    event: 'order.otp_received',
    data: {
      order_id: 1042,
      status: 'otp_received',
      phone_number: '+12015550123',
      otp_code: '593821',
      otps: [{ otp_code: '593821', message: 'Your code is 593-821', sender: 'WhatsApp' }],
    },
    created_at: '2026-11-20 16:30:07 WIB',
  },
  write: otpzapPush,
} as const

async function otpzapPush(app: App, { delivery, secret }: Push): Promise<Payload | null> {
  const { event } = delivery
  const name = event.type === testType ? testType : eventNameOf(event.type)
  if (name === null) return null
  const data = await dataOf(app, event)
  if (data === null) return null
  const body = JSON.stringify({
    event: name,
    data,
    created_at: wib(event.createdAt),
  })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return {
    body,
    headers: { 'x-otpzap-event': name, 'x-otpzap-signature': `sha256=${signature}` },
  }
}

/** The order, inbox or deposit as its call returns it; null if OTPZap has no call for it. */
async function dataOf(app: App, event: DeliveryEvent): Promise<object | null> {
  const { accountId, orderId } = event
  if (orderId !== null) {
    const order = await app.orders.read(accountId, orderId)
    if (order.kind === 'esim') return null
    if (order.kind === 'email') return inboxData(app, order)
    const data = await orderData(app, order)
    return order.replacedBy === null ? data : { ...data, new_order_id: Number(order.replacedBy) }
  }
  const { deposit_id: id } = event.data as { deposit_id?: number }
  if (id === undefined) return {}
  return depositData(app, await app.deposits.read({ accountId, id: BigInt(id) }), app.now())
}
