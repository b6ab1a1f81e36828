// OTPWALL's wire format. Only this file has its names.
import { z } from 'zod'
import type { Country, Service } from '../../core/catalog/catalog.ts'
import type { OrderMessage } from '../../core/messages/read.ts'
import { type Amount, amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'

const example = { id: '123456', number: '+1234567890' }

const text = (name: string) =>
  z
    .string({
      error: ({ input }) => `${name} ${input === undefined ? 'is required' : 'must be text'}`,
    })
    .min(1, { error: `${name} is required`, abort: true })

export const numberBody = z
  .object(
    {
      service: text('service')
        .max(100, 'service is too long')
        .meta({ description: 'A code of `GET /services`, in any case.', examples: ['telegram'] }),
      country: text('country')
        .regex(/^[A-Za-z]{2,3}$/, 'country must be a code of two or three letters')
        .meta({
          description:
            'ISO 3166-1 alpha-2 or alpha-3, or a currency code, in any case. A currency stands for the ' +
            'only country that uses it, otherwise the country of its first two letters: `usd` is US.',
          examples: ['pkr', 'PK', 'PAK', 'usd'],
        }),
    },
    'The body must be a JSON object',
  )
  .meta({ id: 'OtpwallNumberRequest' })

export const statusBody = z
  .object(
    {
      status: z
        .enum(['complete', 'cancel'], {
          error: ({ input }) =>
            input === undefined ? 'status is required' : 'status must be complete or cancel',
        })
        .meta({ description: '`complete` after a message, `cancel` before one.' }),
    },
    'The body must be a JSON object',
  )
  .meta({ id: 'OtpwallStatusRequest' })

export const activationParams = z.object({
  id: z
    .string()
    .max(200)
    .meta({ description: 'The activation’s id.', examples: [example.id] }),
})

const activationId = z.string().meta({ examples: [example.id] })
const status = z.enum(['waiting', 'received', 'complete', 'cancelled'])
const listed = (code: string, name: string) =>
  z.object({
    code: z.string().meta({ examples: [code] }),
    name: z.string().meta({ examples: [name] }),
  })

/** The response schemas, for the reference. */
export const shapes = {
  balance: z
    .object({
      balance: z.number().meta({ description: 'In the account’s currency.' }),
      currency: z.string().meta({ examples: ['USD'] }),
    })
    .meta({ id: 'OtpwallBalance' }),
  countries: z.array(listed('US', 'United States')).meta({ id: 'OtpwallCountries' }),
  services: z.array(listed('telegram', 'Telegram')).meta({ id: 'OtpwallServices' }),
  number: z
    .object({
      activation_id: activationId,
      number: z
        .string()
        .nullable()
        .meta({ description: 'E.164.', examples: [example.number] }),
      status,
    })
    .meta({ id: 'OtpwallNumber' }),
  activation: z
    .object({
      activation_id: activationId,
      status,
      sms: z
        .string()
        .optional()
        .meta({ description: 'The whole text of the latest message; absent until one arrives.' }),
    })
    .meta({ id: 'OtpwallActivation' }),
  changed: z.object({ activation_id: activationId, status }).meta({ id: 'OtpwallChanged' }),
}

type Shape<Name extends keyof typeof shapes> = z.output<(typeof shapes)[Name]>

/** The fields of an order that a status call needs. */
export type Activation = Pick<Order, 'id' | 'state'>

const statuses = {
  allocating: 'waiting',
  waiting: 'waiting',
  received: 'received',
  active: 'waiting',
  finished: 'complete',
  cancelled: 'cancelled',
  expired: 'cancelled',
  failed: 'cancelled',
  ended: 'complete',
} as const satisfies Record<OrderState, z.output<typeof status>>

/** An active rental is waiting until its first message, and received afterwards. */
const statusOf = (state: OrderState, hasMessage: boolean) =>
  state === 'active' && hasMessage ? 'received' : statuses[state]

/** Whether an order in this state may have messages. */
export const mayHaveMessages = (state: OrderState) =>
  state === 'active' || ['received', 'complete'].includes(statuses[state])

export const balanceAnswer = (balance: Amount, currency: string): Shape<'balance'> => ({
  balance: amountAsNumber(balance),
  currency,
})

export const countryAnswer = ({ code, name }: Country): Shape<'countries'>[number] => ({
  code,
  name,
})

export const serviceAnswer = ({ slug, name }: Service): Shape<'services'>[number] => ({
  code: slug,
  name,
})

export const numberAnswer = (order: Order): Shape<'number'> => ({
  activation_id: String(order.id),
  number: order.phone,
  status: statusOf(order.state, order.messageCount > 0),
})

/** @param messages the order's, oldest first */
export function activationAnswer(
  order: Activation,
  messages: readonly OrderMessage[],
): Shape<'activation'> {
  const sms = messages.at(-1)?.text ?? null
  return {
    activation_id: String(order.id),
    status: statusOf(order.state, messages.length > 0),
    ...(sms === null ? {} : { sms }),
  }
}

export const changedAnswer = (order: Order): Shape<'changed'> => ({
  activation_id: String(order.id),
  status: statusOf(order.state, order.messageCount > 0),
})
