// The formats of webhooks: whose they are, which events they carry, and what a delivery looks like.

import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Webhook } from './queries.ts'

export type FormatName = Webhook['format']
export type EventName = Webhook['events'][number]

type Format = {
  readonly name: FormatName
  readonly label: string
  readonly about: MessageDescriptor
  /** The events that it can carry; null: all. */
  readonly events: readonly EventName[] | null
  /** The headers of a delivery that its receiver checks. */
  readonly headers: readonly string[]
  /** A delivery as it is sent. */
  readonly example: object
}

const messages = ['message.received', 'order.code_received'] as const
const standardHeaders = ['webhook-id', 'webhook-timestamp', 'webhook-signature']

export const formats: readonly Format[] = [
  {
    name: 'standard',
    label: 'Numlet /v1',
    about: msg`Every event, as the calls of /v1 show it.`,
    events: null,
    headers: standardHeaders,
    example: {
      type: 'message.received',
      timestamp: '2026-11-20T09:30:07.512Z',
      data: {
        order_id: 'ord_89b12d3a456',
        message: { id: 'msg_0a1b2c3d4e5', sender: 'WhatsApp', text: '…', code: '593821' },
      },
    },
  },
  {
    name: 'otpzap',
    label: 'OTPZap',
    about: msg`Codes, orders that were cancelled, finished or replaced, and deposits that were paid.`,
    events: [
      ...(['order.code_received', 'order.cancelled', 'order.finished'] as const),
      ...(['order.replaced', 'deposit.success'] as const),
    ],
    headers: ['X-OTPZap-Event', 'X-OTPZap-Signature', ...standardHeaders],
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
  },
  {
    name: 'smsverificationservice',
    label: 'smsVerificationService',
    about: msg`Every message, as it arrived.`,
    events: messages,
    headers: standardHeaders,
    example: {
      event: 'incoming_message',
      message: {
        order_id: 1042,
        number: '12015550123',
        service: 'whatsapp',
        sender: 'WhatsApp',
        sms: 'Your code is 593-821',
        type: 'str',
      },
    },
  },
  {
    name: 'handler-api',
    label: 'handler_api',
    about: msg`Every message, as one flat object.`,
    events: messages,
    headers: standardHeaders,
    example: {
      activationId: 1042,
      messageId: '77',
      service: 'wa',
      text: 'Your code is 593-821',
      code: '593821',
      country: 187,
      phoneFrom: 'WhatsApp',
      receivedAt: '2026-11-20 09:30:07',
    },
  },
]

export const formatNamed = (name: FormatName): Format =>
  formats.find((one) => one.name === name) ?? (formats[0] as Format)

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
