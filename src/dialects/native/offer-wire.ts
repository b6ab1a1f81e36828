// Offers and quotes in the native API's wire format.
import type { Catalog } from '../../core/catalog/catalog.ts'
import type { Offer } from '../../core/catalog/offers.ts'
import type { EsimPlan } from '../../core/esims/esim.ts'
import type { DomainOffer } from '../../core/inboxes/domains.ts'
import { formatAmount } from '../../core/money.ts'
import type { MultiServiceQuote } from '../../core/orders/buying/quote.ts'
import type { OfferStatistics } from '../../core/orders/offer-statistics.ts'
import type { Order } from '../../core/orders/order.ts'
import { operatorName, serviceName } from './names.ts'
import type * as schemas from './schemas.ts'
import { testOf } from './tests.ts'
import type { Wire } from './wire.ts'

/** What an offer has from other tables. */
export type OwnFields = {
  readonly domain: DomainOffer | undefined
  readonly plan: EsimPlan | undefined
  readonly statistics: readonly OfferStatistics[] | undefined
}

export function offerAnswer(
  catalog: Catalog,
  offer: Offer,
  own: OwnFields,
  { currency, decimals }: { readonly currency: string; readonly decimals: number },
): Wire<typeof schemas.offer> {
  const { domain, plan } = own
  const measured = (ofPool: boolean) =>
    statisticsAnswer(own.statistics?.find((one) => one.ofPool === ofPool))
  return {
    id: offer.id,
    kind: offer.kind as Order['kind'],
    service: serviceName(catalog, offer.serviceId),
    country: offer.country,
    operator: operatorName(catalog, offer.operatorId),
    pool: offer.pool,
    duration: offer.durationS || null,
    price: formatAmount(offer.price, decimals),
    currency,
    stock: offer.stock,
    success_rate: offer.successRate,
    statistics: measured(false),
    pool_statistics: measured(true),
    email: domain
      ? {
          domain: domain.domain,
          cancellation_fee: formatAmount(domain.cancellationFee, decimals),
        }
      : null,
    ...testOf(catalog, offer),
    esim: plan ? { plan: plan.name, data_gb: plan.dataGb, validity_days: plan.validityDays } : null,
  }
}

const statisticsAnswer = (measured: OfferStatistics | undefined) =>
  measured
    ? {
        orders: measured.orders,
        success_rate: Math.round((1000 * measured.withCode) / measured.orders) / 10,
        median_seconds: measured.medianS,
        p90_seconds: measured.p90S,
      }
    : null

export const quoteAnswer = (
  catalog: Catalog,
  quote: MultiServiceQuote,
  { currency, decimals }: { readonly currency: string; readonly decimals: number },
): Wire<typeof schemas.quote> => ({
  services: quote.parts.map((part) => ({
    service: serviceName(catalog, part.serviceId) as string,
    offer_id: part.offerId,
    price: formatAmount(part.price, decimals),
  })),
  price: formatAmount(quote.price, decimals),
  currency,
  country: quote.country,
  operator: operatorName(catalog, quote.operatorId) as string,
  pool: quote.pool,
})
