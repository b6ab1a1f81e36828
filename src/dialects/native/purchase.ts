// Maps a body of POST /v1/orders to the verb that buys it.
import type { FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import type { Annotations } from '../../core/annotations.ts'
import { DomainError, type FieldError } from '../../core/error.ts'
import type { Once } from '../../core/idempotency/idempotency.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import type { Selection } from '../../core/orders/buying/selection.ts'
import type { OrderKind } from '../../core/orders/order.ts'
import { buyNumbers, rentNumber } from '../../http/buy-numbers.ts'
import { callerOf } from '../../http/dialect.ts'
import { sentenceOf } from '../../http/failure.ts'
import type { NewOrder } from './new-order.ts'
import { amountOf, durationOf, findCountry, findOperator, findService } from './wanted.ts'

/** A request that buys. `wait`: how long it waits for a number that a supplier is asked for. */
type BuyRequest = FastifyRequest<{ Querystring: { wait?: number | undefined } }>

type Purchase = {
  readonly app: App
  readonly request: BuyRequest
  readonly body: NewOrder
  readonly once: Once | null
}

/** The body, with its offer if it names one. */
type Known = Purchase & {
  readonly caller: Principal
  readonly offer: Awaited<ReturnType<App['catalog']['offerKind']>>
}

/** Fields of each kind, in addition to those of all kinds. */
const fieldsOf: Record<OrderKind, readonly (keyof NewOrder)[]> = {
  activation: ['service', 'services', 'country', 'operator', 'pool', 'area_code'],
  rental: ['service', 'country', 'operator', 'pool', 'area_code', 'duration'],
  email: ['service', 'site', 'domain', 'domains', 'subject', 'regex'],
  esim: ['plan'],
}
const fieldsOfAll: readonly (keyof NewOrder)[] = [
  'kind',
  'offer_id',
  'quantity',
  'max_price',
  'reference',
  'metadata',
]

/** The customer's own data on the order. */
export const annotationsOf = (body: Pick<NewOrder, 'reference' | 'metadata'>): Annotations => ({
  reference: body.reference ?? null,
  metadata: body.metadata ?? {},
})

const buyers: Record<OrderKind, (purchase: Known) => Promise<Bought>> = {
  activation: buyActivation,
  rental: rent,
  email: buyInboxes,
  esim: buyEsim,
}

/** Buys what the body asks for. @throws invalid_request, and what the verbs of the core throw */
export async function buyWanted(purchase: Purchase): Promise<Bought> {
  const { app, body } = purchase
  const offer = body.offer_id === undefined ? null : await app.catalog.offerKind(body.offer_id)
  if (body.offer_id !== undefined && offer === null)
    throw new DomainError('offer_not_found', `There is no offer ${body.offer_id}.`)
  if (offer && body.kind !== undefined && body.kind !== offer.kind)
    throw new DomainError(
      'offer_not_found',
      `Offer ${body.offer_id} is of kind ${offer.kind}, not ${body.kind}.`,
    )
  const kind = offer?.kind ?? body.kind ?? 'activation'
  assertFits(kind, body)
  return buyers[kind]({ ...purchase, caller: callerOf(purchase.request), offer })
}

function assertFits(kind: OrderKind, body: NewOrder) {
  const known = new Set([...fieldsOfAll, ...fieldsOf[kind]])
  const strange = Object.keys(body).filter(
    (name) => body[name as keyof NewOrder] !== undefined && !known.has(name as keyof NewOrder),
  )
  const fields = [
    ...strange.map((name) => ({
      pointer: `/${name}`,
      detail: `is not for an order of kind ${kind}`,
    })),
    ...(strange.length > 0 ? [] : problemsOf[kind](body)),
  ]
  if (fields.length > 0) throw new DomainError('invalid_request', sentenceOf(fields), { fields })
}

const problemsOf: Record<OrderKind, (body: NewOrder) => FieldError[]> = {
  activation: (body) => [
    ...oneOf(body, ['service', 'services', 'offer_id']),
    ...(body.services ? notBeside(body, ['service', 'offer_id', 'area_code']) : []),
    ...(body.services ? aloneOnly(body, 'for several services') : []),
  ],
  rental: (body) => [
    ...oneOf(body, ['service', 'offer_id']),
    ...oneOf(body, ['duration', 'offer_id']),
    ...aloneOnly(body, 'for a rental'),
  ],
  email: (body) => [
    ...oneOf(body, ['site', 'service']),
    ...(body.domain || body.offer_id ? notBeside(body, ['domains']) : []),
    ...(body.offer_id ? notBeside(body, ['domain']) : []),
  ],
  esim: (body) => [
    ...oneOf(body, ['plan', 'offer_id']),
    ...(body.offer_id ? notBeside(body, ['plan']) : []),
  ],
}

const oneOf = (body: NewOrder, [first, ...others]: [keyof NewOrder, ...(keyof NewOrder)[]]) =>
  [first, ...others].some((name) => body[name] !== undefined)
    ? []
    : [{ pointer: `/${first}`, detail: `is required without ${others.join(' or ')}` }]

const notBeside = (body: NewOrder, names: readonly (keyof NewOrder)[]) =>
  names
    .filter((name) => body[name] !== undefined)
    .map((name) => ({ pointer: `/${name}`, detail: 'cannot be combined with the other fields' }))

const aloneOnly = (body: NewOrder, what: string) =>
  (body.quantity ?? 1) === 1 ? [] : [{ pointer: '/quantity', detail: `must be 1 ${what}` }]

async function buyActivation({ app, request, caller, body, once }: Known): Promise<Bought> {
  const { accountId } = caller
  const selection = await selectionOf(app, caller, body)
  if (!body.services) {
    await assertOfferIs(app, caller, selection, null)
    return buyNumbers(app, request, {
      waitS: request.query.wait,
      selection,
      quantity: body.quantity ?? 1,
      annotations: annotationsOf(body),
      once,
    })
  }
  const services = await Promise.all(body.services.map((name) => findService(app, name)))
  const { country, operatorId, pool, maxPrice } = selection
  return app.orders.buyMultiService({
    accountId,
    serviceIds: services.flatMap((service) => service?.id ?? []),
    country,
    operatorId,
    pool,
    maxPrice,
    isSplit: false,
    annotations: annotationsOf(body),
    once,
  })
}

async function rent({ app, request, caller, body, offer, once }: Known): Promise<Bought> {
  const selection = await selectionOf(app, caller, body)
  const durationS = durationOf(body.duration, '/duration')
  await assertOfferIs(app, caller, selection, durationS)
  return rentNumber(app, request, {
    waitS: request.query.wait,
    selection,
    durationS: durationS ?? offer?.durationS ?? 0,
    annotations: annotationsOf(body),
    once,
  })
}

async function buyInboxes({ app, caller, body, once }: Known): Promise<Bought> {
  const purchase = {
    accountId: caller.accountId,
    site: await siteOf(app, body),
    domains: await domainsOf(app, caller, body),
    quantity: body.quantity ?? 1,
    subject: body.subject ?? null,
    pattern: body.regex ?? null,
    maxPrice: amountOf(body.max_price, '/max_price'),
    annotations: annotationsOf(body),
    once,
  }
  try {
    return await app.inboxes.buy(purchase)
  } catch (error) {
    throw inOurWords(error)
  }
}

async function siteOf(app: App, body: NewOrder): Promise<string> {
  if (body.site !== undefined) return body.site
  const service = await findService(app, body.service)
  if (service?.site) return service.site
  throw new DomainError('invalid_request', 'This service has no default mail site. Send site.', {
    fields: [{ pointer: '/site', detail: 'is required for this service' }],
  })
}

async function domainsOf(app: App, { currency }: Principal, body: NewOrder) {
  if (body.offer_id === undefined) return body.domains ?? (body.domain ? [body.domain] : [])
  const offerIds = [body.offer_id]
  const [domain] = await app.inboxes.domains({ currency, site: null, offerIds })
  if (!domain) throw new DomainError('offer_not_found', `There is no offer ${body.offer_id}.`)
  return [domain.domain]
}

/** The core's `pattern` is `regex` in this API. */
function inOurWords(error: unknown): unknown {
  if (!(error instanceof DomainError) || !error.detail.fields) return error
  const fields = error.detail.fields.map((field) =>
    field.pointer === '/pattern' ? { ...field, pointer: '/regex' } : field,
  )
  return new DomainError(error.code, error.message, { ...error.detail, fields })
}

async function buyEsim({ app, caller, body, once }: Known): Promise<Bought> {
  const { accountId, currency } = caller
  const plan = body.plan === undefined ? null : { currency, name: body.plan }
  return app.esims.buy({
    accountId,
    offerId: plan ? (await app.esims.plan(plan)).offerId : (body.offer_id as number),
    quantity: body.quantity ?? 1,
    maxPrice: amountOf(body.max_price, '/max_price'),
    annotations: annotationsOf(body),
    once,
  })
}

/** Looks up the criteria of a body.
 * @throws invalid_request, service_not_found, operator_not_found */
async function selectionOf(app: App, caller: Principal, body: NewOrder): Promise<Selection> {
  const service = await findService(app, body.service)
  await findCountry(app, body.country)
  const operator = await findOperator(app, body.country, body.operator, '/country')
  return {
    serviceId: service?.id ?? null,
    country: body.country ?? (body.offer_id === undefined ? caller.defaultCountry : null),
    operatorId: operator?.id ?? null,
    pool: body.pool ?? null,
    offerId: body.offer_id ?? null,
    area: body.area_code ?? null,
    maxPrice: amountOf(body.max_price, '/max_price'),
  }
}

/** An offer fixes everything. Other fields that come with it must match it. */
async function assertOfferIs(
  app: App,
  caller: Principal,
  selection: Selection,
  durationS: number | null,
) {
  const { offerId, serviceId, country, operatorId, pool } = selection
  const said = [serviceId, country, operatorId, pool, durationS].some((it) => it !== null)
  if (offerId === null || !said) return
  const [offer] = await app.catalog.offers({
    currency: caller.currency,
    id: offerId,
    serviceId: serviceId ?? undefined,
    country: country ?? undefined,
    operatorId: operatorId ?? undefined,
    pool: pool ?? undefined,
    durationS: durationS ?? undefined,
    limit: 1,
  })
  if (!offer)
    throw new DomainError(
      'offer_not_found',
      `Offer ${offerId} does not match the other fields. Send offer_id alone.`,
    )
}
