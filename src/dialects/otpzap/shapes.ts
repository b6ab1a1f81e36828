// The shapes of OTPZap's answers, for the reference and for the types of what `wire.ts` makes.
import { z } from 'zod'
import { money, success, wibTime } from './values.ts'

const id = z.int()
/** A row of a list. Each id stands there twice: as `id`, and by the names that other calls take it by. */
const named = <Names extends z.ZodRawShape>(names: Names) =>
  z.object({ id, ...names, name: z.string() })
const count = z.int().meta({ description: 'How many can be bought right now.' })
const currency = z.string().meta({ examples: ['USD'] })

export const balance = success('OtpzapBalance', z.object({ balance: money, currency }))

export const countries = success(
  'OtpzapCountries',
  z.object({ countries: z.array(named({ country_id: id }).meta({ id: 'OtpzapCountry' })) }),
)

export const services = success(
  'OtpzapServices',
  z.object({
    services: z.array(named({ platform_id: id, service_id: id }).meta({ id: 'OtpzapService' })),
  }),
)

export const product = z
  .object({
    id,
    product_id: id.meta({ description: 'The `product_id` of an order.' }),
    platform_id: id,
    platform_name: z.string(),
    country_id: id,
    country_name: z.string(),
    tier: z.string(),
    price: money,
    stock: count,
  })
  .meta({ id: 'OtpzapProduct' })

export const products = success(
  'OtpzapProducts',
  z.object({
    products: z.array(product),
    page: z.int(),
    limit: z.int(),
    total: z.int(),
    pages: z.int(),
  }),
)

const pricedService = named({ service_id: id }).extend({ price: money, stock: count })

export const s2Services = success(
  'OtpzapServer2Services',
  z.object({
    services: z.array(
      pricedService
        .extend({
          multiservice: z.boolean().meta({
            description: 'Whether it can be one of several services on one number.',
          }),
        })
        .meta({ id: 'OtpzapServer2Service' }),
    ),
  }),
)

export const operators = success(
  'OtpzapOperators',
  z.object({ operators: z.array(named({ operator_id: id }).meta({ id: 'OtpzapOperator' })) }),
)

export const special = success(
  'OtpzapSpecialServices',
  z.object({ services: z.array(pricedService.meta({ id: 'OtpzapSpecialService' })) }),
)

export const orderStatuses = ['pending', 'otp_received', 'success', 'cancelled', 'failed'] as const

const otp = z
  .object({
    otp_code: z.string(),
    message: z.string().nullable().meta({ description: 'Null once its retention time is over.' }),
    sender: z.string(),
    service_name: z.string().nullable().meta({ description: 'Which of the services it is for.' }),
    received_at: wibTime,
  })
  .meta({ id: 'OtpzapOtp' })

export const orderService = z
  .object({
    service_id: id,
    service_name: z.string(),
    price: money.nullable(),
    status: z.enum(['pending', 'success', 'cancelled', 'failed']).meta({
      description: '`success` once paid by its first code; `cancelled` or `failed` once refunded.',
    }),
    otp_code: z.string().nullable(),
  })
  .meta({ id: 'OtpzapOrderService' })

export const order = z
  .object({
    order_id: id,
    server: z.union([z.literal(1), z.literal(2)]),
    status: z.enum(orderStatuses).meta({
      description: 'With several services, `otp_received` until each has its code.',
    }),
    phone_number: z.string().nullable().meta({ description: 'E.164.' }),
    service_name: z.string(),
    services: z
      .array(orderService)
      .optional()
      .meta({ description: 'Of an order for several services only: each with its own price.' }),
    country_name: z.string().nullable(),
    operator_name: z.string().nullable(),
    price: money,
    currency,
    otp_code: z.string().nullable().meta({ description: 'The newest; null before one came.' }),
    otps: z.array(otp).meta({ description: 'All that came, oldest first.' }),
    resend_count: z.int(),
    resend_locked_until: wibTime.nullable().meta({
      description: 'Until when at most no resend is taken: the next OTP unlocks it. Null: free.',
    }),
    cancel_available_at: wibTime,
    expires_at: wibTime,
    created_at: wibTime,
  })
  .meta({ id: 'OtpzapOrder' })

export const orderAnswer = success('OtpzapOrderAnswer', order)

export const depositStatuses = ['pending', 'success', 'expired', 'failed'] as const
const depositStatus = z.enum(depositStatuses)

export const invoice = success(
  'OtpzapInvoice',
  z.object({
    order_id: z.string().meta({ examples: ['APIDEP-1001-0k9x2m4p7qz'] }),
    amount: money,
    total_amount: money.meta({ description: 'What is to be paid, fees in.' }),
    currency,
    status: depositStatus,
    payment_url: z.string(),
    qris: z.string().nullable().meta({ description: 'A QR code’s text, where there is one.' }),
    expired_at: wibTime,
  }),
)

export const deposit = success(
  'OtpzapDeposit',
  z.object({
    order_id: z.string(),
    amount: money,
    currency,
    status: depositStatus,
    paid_at: wibTime.nullable(),
    created_at: wibTime,
  }),
)

export const webhookEvents = [
  'order.otp_received',
  'order.cancelled',
  'order.finished',
  'order.replaced',
  'deposit.success',
  '*',
] as const

const webhookData = z.object({
  url: z.string(),
  events: z.array(z.enum(webhookEvents)),
  is_active: z.boolean(),
  created_at: wibTime,
  updated_at: wibTime,
})

export const webhook = success('OtpzapWebhook', webhookData)

export const webhookWithSecret = success(
  'OtpzapWebhookWithSecret',
  webhookData.extend({ secret: z.string().meta({ description: 'Shown this once.' }) }),
)
