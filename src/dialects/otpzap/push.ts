// A delivery in OTPZap's words: `{event, data, created_at}`, signed in its own way beside the standard one.
import { createHmac } from 'node:crypto'
import type { App } from '../../app.ts'
import { findDeposit } from '../../core/deposits/deposits.ts'
import type { Push, Told, Wording } from '../../core/webhooks/delivery.ts'
import { testType } from '../../core/webhooks/endpoint.ts'
import { wib } from './values.ts'
import { depositData, eventNameOf, orderData } from './wire.ts'

export async function otpzapPush(app: App, { delivery, secret }: Push): Promise<Wording | null> {
  const { told } = delivery
  const event = told.type === testType ? testType : eventNameOf(told.type)
  if (event === null) return null
  const body = JSON.stringify({
    event,
    data: await dataOf(app, told),
    created_at: wib(told.createdAt),
  })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return {
    body,
    headers: { 'x-otpzap-event': event, 'x-otpzap-signature': `sha256=${signature}` },
  }
}

/** The order or the deposit, as the calls answer it. */
async function dataOf(app: App, told: Told): Promise<object> {
  const { accountId, orderId } = told
  if (orderId !== null) return orderData(app, await app.readOrder(accountId, orderId))
  const { deposit_id: id } = told.data as { deposit_id?: number }
  if (id === undefined) return {}
  return depositData(app, await findDeposit(app.db, { accountId, id: BigInt(id) }), app.now())
}
