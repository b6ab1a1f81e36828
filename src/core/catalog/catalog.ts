// The catalog as the program keeps it at hand: services, countries, operators, pools.
//
// A copy of small tables, read again every few seconds and whenever something asked for is not in it.
// Prices, stock, and what is closed are never taken from here: the database judges each purchase.
import type { Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { CodeRule } from '../otp/extract.ts'
import type { TestOutcome } from './test-services.ts'

export type Service = {
  readonly id: number
  readonly uuid: string
  readonly slug: string
  readonly name: string
  readonly category: string
  readonly senders: readonly string[]
  readonly words: readonly string[]
  readonly rules: readonly CodeRule[]
  readonly takesAny: boolean
  /** The domain that its mails come from. */
  readonly site: string | null
  readonly handlerCode: string | null
  readonly fivesimSlug: string | null
  readonly closed: boolean
  /** Of a test service: how its orders end. */
  readonly test: TestOutcome | null
}

export type Country = {
  readonly code: string
  readonly alpha3: string
  readonly number: number
  readonly name: string
  readonly callingCode: string
  readonly currency: string | null
  readonly handlerId: number | null
  readonly fivesimSlug: string | null
  readonly closed: boolean
}

export type Operator = {
  readonly id: number
  readonly country: string
  readonly slug: string
  readonly name: string
}

/** A tier of supply. What stands in a reserved one is sold only to those who name it. */
export type Pool = { readonly id: string; readonly name: string; readonly reserved: boolean }

export type Catalog = {
  readonly services: readonly Service[]
  /** Apart from the others, so that no list shows them by accident. `service` finds them, too. */
  readonly testServices: readonly Service[]
  readonly countries: readonly Country[]
  readonly operators: readonly Operator[]
  readonly pools: readonly Pool[]
  /** By numeric id, slug, or UUID; null, as orders may have it, is none. */
  service(key: number | string | null): Service | undefined
  /** By ISO 3166 alpha-2 code, in capitals. */
  country(code: string): Country | undefined
  operator(id: number | null): Operator | undefined
  operatorBySlug(country: string, slug: string): Operator | undefined
}

const freshForMs = 5_000
/** A miss reads the tables again, but not more often than this. */
const missesEveryMs = 250

export type CatalogSource = {
  /** The catalog, at most some seconds old. */
  current(): Promise<Catalog>
  /** The first answer of `find`, from a catalog read anew if the one at hand has none. */
  find<T>(find: (catalog: Catalog) => T | undefined): Promise<T | undefined>
}

export function catalogSource(db: Queryable, clock: () => number = Date.now): CatalogSource {
  let loaded: Catalog | undefined
  let loadedAt = 0
  let loading: Promise<Catalog> | undefined
  const load = () => {
    loading ??= readCatalog(db)
      .then((catalog) => {
        loaded = catalog
        loadedAt = clock()
        return catalog
      })
      .finally(() => {
        loading = undefined
      })
    return loading
  }
  const current = async () =>
    loaded && clock() - loadedAt < freshForMs ? loaded : ((await load()) as Catalog)
  return {
    current,
    async find(find) {
      const found = find(await current())
      if (found !== undefined || clock() - loadedAt < missesEveryMs) return found
      return find(await load())
    },
  }
}

export async function readCatalog(db: Queryable): Promise<Catalog> {
  const everyService = await db.query<Service>(
    `select id, uuid::text, slug, name, category, senders, words, rules, takes_any as "takesAny",
            site, handler_code as "handlerCode", fivesim_slug as "fivesimSlug", closed, test
       from services order by name`,
  )
  const countries = await db.query<Country>(
    `select code, alpha3, number, name, calling_code as "callingCode", currency,
            handler_id as "handlerId", fivesim_slug as "fivesimSlug", closed
       from countries order by name`,
  )
  const operators = await db.query<Operator>(
    'select id, country, slug, name from operators order by name',
  )
  const pools = await db.query<Pool>('select id, name, reserved from pools order by id')
  const byKey = new Map<number | string, Service>()
  for (const service of everyService)
    byKey.set(service.id, service).set(service.slug, service).set(service.uuid, service)
  const byCode = new Map(countries.map((country) => [country.code, country]))
  const byId = new Map(operators.map((operator) => [operator.id, operator]))
  const bySlug = new Map(operators.map((one) => [`${one.country} ${one.slug}`, one]))
  return {
    services: everyService.filter((service) => service.test === null),
    testServices: everyService.filter((service) => service.test !== null),
    countries,
    operators,
    pools,
    service: (key) =>
      key === null ? undefined : byKey.get(typeof key === 'string' ? key.toLowerCase() : key),
    country: (code) => byCode.get(code),
    operator: (id) => (id === null ? undefined : byId.get(id)),
    operatorBySlug: (country, slug) => bySlug.get(`${country} ${slug}`),
  }
}

/** @throws country_not_found */
export async function assertCountry(db: Queryable, code: string): Promise<void> {
  const [known] = await db.query('select 1 as yes from countries where code = $1', [code])
  if (!known) throw new DomainError('country_not_found', `There is no country ${code}.`)
}
