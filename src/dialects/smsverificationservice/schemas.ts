// The schemas of smsVerificationService's requests and responses.
import { z } from 'zod'

/** The error texts of a field: when it is missing, and when it is invalid. */
const sentences = (name: string, must: string) => ({
  error: ({ input }: { input: unknown }) =>
    input === undefined || input === null ? `${name} is required` : `${name} must be ${must}`,
})

/** A whole number, or a whole number as text. */
const integer = (name: string) => {
  const must = 'an integer'
  const digits = z.string().regex(/^\d{1,9}$/, `${name} must be ${must}`)
  const number = z.int(`${name} must be ${must}`).max(999_999_999, `${name} must be ${must}`)
  return z.union([number, digits], sentences(name, must))
}

const serviceId = integer('service_id').meta({
  description: 'An id of the list of services, as an integer or as text.',
  examples: [1012],
})

const countryId = integer('country_id').meta({
  description: 'An id of the list of countries.',
  examples: [4],
})

const threeDigits = 'area_code must be 3 digits'

const object = 'The body must be a JSON object'

export const bodies = {
  temporary: z
    .object(
      {
        service_id: serviceId,
        area_code: z
          .union(
            [
              z.string().regex(/^\d{3}$/, threeDigits),
              z.int(threeDigits).min(100, threeDigits).max(999, threeDigits),
            ],
            threeDigits,
          )
          .transform(String)
          .optional()
          .meta({ description: 'Only a number of this US area code.', examples: ['212'] }),
      },
      object,
    )
    .meta({ id: 'SmsVerificationServiceTemporaryOrder' }),
  service: z.object({ service_id: serviceId }, object).meta({
    id: 'SmsVerificationServiceServiceOrder',
  }),
  rental: z
    .object(
      {
        service: z
          .string(sentences('service', 'a text'))
          .min(1, 'service is required')
          .max(100, 'service is too long')
          .meta({ description: 'A service’s name, in any case.', examples: ['WhatsApp'] }),
        duration: z
          .union([z.literal(3), z.literal(30)], sentences('duration', '3 or 30'))
          .meta({ description: 'Days.' }),
      },
      object,
    )
    .meta({ id: 'SmsVerificationServiceRentalOrder' }),
  global: z
    .object({ service_id: serviceId, country_id: countryId }, object)
    .meta({ id: 'SmsVerificationServiceGlobalOrder' }),
  esim: z
    .object(
      {
        plan: z
          .string(sentences('plan', 'a text'))
          .min(1, 'plan is required')
          .max(100, 'plan is too long')
          // PostgreSQL does not accept NUL, and no plan name contains a control character.
          .regex(/^\P{Cc}*$/u, 'plan must be a text')
          .meta({ description: 'A plan’s name, in any case.', examples: ['USA 5GB / 30 days'] }),
      },
      object,
    )
    .meta({ id: 'SmsVerificationServiceEsimOrder' }),
}

const countryIdNeeded = 'country_id query parameter is required'

export const globalQuery = z.object({
  country_id: z
    .string(countryIdNeeded)
    .min(1, countryIdNeeded)
    .regex(/^\d{1,9}$/, 'country_id must be an integer')
    .meta({ description: 'An id of the list of countries.', examples: ['4'] }),
})

export const orderParams = z.object({
  id: z
    .string()
    .max(200)
    .meta({ description: 'The order’s number or its id.', examples: ['458736'] }),
})

const money = z.number().meta({ description: 'In the account’s currency.' })
const maybeMoney = money.nullable()
const orderId = z.int().meta({ examples: [458731] })
const phone = z
  .string()
  .nullable()
  .meta({
    description: 'In the international form, in groups; null if the order has no number.',
    examples: ['+1 415 555 0123'],
  })
const status = z.enum(['pending', 'completed', 'cancelled', 'active', 'expired'])
const time = z.iso.datetime().meta({ description: 'UTC, in whole seconds.' })
const otp = z.string().nullable().meta({ description: 'Null until a code arrives.' })
const text = z.string().nullable().meta({ description: 'Null also after the retention time.' })
const prices = { sell_price: money, price: money }
const country = { country_id: z.int(), country_name: z.string() }
const service = { service_id: z.int(), name: z.string(), price: money }

const done = <T extends z.ZodRawShape>(id: string, data: T) =>
  z
    .object({ success: z.literal(true), data: z.object(data) })
    .meta({ id: `SmsVerificationService${id}` })

const balance = { balance: money, currency: z.string() }

/** The response schemas. */
export const shapes = {
  balance: z.object(balance).meta({ id: 'SmsVerificationServiceBalance' }),
  wallet: done('Wallet', balance),
  services: done('Services', { services: z.array(z.object(service)) }),
  bestServices: done('BestServices', {
    services: z.array(z.object({ ...service, country: z.string() })),
  }),
  rentals: z.array(
    z
      .object({
        name: z.string(),
        sell_price_3days: maybeMoney,
        sell_price_30days: maybeMoney,
        price_3days: maybeMoney,
        price_30days: maybeMoney,
      })
      .meta({ id: 'SmsVerificationServiceRentalPrices' }),
  ),
  esims: z.array(
    z
      .object({ name: z.string(), data_gb: z.number(), validity_days: z.int(), ...prices })
      .meta({ id: 'SmsVerificationServiceEsimPlan' }),
  ),
  countries: z
    .object({ countries: z.array(z.object(country)) })
    .meta({ id: 'SmsVerificationServiceCountries' }),
  globalServices: z
    .object({
      ...country,
      offers: z.array(
        z.object({ service_id: z.int(), service_name: z.string(), ...country, ...prices }),
      ),
    })
    .meta({ id: 'SmsVerificationServiceGlobalServices' }),
  ordered: done('Ordered', { order_id: orderId, status, phone }),
  rental: z
    .object({
      success: z.literal(true),
      order_id: orderId,
      phone,
      ...prices,
      status,
      expiry_date: time,
    })
    .meta({ id: 'SmsVerificationServiceRental' }),
  esimOrder: z
    .object({
      success: z.literal(true),
      order_id: orderId,
      activation_code: z.string(),
      ...prices,
      status,
    })
    .meta({ id: 'SmsVerificationServiceEsim' }),
  orders: z.array(
    z
      .object({
        order_id: orderId,
        service: z.string(),
        status,
        ...prices,
        phone,
        created_at: time,
      })
      .meta({ id: 'SmsVerificationServiceListedOrder' }),
  ),
  status: done('Status', {
    order_id: orderId,
    status,
    otp,
    message: text,
    phone,
    expiry_date: time.optional(),
    time_left_seconds: z.int().optional().meta({ description: 'Rentals only; 0 after the end.' }),
    days_left: z.int().optional().meta({ description: 'Rentals only; whole days, rounded up.' }),
    messages: z
      .array(z.object({ otp, message: text, sender: z.string(), received_at: time }))
      .optional()
      .meta({ description: 'Rentals only; oldest first.' }),
  }),
  cancelled: done('Cancelled', { order_id: orderId, status }),
}
