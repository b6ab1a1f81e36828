// The formats of webhooks in the person’s words, and the events in the order in which they are offered.

import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Webhook, WebhookFormat } from './queries.ts'

export type FormatName = Webhook['format']
export type EventName = Webhook['events'][number]

const about: Readonly<Record<string, MessageDescriptor>> = {
  standard: msg`Every event, as the calls of /v1 show it.`,
  otpzap: msg`Codes, orders that were cancelled, finished or replaced, and deposits that were paid.`,
  smsverificationservice: msg`Every message, as it arrived.`,
  'handler-api': msg`Every message, as one flat object.`,
}

/** What a format is for; in the server’s words if these pages know none. */
export const aboutOf = (
  format: WebhookFormat,
  say: (text: MessageDescriptor) => string,
): string => {
  const known = about[format.name]
  return known === undefined ? format.description : say(known)
}

/** The title of a format, also before the list of them is there. */
export const titleOf = (formats: readonly WebhookFormat[] | undefined, name: FormatName): string =>
  formats?.find((one) => one.name === name)?.title ?? name

/** Every event, in the order in which they are offered. */
export const eventNames: readonly EventName[] = [
  ...(['order.code_received', 'message.received', 'order.created', 'order.allocated'] as const),
  ...(['order.resend_requested', 'order.finished', 'order.cancelled', 'order.replaced'] as const),
  ...(['order.expired', 'order.failed', 'order.refunded', 'order.late_code'] as const),
  ...(['order.claimed', 'order.renewed', 'order.expiring', 'order.ended'] as const),
  ...(['balance.low', 'deposit.created', 'deposit.success', 'deposit.expired'] as const),
  ...(['deposit.failed', 'deposit.review', 'deposit.refunded'] as const),
  ...(['deposit.surplus_credited', 'webhook.disabled'] as const),
]
