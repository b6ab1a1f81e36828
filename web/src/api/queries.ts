// What pages ask the server for, and how long an answer may be shown before it is asked again.
import { QueryClient, queryOptions } from '@tanstack/react-query'
import { api, type Schemas, take } from './client.ts'
import { isFailure } from './failure.ts'
import type { paths } from './generated/schema.d.ts'

/** An order, also one whose number is still being found. */
export type Order = Schemas['Order'] | Schemas['AllocatingOrder']
export type Offer = Schemas['Offer']
export type Service = Schemas['Service']
export type Country = Schemas['Country']
export type Account = Schemas['Account']
export type Deposit = Schemas['Deposit']
export type Gateway = Schemas['Gateway']
export type Transaction = Schemas['Transaction']

const maxRetries = 3
const minuteMs = 60_000

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The stream of events keeps what is shown right.
      staleTime: minuteMs,
      gcTime: 10 * minuteMs,
      networkMode: 'always',
      refetchOnWindowFocus: true,
      retry: (count, error) => isFailure(error) && error.isPassing && count < maxRetries,
      retryDelay: (count, error) =>
        (isFailure(error) && error.retryAfterS !== null ? error.retryAfterS : 2 ** count) * 1_000,
    },
    mutations: { networkMode: 'always', retry: false },
  },
})

export const balanceQuery = queryOptions({
  queryKey: ['balance'],
  queryFn: ({ signal }) => take(api.GET('/v1/balance', { signal })),
})

export const accountQuery = queryOptions({
  queryKey: ['balance', 'account'],
  queryFn: ({ signal }) => take(api.GET('/v1/account', { signal })),
})

export const gatewaysQuery = queryOptions({
  queryKey: ['gateways'],
  queryFn: ({ signal }) => take(api.GET('/v1/gateways', { signal })).then((list) => list.data),
  staleTime: 30 * minuteMs,
})

export const depositQuery = (id: string) =>
  queryOptions({
    queryKey: ['deposits', id],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/deposits/{id}', { params: { path: { id } }, signal })),
  })

export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: ({ signal }) => take(api.GET('/v1/services', { signal })).then((list) => list.data),
  staleTime: 30 * minuteMs,
})

export const countriesQuery = queryOptions({
  queryKey: ['countries'],
  queryFn: ({ signal }) => take(api.GET('/v1/countries', { signal })).then((list) => list.data),
  staleTime: 30 * minuteMs,
})

export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: ['order', id],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/orders/{id}', { params: { path: { id } }, signal })) as Promise<Order>,
  })

export type OrderFilter = {
  readonly state?: string | readonly string[] | undefined
  readonly kind?: string | undefined
  readonly service?: string | undefined
  readonly country?: string | undefined
  /** A search: id, number or its last digits, reference, a part of the note. */
  readonly q?: string | undefined
  readonly phone?: string | undefined
  readonly reference?: string | undefined
  readonly created_after?: string | undefined
  readonly created_before?: string | undefined
}

/** A filter as it stands in an address: one value for each key. */
export type ShownFilter = { readonly [K in keyof OrderFilter]?: string | undefined }

type OrderQuery = NonNullable<paths['/v1/orders']['get']['parameters']['query']>
type OfferQuery = NonNullable<paths['/v1/offers']['get']['parameters']['query']>

type Page = { readonly data: Order[]; readonly next_cursor: string | null }

export const readOrders = (
  query: OrderFilter & { limit?: number; cursor?: string | undefined },
  signal?: AbortSignal,
): Promise<Page> =>
  take(
    api.GET('/v1/orders', {
      params: { query: query as unknown as OrderQuery },
      ...(signal ? { signal } : {}),
    }),
  ) as Promise<Page>

/** The newest orders of a filter, as one list. */
export const latestOrdersQuery = (filter: OrderFilter, limit: number) =>
  queryOptions({
    queryKey: ['orders', 'latest', filter, limit],
    queryFn: ({ signal }) => readOrders({ ...filter, limit }, signal).then((page) => page.data),
  })

export type OfferFilter = {
  readonly kind?: string | undefined
  readonly service?: string | undefined
  readonly country?: string | undefined
}

const offersAPage = 100
/** A service in all countries may have more offers; the cheapest of so many are shown. */
const maxOfferPages = 6

export const offersQuery = (filter: OfferFilter) =>
  queryOptions({
    queryKey: ['offers', filter],
    queryFn: async ({ signal }) => {
      const all: Offer[] = []
      let cursor: string | null | undefined
      for (let page = 0; page < maxOfferPages && cursor !== null; page++) {
        const query = { ...filter, limit: offersAPage, ...(cursor ? { cursor } : {}) }
        const answer = await take(
          api.GET('/v1/offers', { params: { query: query as OfferQuery }, signal }),
        )
        all.push(...(answer.data as Offer[]))
        cursor = answer.next_cursor
      }
      return all
    },
    staleTime: 10_000,
  })
