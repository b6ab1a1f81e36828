// The catalog as one object: its copy in memory, and reads of prices and stock, with the database inside.
import type { Queryable } from '../../db/database.ts'
import { type BestOffer, bestOffers } from './best.ts'
import { type CatalogSource, catalogSource } from './catalog.ts'
import { type Conditions, cheapestInStock } from './cheapest.ts'
import { countriesInStock, countriesWithRentals } from './countries.ts'
import {
  cheapestByService,
  listOffers,
  type Offer,
  type OfferFilter,
  offerKind,
  type ServicePrice,
} from './offers.ts'
import {
  type OperatorPrice,
  type PoolPrice,
  type PriceFilter,
  pricesByOperator,
  pricesByPool,
  type Tier,
  tiersOfActivations,
} from './prices.ts'
import {
  listMarket,
  listProducts,
  type ProductFilter,
  placesOfProducts,
  type ServiceMarket,
} from './products.ts'
import { type TopCountry, topCountries } from './top-countries.ts'

export type CatalogReads = CatalogSource & {
  /** Open offers by id. */
  offers(filter: OfferFilter): Promise<Offer[]>
  /** What an offer sells, regardless of who may buy it and whether it is in stock. */
  offerKind(id: number): ReturnType<typeof offerKind>
  /** For each open service of a country, the activation in stock with the highest success rate. */
  bestOffers(wanted: Parameters<typeof bestOffers>[1]): Promise<BestOffer[]>
  /** The ids of offers in stock, cheapest first. */
  cheapestInStock(wanted: Conditions): Promise<number[]>
  /** The cheapest activation of each open service, in one country or in any. */
  cheapestByService(wanted: Parameters<typeof cheapestByService>[1]): Promise<ServicePrice[]>
  /** Open offers as one price per operator. */
  pricesByOperator(filter: PriceFilter): Promise<OperatorPrice[]>
  /** Open activations by service, country and price. */
  tiers(filter: Omit<PriceFilter, 'kind'>): Promise<Tier[]>
  /** The activations in stock by service, country and pool. */
  poolPrices(filter: Omit<PriceFilter, 'kind'>): Promise<PoolPrice[]>
  /** A page of the products in public pools, and their total number. */
  products(filter: ProductFilter): ReturnType<typeof listProducts>
  /** The countries and services that have a product, each sorted by name. */
  placesOfProducts(wanted: { readonly country?: string }): ReturnType<typeof placesOfProducts>
  /** Each service's cheapest activation: in public pools, or in reserved ones. */
  market(wanted: Parameters<typeof listMarket>[1]): Promise<ServiceMarket[]>
  /** The open countries with an activation in stock. */
  countriesInStock(): Promise<string[]>
  /** The open countries where a number can be rented: for the given seconds, or any duration. */
  countriesWithRentals(durationS: number | null): Promise<string[]>
  /** The countries with the most ended orders of a service. */
  topCountries(wanted: Parameters<typeof topCountries>[1]): Promise<TopCountry[]>
}

/** Composes the reads of this folder. */
export const catalogReads = (db: Queryable): CatalogReads => ({
  ...catalogSource(db),
  offers: (filter) => listOffers(db, filter),
  offerKind: (id) => offerKind(db, id),
  bestOffers: (wanted) => bestOffers(db, wanted),
  cheapestInStock: (wanted) => cheapestInStock(db, wanted),
  cheapestByService: (wanted) => cheapestByService(db, wanted),
  pricesByOperator: (filter) => pricesByOperator(db, filter),
  tiers: (filter) => tiersOfActivations(db, filter),
  poolPrices: (filter) => pricesByPool(db, filter),
  products: (filter) => listProducts(db, filter),
  placesOfProducts: (wanted) => placesOfProducts(db, wanted),
  market: (wanted) => listMarket(db, wanted),
  countriesInStock: () => countriesInStock(db),
  countriesWithRentals: (durationS) => countriesWithRentals(db, durationS),
  topCountries: (wanted) => topCountries(db, wanted),
})
