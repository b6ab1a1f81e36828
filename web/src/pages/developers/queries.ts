// What the pages for developers ask for: keys, webhooks, their deliveries, requests, usage.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, type Schemas, take } from '../../api/client.ts'

export type ApiKey = Schemas['ApiKey']
export type NewKey = Schemas['NewKey']
export type Webhook = Schemas['Webhook']
export type WebhookFormat = Schemas['WebhookFormat']
export type Delivery = Schemas['WebhookDelivery']
export type Usage = Schemas['Usage']
export type UsageEntry = Schemas['UsageEntry']
export type LoggedRequest = Schemas['LoggedRequest']

const keysAPage = 100
/** An account has at most a hundred keys that work; ended ones are listed, too. */
const maxKeyPages = 5

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: async ({ signal }) => {
    const all: ApiKey[] = []
    let cursor: string | null | undefined
    for (let page = 0; page < maxKeyPages && cursor !== null; page++) {
      const query = { limit: keysAPage, ...(cursor ? { cursor } : {}) }
      const answer = await take(api.GET('/v1/keys', { params: { query }, signal }))
      all.push(...answer.data)
      cursor = answer.next_cursor
    }
    return all.reverse()
  },
})

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => take(api.GET('/v1/webhooks', { signal })).then((list) => list.data),
})

/** They change only with the server. */
export const formatsQuery = queryOptions({
  queryKey: ['webhook-formats'],
  queryFn: ({ signal }) =>
    take(api.GET('/v1/webhook-formats', { signal })).then((list) => list.data),
  staleTime: Number.POSITIVE_INFINITY,
})

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', id],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/webhooks/{id}', { params: { path: { id } }, signal })),
  })

export const deliveryStates = ['pending', 'delivered', 'failed', 'dropped'] as const

const deliveriesAPage = 20
/** How often the log is asked again while something in it is on its way. */
const pendingMs = 2_000
/** And otherwise: the stream of events tells nothing of deliveries. */
const quietMs = 15_000

export const deliveriesQuery = (id: string, state: Delivery['state'] | undefined) =>
  infiniteQueryOptions({
    queryKey: ['webhooks', id, 'deliveries', state ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/v1/webhooks/{id}/deliveries', {
          params: {
            path: { id },
            query: {
              limit: deliveriesAPage,
              ...(pageParam ? { cursor: pageParam } : {}),
              ...(state ? { state } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.data.some((one) => one.state === 'pending'))
        ? pendingMs
        : quietMs,
  })

export type Grouping = 'day' | 'key' | 'service' | 'country'

export const usageQuery = (from: string, to: string, by: Grouping) =>
  queryOptions({
    queryKey: ['usage', from, to, by],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/usage', { params: { query: { from, to, by } }, signal })),
    placeholderData: keepPreviousData,
  })

const answerClasses = ['2xx', '3xx', '4xx', '5xx'] as const
type AnswerClass = (typeof answerClasses)[number]

export const isAnswerClass = (text: string | undefined): text is AnswerClass =>
  answerClasses.some((one) => one === text)

export type RequestFilter = {
  readonly status?: AnswerClass
  /** A key's id. */
  readonly key?: string
  /** How the path begins. */
  readonly path?: string
}

const requestsAPage = 50

export const requestsQuery = (filter: RequestFilter) =>
  infiniteQueryOptions({
    queryKey: ['requests', filter],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/v1/requests', {
          params: {
            query: { ...filter, limit: requestsAPage, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: quietMs,
  })
