// OTPZap's response schemas, for the reference and for the types of `wire.ts`.
import { z } from 'zod'
import { money, success, wibTime } from './values.ts'

const id = z.int()
/** A row of a list. It has each id twice: as `id` and under the name that other calls use. */
const named = <Names extends z.ZodRawShape>(names: Names) =>
  z.object({ id, ...names, name: z.string() })
const count = z.int().meta({ description: 'How many are available now.' })
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
    product_id: id.meta({ description: 'The `product_id` for an order.' }),
    platform_id: id,
    service_id: id,
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

const pricedService = named({ platform_id: id, service_id: id }).extend({
  price: money,
  stock: count,
})

export const s2Services = success(
  'OtpzapServer2Services',
  z.object({
    services: z.array(
      pricedService
        .extend({
          multiservice: z.boolean().meta({
            description: 'Whether it can be combined with other services on one number.',
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
    message: z.string().nullable().meta({ description: 'Null after the retention time.' }),
    sender: z.string(),
    service_name: z.string().nullable().meta({ description: 'The service that it is for.' }),
    received_at: wibTime,
  })
  .meta({ id: 'OtpzapOtp' })

export const orderService = z
  .object({
    service_id: id,
    service_name: z.string(),
    price: money.nullable(),
    status: z.enum(['pending', 'success', 'cancelled', 'failed']).meta({
      description:
        '`success` once its first code has paid for it; `cancelled` or `failed` once refunded.',
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
      .meta({ description: 'Orders for several services only: each with its own price.' }),
    country_name: z.string().nullable(),
    operator_name: z.string().nullable(),
    price: money,
    currency,
    otp_code: z
      .string()
      .nullable()
      .meta({ description: 'The latest OTP; null until one arrives.' }),
    otps: z.array(otp).meta({ description: 'All OTPs, oldest first.' }),
    resend_count: z.int(),
    resend_locked_until: wibTime.nullable().meta({
      description:
        'Resend is locked until this time, or until the next OTP arrives. Null: not locked.',
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
    total_amount: money.meta({ description: 'The amount to pay, including fees.' }),
    currency,
    status: depositStatus,
    payment_url: z.string(),
    qris: z.string().nullable().meta({ description: 'The text of a QR code, if there is one.' }),
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
  webhookData.extend({ secret: z.string().meta({ description: 'Shown only in this response.' }) }),
)
