// ZapOTP's wire format. Only this file has its names.
import { z } from 'zod'
import type { Catalog, Service } from '../../core/catalog/catalog.ts'
import type { Offer, ServicePrice } from '../../core/catalog/offers.ts'
import { type Amount, amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'
import { countryCode } from '../../http/country-code.ts'

const example = { orderId: '12345678', number: '15550123456' }

/** The text for a missing parameter. It decides between 400 and 422. */
export const missing = 'is missing'

const secondsADay = 86_400

const sayMissingOr = (otherwise: string) => ({
  error: ({ input }: { input: unknown }) =>
    input === undefined || input === '' ? missing : otherwise,
})
const text = (otherwise = 'must be text') =>
  z.string(sayMissingOr(otherwise)).min(1, { error: missing, abort: true })

const isoCode = 'must be an ISO 3166-1 alpha-2 code'
const country = text(isoCode)
  .regex(/^[A-Za-z]{2}$/, isoCode)
  .overwrite(countryCode)
  .meta({ description: 'ISO 3166-1 alpha-2, in any case.', examples: ['US'] })
const service = text()
  .max(100, 'is too long')
  .meta({ description: 'A `service_id`, in any case.', examples: ['whatsapp'] })
const provider = z
  .enum(['global', 'usa'], 'must be "global" or "usa"')
  .default('global')
  .meta({ description: '`usa` requires the country US.', examples: ['global'] })
const orderId = text()
  .max(200, 'is too long')
  .meta({ description: 'The order’s id.', examples: [example.orderId] })
/** Some clients keep ids as numbers. */
const orderIdInBody = z
  .union([orderId, z.int().nonnegative()], sayMissingOr('must be text'))
  .transform(String)

export type Provider = z.output<typeof provider>

export const servicesQuery = z.object({
  country,
  provider,
  service: service.optional().meta({
    description: 'Without it, all services of the country; with it, the pools of this service.',
    examples: ['whatsapp'],
  }),
})

export const smsQuery = z.object({ order_id: orderId })

const noObject = 'must be a JSON object'

export const rentBody = z
  .object(
    {
      action: z
        .enum(['rent', 'cancel'], sayMissingOr('must be "rent"'))
        .meta({ description: '`rent`; `cancel` does the same as `POST /cancel`.' }),
      service: service.optional(),
      country: country.optional(),
      provider,
      duration: z
        .string('must be text')
        .regex(/^(generic|[1-9]\d{0,2}d)$/i, 'must be "generic" or a number of days such as "3d"')
        .toLowerCase()
        .default('generic')
        .meta({
          description: '`generic` for one code, otherwise the number of days to rent.',
          examples: ['generic', '3d'],
        }),
      pool: z
        .union([z.string().min(1).max(40), z.int().nonnegative()], 'must be text')
        .transform(String)
        .optional()
        .meta({ description: 'A `pool` of `GET /services`; by default any.', examples: ['1'] }),
      order_id: orderIdInBody.optional().meta({ description: 'For the action `cancel`.' }),
    },
    noObject,
  )
  .meta({ id: 'ZapOtpRentRequest' })

export const cancelBody = z
  .object({ order_id: orderIdInBody }, noObject)
  .meta({ id: 'ZapOtpCancelRequest' })

/** The seconds of a `duration` in days; null for an activation. */
export const secondsOf = (duration: string): number | null =>
  duration === 'generic' ? null : Number.parseInt(duration, 10) * secondsADay

const money = z.number().meta({ description: 'In the account’s currency.' })
const status = z.enum(['PENDING', 'RECEIVED', 'FINISHED', 'CANCELED'])
const shownId = z.string().meta({ examples: [example.orderId] })
const serviceId = z.string().meta({ examples: ['whatsapp'] })
const digits = z
  .string()
  .nullable()
  .meta({ description: 'International, digits only.', examples: [example.number] })
const enveloped = <Data extends z.ZodType>(data: Data) =>
  z.object({ status: z.literal('success'), data })

const user = z
  .object({
    username: z.string().meta({ examples: ['john'] }),
    balance: money,
    currency: z.string().meta({ examples: ['NGN'] }),
  })
  .meta({ id: 'ZapOtpUser' })
const pricedService = z
  .object({
    service_id: serviceId,
    service_name: z.string().meta({ examples: ['WhatsApp'] }),
    price: money,
  })
  .meta({ id: 'ZapOtpService' })
const pool = z
  .object({
    pool: z.string().meta({ examples: ['1'] }),
    name: z.string().meta({ examples: ['Standard Pool'] }),
    success_rate: z.number().meta({ description: 'Percent, 0 to 100.', examples: [85] }),
    price: money,
    count: z.number().meta({ description: 'Numbers in stock.', examples: [120] }),
  })
  .meta({ id: 'ZapOtpPool' })
const rented = z
  .object({
    order_id: shownId,
    number: digits,
    price: money,
    expiry: z.string().meta({ description: 'UTC.', examples: ['2024-02-06 12:30:00'] }),
  })
  .meta({ id: 'ZapOtpRentedNumber' })
const cancelled = z.object({ order_id: shownId, status }).meta({ id: 'ZapOtpCancelledOrder' })
const sms = z
  .object({
    order_id: shownId,
    sms_code: z
      .string()
      .nullable()
      .meta({
        description: 'As written in the message; null until it arrives.',
        examples: ['123-456'],
      }),
    status,
  })
  .meta({ id: 'ZapOtpSms' })
const order = z
  .object({
    id: z.number().meta({ examples: [101] }),
    order_id: shownId,
    service: serviceId,
    number: z
      .string()
      .nullable()
      .meta({
        description: 'International, digits only; the address for mail; null for an eSIM.',
        examples: [example.number],
      }),
    status,
    price: money,
  })
  .meta({ id: 'ZapOtpOrder' })

/** The response schemas, for the reference. */
export const shapes = {
  user: enveloped(user),
  services: enveloped(z.union([z.array(pricedService), z.array(pool)])),
  rented: enveloped(z.union([rented, cancelled])),
  cancelled: enveloped(cancelled),
  sms: enveloped(sms),
  orders: enveloped(z.array(order)),
}

export const success = <Data>(data: Data) => ({ status: 'success' as const, data })

const statuses = {
  allocating: 'PENDING',
  waiting: 'PENDING',
  received: 'RECEIVED',
  active: 'PENDING',
  finished: 'FINISHED',
  cancelled: 'CANCELED',
  expired: 'CANCELED',
  failed: 'CANCELED',
  ended: 'FINISHED',
} as const satisfies Record<OrderState, z.output<typeof status>>

/** An active rental is waiting until its first message, and received afterwards. */
const statusOf = (order: Pick<Order, 'state' | 'messageCount'>) =>
  order.state === 'active' && order.messageCount > 0 ? 'RECEIVED' : statuses[order.state]

/** The status for polling. Clients poll until `RECEIVED`, so it stays after the end. */
const pollStatusOf = (order: Pick<Order, 'state' | 'messageCount'>) =>
  statusOf(order) === 'FINISHED' && order.messageCount > 0 ? 'RECEIVED' : statusOf(order)

const digitsOf = (phone: string | null) => phone?.replace(/^\+/, '') ?? null

/** `2024-02-06 12:30:00`, UTC. */
const time = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ')

export const userAnswer = (
  account: { readonly name: string; readonly email: string; readonly currency: string },
  balance: Amount,
): z.output<typeof user> => ({
  username: account.name || (account.email.split('@', 1)[0] as string),
  balance: amountAsNumber(balance),
  currency: account.currency,
})

export const serviceAnswer = (
  service: Service,
  offer: ServicePrice,
): z.output<typeof pricedService> => ({
  service_id: service.slug,
  service_name: service.name,
  price: amountAsNumber(offer.price),
})

export const poolAnswer = (
  { id, name }: { readonly id: string; readonly name: string },
  offer: Offer,
  count: number,
): z.output<typeof pool> => ({
  pool: id,
  name,
  success_rate: offer.successRate ?? 0,
  price: amountAsNumber(offer.price),
  count,
})

export const rentedAnswer = (bought: Order): z.output<typeof rented> => ({
  order_id: String(bought.id),
  number: digitsOf(bought.phone),
  price: amountAsNumber(bought.price),
  expiry: time(bought.expiresAt),
})

export const cancelledAnswer = (gone: Order): z.output<typeof cancelled> => ({
  order_id: String(gone.id),
  status: statusOf(gone),
})

export const smsAnswer = (
  asked: Pick<Order, 'id' | 'state' | 'messageCount' | 'codeAsWritten'>,
): z.output<typeof sms> => ({
  order_id: String(asked.id),
  sms_code: asked.codeAsWritten,
  status: pollStatusOf(asked),
})

export const orderAnswer = (catalog: Catalog, listed: Order): z.output<typeof order> => ({
  id: Number(listed.id),
  order_id: String(listed.id),
  service: catalog.service(listed.serviceId)?.slug ?? listed.kind,
  number: digitsOf(listed.phone) ?? listed.email,
  status: statusOf(listed),
  price: amountAsNumber(listed.price),
})
