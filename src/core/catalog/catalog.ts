// The catalog in memory: services, countries, operators, pools.
//
// A copy of small tables, reloaded every few seconds and whenever a lookup finds nothing. It never holds
// prices, stock, or what is closed: the database decides each purchase.
import type { Queryable } from '../../db/database.ts'
import type { CodeRule } from '../codes/extract.ts'
import { DomainError } from '../error.ts'
import type { TestOutcome } from './test-services.ts'

type ProtocolIds = Readonly<Record<string, string>>

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
  /** The domain that its emails come from. */
  readonly site: string | null
  /** Its ids in dialects that have their own, by dialect. */
  readonly ids: ProtocolIds
  readonly closed: boolean
  /** Test services only: how the orders end. */
  readonly test: TestOutcome | null
}

export type Country = {
  readonly code: string
  readonly alpha3: string
  readonly number: number
  readonly name: string
  readonly callingCode: string
  readonly currency: string | null
  /** Its ids in dialects that have their own, by dialect. */
  readonly ids: ProtocolIds
  readonly closed: boolean
}

export type Operator = {
  readonly id: number
  readonly country: string
  readonly slug: string
  readonly name: string
}

/** A tier of supply. Offers of a reserved pool are sold only to callers who name it. */
export type Pool = { readonly id: string; readonly name: string; readonly reserved: boolean }

export type Catalog = {
  readonly services: readonly Service[]
  /** Separate from the other services, so that no list shows them by accident. `service` also finds them. */
  readonly testServices: readonly Service[]
  readonly countries: readonly Country[]
  readonly operators: readonly Operator[]
  readonly pools: readonly Pool[]
  /** By numeric id, slug or UUID; null (possible in orders) finds nothing. */
  service(key: number | string | null): Service | undefined
  /** By ISO 3166 alpha-2 code, in upper case. */
  country(code: string): Country | undefined
  operator(id: number | null): Operator | undefined
  operatorBySlug(country: string, slug: string): Operator | undefined
}

const freshForMs = 5_000
/** A failed lookup reloads the tables, but not more often than this, unless something has been added. */
const missesEveryMs = 250

export type CatalogSource = {
  /** The catalog, at most a few seconds old. */
  current(): Promise<Catalog>
  /** The result of `find`. If there is none, the result from the tables as they are now: what has just been
   * added is always found. */
  find<T>(find: (catalog: Catalog) => T | undefined): Promise<T | undefined>
}

export function catalogSource(db: Queryable, clock: () => number = Date.now): CatalogSource {
  let loaded: Loaded | undefined
  let loadedAt = 0
  let loading: Promise<Loaded> | undefined
  const load = () => {
    loading ??= readSized(db)
      .then((result) => {
        loaded = result
        loadedAt = clock()
        return result
      })
      .finally(() => {
        loading = undefined
      })
    return loading
  }
  /** Loads after what is under way, which may have read the tables before something was added. */
  const reload = async () => {
    await loading?.catch(() => undefined)
    return load()
  }
  const current = async () =>
    loaded && clock() - loadedAt < freshForMs ? loaded : ((await load()) as Loaded)
  return {
    current: async () => (await current()).catalog,
    async find(find) {
      const { catalog, size } = await current()
      const found = find(catalog)
      if (found !== undefined) return found
      const isOld = clock() - loadedAt >= missesEveryMs
      return isOld || (await countRows(db)) !== size ? find((await reload()).catalog) : undefined
    },
  }
}

type Loaded = { readonly catalog: Catalog; readonly size: number }

/** Counts first, so that what is added meanwhile makes the size wrong and a failed lookup reloads. */
async function readSized(db: Queryable): Promise<Loaded> {
  const size = await countRows(db)
  return { catalog: await readCatalog(db), size }
}

/** The number of rows that a catalog is made of. */
async function countRows(db: Queryable): Promise<number> {
  const [row] = await db.query<{ size: number }>(
    `select ((select count(*) from services) + (select count(*) from countries)
           + (select count(*) from operators) + (select count(*) from pools)
           + (select count(*) from protocol_ids))::int as size`,
  )
  return row?.size ?? 0
}

const idsOf = (kind: 'service' | 'country', ours: string) =>
  `coalesce((select jsonb_object_agg(p.dialect, p.theirs) from protocol_ids p
     where p.kind = '${kind}' and p.ours = ${ours}), '{}')`

export async function readCatalog(db: Queryable): Promise<Catalog> {
  const everyService = await db.query<Service>(
    `select id, uuid::text, slug, name, category, senders, words, rules, takes_any as "takesAny",
            site, ${idsOf('service', 'services.id::text')} as ids, closed, test
       from services order by name`,
  )
  const countries = await db.query<Country>(
    `select code, alpha3, number, name, calling_code as "callingCode", currency,
            ${idsOf('country', 'countries.code')} as ids, closed
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
