// smsVerificationService's wire format.
import type { z } from 'zod'
import type { Catalog, Country } from '../../core/catalog/catalog.ts'
import type { ServicePrice } from '../../core/catalog/offers.ts'
import type { OperatorPrice } from '../../core/catalog/prices.ts'
import { internationalForm } from '../../core/inventory/phone.ts'
import type { OrderMessage } from '../../core/messages/read.ts'
import { type Amount, amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'
import type { shapes } from './schemas.ts'

type Shape<Name extends keyof typeof shapes> = z.output<(typeof shapes)[Name]>

/** The country in which most calls sell. All others are "global". */
export const home = 'US'

export const dayS = 86_400

const statuses = {
  allocating: 'pending',
  waiting: 'pending',
  received: 'completed',
  active: 'active',
  finished: 'completed',
  cancelled: 'cancelled',
  expired: 'cancelled',
  failed: 'cancelled',
  ended: 'expired',
} as const satisfies Record<OrderState, string>

/** A sold eSIM is `active`, as in the response to its order. */
const statusOf = ({ kind, state }: Pick<Order, 'kind' | 'state'>) =>
  kind === 'esim' && state === 'finished' ? 'active' : statuses[state]

/** `2026-05-14T05:00:00Z`: UTC in whole seconds, as the document shows. */
const time = (date: Date) => `${date.toISOString().slice(0, 19)}Z`

const phoneOf = ({ phone }: Pick<Order, 'phone'>) =>
  phone === null ? null : internationalForm(phone)

/** The same value under both of its names. */
const priced = (price: Amount) => ({
  sell_price: amountAsNumber(price),
  price: amountAsNumber(price),
})

export const success = <T>(data: T) => ({ success: true as const, data })

export const balanceAnswer = (balance: Amount, currency: string): Shape<'balance'> => ({
  balance: amountAsNumber(balance),
  currency,
})

/** Services with a price. Services that the catalog no longer has are left out. */
export const servicesAnswer = (
  catalog: Catalog,
  prices: readonly { readonly serviceId: number; readonly price: Amount }[],
): Shape<'services'> =>
  success({
    services: prices.flatMap(({ serviceId, price }) => {
      const service = catalog.service(serviceId)
      if (!service) return []
      return [{ service_id: service.id, name: service.name, price: amountAsNumber(price) }]
    }),
  })

export const bestServicesAnswer = (
  catalog: Catalog,
  prices: Parameters<typeof servicesAnswer>[1],
): Shape<'bestServices'> =>
  success({
    services: servicesAnswer(catalog, prices).data.services.map((service) => ({
      ...service,
      country: home,
    })),
  })

/** The cheapest offer of each service, by service name. */
export function cheapest(catalog: Catalog, offers: readonly OperatorPrice[]): ServicePrice[] {
  const byService = new Map<number, ServicePrice>()
  for (const { serviceId, price, stock } of offers) {
    const known = byService.get(serviceId)
    if (!known || price < known.price) byService.set(serviceId, { serviceId, price, stock })
  }
  return catalog.services.flatMap(({ id }) => byService.get(id) ?? [])
}

/** Rentals with both prices; null if a service is not offered for that duration. */
export function rentalsAnswer(
  catalog: Catalog,
  offers: readonly OperatorPrice[],
): Shape<'rentals'> {
  const priceFor = (days: number) => {
    const ofLength = offers.filter((offer) => offer.durationS === days * dayS)
    const prices = new Map(cheapest(catalog, ofLength).map((one) => [one.serviceId, one.price]))
    return (serviceId: number) => {
      const price = prices.get(serviceId)
      return price === undefined ? null : amountAsNumber(price)
    }
  }
  const short = priceFor(3)
  const long = priceFor(30)
  return catalog.services
    .map(({ id, name }) => ({
      name,
      sell_price_3days: short(id),
      sell_price_30days: long(id),
      price_3days: short(id),
      price_30days: long(id),
    }))
    .filter((row) => row.price_3days !== null || row.price_30days !== null)
}

export const esimAnswer = (plan: {
  readonly name: string
  readonly dataGb: number
  readonly validityDays: number
  readonly price: Amount
}): Shape<'esims'>[number] => ({
  name: plan.name,
  data_gb: plan.dataGb,
  validity_days: plan.validityDays,
  ...priced(plan.price),
})

export const countryAnswer = (country: Country) => ({
  country_id: country.number,
  country_name: country.name,
})

export const globalServicesAnswer = (
  catalog: Catalog,
  country: Country,
  prices: readonly ServicePrice[],
): Shape<'globalServices'> => ({
  ...countryAnswer(country),
  offers: prices.flatMap(({ serviceId, price }) => {
    const service = catalog.service(serviceId)
    if (!service) return []
    return [
      {
        service_id: service.id,
        service_name: service.name,
        ...countryAnswer(country),
        ...priced(price),
      },
    ]
  }),
})

export const orderedAnswer = (order: Order): Shape<'ordered'> =>
  success({ order_id: Number(order.id), status: statusOf(order), phone: phoneOf(order) })

/** The calls for one day and for 30 days return `pending`, although the rental is active at once. */
export const rentedAnswer = (order: Order): Shape<'ordered'> =>
  success({ order_id: Number(order.id), status: 'pending', phone: phoneOf(order) })

export const rentalAnswer = (order: Order): Shape<'rental'> => ({
  success: true,
  order_id: Number(order.id),
  phone: phoneOf(order),
  ...priced(order.price),
  status: statusOf(order),
  expiry_date: time(order.expiresAt),
})

export const esimOrderAnswer = (order: Order, activationCode: string): Shape<'esimOrder'> => ({
  success: true,
  order_id: Number(order.id),
  activation_code: activationCode,
  ...priced(order.price),
  status: statusOf(order),
})

/** The data that is needed to show an order. */
export type Shown = {
  readonly catalog: Catalog
  readonly order: Order
  /** eSIMs only. */
  readonly planName: string | null
}

export const listedAnswer = (shown: Shown): Shape<'orders'>[number] => ({
  order_id: Number(shown.order.id),
  service: labelOf(shown),
  status: statusOf(shown.order),
  ...priced(shown.order.price),
  phone: phoneOf(shown.order),
  created_at: time(shown.order.createdAt),
})

/** `WhatsApp`, outside the US `WhatsApp (UK)`; the plan of an eSIM; the site of an inbox. */
function labelOf({ catalog, order, planName }: Shown): string {
  if (planName !== null) return planName
  const ids = order.services ?? (order.serviceId === null ? [] : [order.serviceId])
  const names = ids.map((id) => catalog.service(id)?.name ?? String(id)).join(', ')
  const what = names || (order.kind === 'email' ? 'Email' : order.kind)
  if (order.country === null || order.country === home) return what
  // The document writes UK, not GB.
  return `${what} (${order.country === 'GB' ? 'UK' : order.country})`
}

export function statusAnswer(
  order: Order,
  messages: readonly OrderMessage[],
  now: Date,
): Shape<'status'> {
  const shown = messages.findLast((message) => message.code !== null) ?? messages.at(-1)
  return success({
    order_id: Number(order.id),
    status: statusOf(order),
    otp: order.code,
    message: shown?.text ?? null,
    phone: phoneOf(order),
    ...(order.kind === 'rental' ? rentalTimes(order, messages, now) : {}),
  })
}

function rentalTimes(order: Order, messages: readonly OrderMessage[], now: Date) {
  const leftMs = order.state === 'active' ? order.expiresAt.getTime() - now.getTime() : 0
  const leftS = Math.max(0, Math.ceil(leftMs / 1000))
  return {
    expiry_date: time(order.expiresAt),
    time_left_seconds: leftS,
    days_left: Math.ceil(leftS / dayS),
    messages: messages.map((message) => ({
      otp: message.code,
      message: message.text,
      sender: message.sender,
      received_at: time(message.receivedAt),
    })),
  }
}

export const cancelledAnswer = (order: Order): Shape<'cancelled'> =>
  success({ order_id: Number(order.id), status: statusOf(order) })
