// Server 3's wire format: inboxes as OTPZap shows them, and its response schemas.
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { DomainOffer } from '../../core/inboxes/domains.ts'
import { amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'
import { money, success, toRef, wib, wibTime } from './values.ts'

const emailStatuses = ['pending', 'received', 'success', 'cancelled', 'failed'] as const

const statuses = {
  allocating: 'pending',
  waiting: 'pending',
  received: 'received',
  active: 'received',
  finished: 'success',
  cancelled: 'cancelled',
  expired: 'failed',
  failed: 'failed',
  ended: 'success',
} as const satisfies Record<OrderState, (typeof emailStatuses)[number]>

export const sites = success(
  'OtpzapSites',
  z.object({
    sites: z.array(z.object({ site: z.string(), name: z.string() }).meta({ id: 'OtpzapSite' })),
  }),
)

const domain = z
  .object({
    domain: z.string(),
    stock: z.int(),
    price: money,
    activation_rate: z
      .int()
      .nullable()
      .meta({ description: 'The percentage of inboxes that got a mail; null if unknown.' }),
    cancellation_fee: money,
  })
  .meta({ id: 'OtpzapDomain' })

export const domains = success('OtpzapDomains', z.object({ domains: z.array(domain) }))

const gone = 'Null after the retention time.'

const mail = z
  .object({
    from: z.string(),
    subject: z.string().nullable().meta({ description: gone }),
    text: z.string().nullable().meta({ description: gone }),
    html: z.string().nullable().meta({ description: 'Sanitised HTML; null if there is none.' }),
    otp: z.string().nullable(),
    received_at: wibTime,
  })
  .meta({ id: 'OtpzapMail' })

export const inbox = z
  .object({
    ref: z.string().meta({ examples: ['APIE-1001-0k9x2m4p7qz'] }),
    email: z.string(),
    site: z.string(),
    domain: z.string(),
    status: z.enum(emailStatuses),
    price: money,
    otp: z.string().nullable().meta({ description: 'The latest OTP; null until one arrives.' }),
    headline: z.string().nullable().meta({ description: 'The latest mail in one line.' }),
    inbox_preview: z.string().nullable().meta({ description: 'The beginning of the latest mail.' }),
    messages: z.array(mail).meta({ description: 'All mails, oldest first.' }),
    expires_at: wibTime,
    created_at: wibTime,
  })
  .meta({ id: 'OtpzapInbox' })

export const inboxAnswer = success('OtpzapInboxAnswer', inbox)

export const inboxes = success('OtpzapInboxes', z.object({ orders: z.array(inbox) }))

export const domainData = (offer: DomainOffer): z.output<typeof domain> => ({
  domain: offer.domain,
  stock: offer.stock,
  price: amountAsNumber(offer.price),
  activation_rate: offer.activationRate,
  cancellation_fee: amountAsNumber(offer.cancellationFee),
})

const previewLength = 160

function previewOf(text: string | null): string | null {
  const line = text?.replace(/\s+/g, ' ').trim() ?? ''
  return line === '' ? null : line.slice(0, previewLength).toWellFormed()
}

/** An inbox with all its mails. */
export async function inboxData(app: App, order: Order): Promise<z.output<typeof inbox>> {
  const [bought, mails] = await Promise.all([app.inboxes.read(order.id), app.messages.of(order.id)])
  const newest = mails.at(-1)
  return {
    ref: toRef('APIE', order.accountId, app.ids.toToken('ord', order.id)),
    email: bought.address,
    site: bought.site,
    domain: bought.domain,
    status: statuses[order.state],
    price: amountAsNumber(order.price),
    otp: order.code,
    headline: newest?.headline ?? null,
    inbox_preview: previewOf(newest?.text ?? null),
    messages: mails.map((one) => ({
      from: one.sender,
      subject: one.subject,
      text: one.text,
      html: one.html,
      otp: one.code,
      received_at: wib(one.receivedAt),
    })),
    expires_at: wib(order.expiresAt),
    created_at: wib(order.createdAt),
  }
}
