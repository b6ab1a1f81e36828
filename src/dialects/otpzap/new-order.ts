// The body of POST /order/create, and its lookup.
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import type { Service } from '../../core/catalog/catalog.ts'
import type { Offer } from '../../core/catalog/offers.ts'
import { DomainError } from '../../core/error.ts'
import { servicesPerOrder } from '../../core/orders/buying/multi-service.ts'
import { anyNumber, type Selection } from '../../core/orders/buying/selection.ts'
import { sentenceOf } from '../../http/failure.ts'
import { findCountry, findService } from './catalog.ts'
import { finer } from './errors.ts'
import { anyOperator } from './server-two.ts'
import { idField } from './values.ts'
import type { Server } from './wire.ts'

const { min, max } = servicesPerOrder

const fields = z.object(
  {
    server: z
      .union([z.literal(1), z.literal(2)], 'must be 1 or 2')
      .optional()
      .meta({ description: 'Optional: the ids imply it.' }),
    product_id: idField.optional().meta({ description: 'Server 1: a product of `/products`.' }),
    service_id: idField.optional().meta({
      description: 'Server 2: a service. Without a country, a special service.',
    }),
    service_ids: z
      .array(idField, `must be ${min} to ${max} ids`)
      .min(min, `must be ${min} to ${max} ids`)
      .max(max, `must be ${min} to ${max} ids`)
      .refine((ids) => new Set(ids).size === ids.length, 'must contain each id once')
      .optional()
      .meta({ description: 'Server 2: services that share one number.' }),
    country_id: idField.optional(),
    operator_id: idField.optional().meta({ description: '0 or omitted: any operator.' }),
    service_name: z.string('must be a name').max(200).optional().meta({
      description: 'Must match the name of the id, if sent; case does not matter.',
    }),
  },
  'must be a JSON object',
)

export type NewOrder = z.output<typeof fields>

export const newOrder = fields
  .superRefine((body, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    const named = ([1, 2, 2] as const).filter((_server, place) => isNamed(body, place))
    if (named.length !== 1)
      wrong('product_id', 'send one of product_id, service_id and service_ids')
    else if (body.server !== undefined && body.server !== named[0])
      wrong('server', 'is not the server of these ids')
    const isPlaced = body.product_id !== undefined || body.country_id !== undefined
    if (body.operator_id !== undefined && !isPlaced) wrong('operator_id', 'requires country_id')
    if (body.service_ids !== undefined && body.country_id === undefined)
      wrong('country_id', 'is required for several services')
  })
  .meta({ id: 'OtpzapNewOrder' })

const isNamed = (body: NewOrder, place: number) =>
  [body.product_id, body.service_id, body.service_ids][place] !== undefined

/** The order that a body asks for, looked up: one number for one service, or for several. */
export type Wanted = { readonly server: Server } & (
  | { readonly selection: Selection; readonly serviceIds: null }
  | {
      readonly serviceIds: readonly number[]
      readonly country: string
      readonly operatorId: number | null
    }
)

/** @throws invalid_request, service_not_found, country_not_found, operator_not_found, offer_not_found */
export async function wantedOf(app: App, caller: Principal, body: NewOrder): Promise<Wanted> {
  if (body.product_id !== undefined) return product(app, caller, body, body.product_id)
  const serviceIds = body.service_ids ?? [body.service_id as number]
  const services: Service[] = []
  for (const id of serviceIds) services.push(await findService(app, id))
  assertName(body, services)
  const [service] = services as [Service]
  if (body.country_id === undefined) return special(app, caller, service)
  const country = (await findCountry(app, body.country_id)).code
  const operatorId = await operatorOf(app, country, body.operator_id)
  if (body.service_ids !== undefined) return { server: 2, serviceIds, country, operatorId }
  const selection = { ...anyNumber, serviceId: service.id, country, operatorId }
  return { server: 2, serviceIds: null, selection }
}

async function product(app: App, caller: Principal, body: NewOrder, id: number): Promise<Wanted> {
  const [offer] = await app.catalog.offers({
    currency: caller.currency,
    id,
    kind: 'activation',
    reserved: false,
    limit: 1,
  })
  if (!offer) throw new DomainError('offer_not_found', 'The product was not found.')
  assertName(body, [await findService(app, offer.serviceId as number)])
  // A product fixes everything. Other fields that come with it must match it.
  const { serviceId, country, pool } = offer
  if (body.country_id !== undefined && (await findCountry(app, body.country_id)).code !== country)
    throw untrue('country_id')
  const operatorId = await sellerOf(app, caller, offer, body.operator_id)
  return {
    server: 1,
    serviceIds: null,
    selection: { ...anyNumber, serviceId, country, pool, operatorId },
  }
}

/** An operator of the product; null for any. @throws invalid_request */
async function sellerOf(app: App, { currency }: Principal, product: Offer, id: number | undefined) {
  if (id === undefined || id === anyOperator.id) return null
  const tests = (await findService(app, product.serviceId as number)).test !== null
  const [sold] = await app.catalog.offers({
    currency,
    kind: 'activation',
    serviceId: product.serviceId as number,
    country: product.country as string,
    pool: product.pool as string,
    operatorId: id,
    tests,
    limit: 1,
  })
  if (!sold) throw untrue('operator_id')
  return id
}

const untrue = (name: string) => invalid(name, 'does not belong to this product')

function invalid(name: string, detail: string) {
  const fields = [{ pointer: `/${name}`, detail }]
  return new DomainError('invalid_request', sentenceOf(fields), { fields })
}

/** A service without a country is a special one: it has reserved numbers, whatever their country. */
async function special(app: App, caller: Principal, service: Service): Promise<Wanted> {
  const { currency } = caller
  const [market] = await app.catalog.market({ currency, reserved: true, serviceId: service.id })
  if (!market) throw invalid('country_id', 'is required: this is not a special service')
  const selection = { ...anyNumber, serviceId: service.id, pool: market.pool }
  return { server: 2, serviceIds: null, selection }
}

/** @throws operator_not_found */
async function operatorOf(app: App, country: string, id: number | undefined) {
  if (id === undefined || id === anyOperator.id) return null
  const operator = await app.catalog.find((it) => it.operator(id))
  if (operator?.country !== country)
    throw new DomainError('operator_not_found', 'The country does not have this operator.')
  return operator.id
}

/** For several services, the name of any of them is accepted. */
function assertName({ service_name: sent }: NewOrder, services: readonly Service[]) {
  const plain = (name: string) => name.trim().toLowerCase()
  if (sent === undefined || services.some(({ name }) => plain(name) === plain(sent))) return
  throw finer('service_name_mismatch', 'The service_name does not match the id.')
}
