// Looks up what a ZapOTP client names: services, pools, providers, rental durations.
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import type { Service } from '../../core/catalog/catalog.ts'
import { DomainError } from '../../core/error.ts'
import { anyNumber, type Selection } from '../../core/orders/buying/selection.ts'
import { missing, type Provider, secondsOf } from './wire.ts'

const isPoolShown = (pool: { readonly reserved: boolean }) => !pool.reserved

const badValue = (pointer: string, detail: string) =>
  new DomainError('invalid_request', `${pointer} ${detail}`, { fields: [{ pointer, detail }] })

/** The value of a parameter that only some actions require. @throws invalid_request */
export function given<T>(value: T | undefined, pointer: string): T {
  if (value === undefined) throw badValue(pointer, missing)
  return value
}

/** The provider "usa" is only for the country US. @throws invalid_request */
export function assertProvider(provider: Provider, country: string): void {
  if (provider === 'usa' && country !== 'US')
    throw badValue('provider', 'must be "global" for this country')
}

/** @throws service_not_found */
export async function findService(app: App, name: string): Promise<Service> {
  const service = await app.catalog.find((it) => it.service(name))
  if (!service) throw new DomainError('service_not_found', 'There is no such service.')
  return service
}

/** @throws country_not_found */
export async function assertCountry(app: App, code: string): Promise<void> {
  if (!(await app.catalog.find((it) => it.country(code))))
    throw new DomainError('country_not_found', 'There is no such country.')
}

/** The pools that this dialect's clients may name: not reserved ones. */
export async function openPools(app: App) {
  return (await app.catalog.current()).pools.filter(isPoolShown)
}

type Wanted = {
  readonly service?: string
  readonly country?: string
  readonly provider: Provider
  readonly duration: string
  readonly pool?: string
}

/** The order that a request asks for; `durationS` is null for an activation.
 * @throws invalid_request, service_not_found, country_not_found */
export async function selectionOf(
  app: App,
  caller: Principal,
  wanted: Wanted,
): Promise<{ readonly selection: Selection; readonly durationS: number | null }> {
  const name = given(wanted.service, 'service')
  const country = given(wanted.country, 'country')
  assertProvider(wanted.provider, country)
  const durationS = secondsOf(wanted.duration)
  await assertLength(app, caller, durationS)
  await assertPool(app, wanted.pool)
  const service = await findService(app, name)
  await assertCountry(app, country)
  return {
    durationS,
    selection: { ...anyNumber, serviceId: service.id, country, pool: wanted.pool ?? null },
  }
}

/** A duration that no rental has is an invalid value. One that this service does not have is out of stock. */
async function assertLength(app: App, { currency }: Principal, durationS: number | null) {
  if (durationS === null) return
  const offers = await app.catalog.offers({ currency, kind: 'rental', durationS, limit: 1 })
  if (offers.length === 0) throw badValue('duration', 'is not a duration of any rental')
}

async function assertPool(app: App, id: string | undefined) {
  if (id === undefined) return
  const isKnown = await app.catalog.find(
    (it) => it.pools.filter(isPoolShown).some((pool) => pool.id === id) || undefined,
  )
  if (!isKnown) throw badValue('pool', 'is not a pool of this platform')
}
