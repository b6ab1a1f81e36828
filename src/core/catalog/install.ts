// Writes the catalog's facts into the database at every start, so that facts of a new version take effect.
// What an operator decides (closed, prices, rates) is initialised once and then left unchanged.
import type { Tx } from '../../db/database.ts'
import { parseAmount } from '../money.ts'
import { categories, countries, currencies, operators, pools, services } from './data/load.ts'
import { baseCurrency, writeRate } from './rates.ts'

/** Safe to repeat. */
export async function installCatalog(tx: Tx, now: Date): Promise<void> {
  await tx.query(
    `insert into currencies (code, decimals, name)
     select code, least(decimals, 4), name
       from jsonb_to_recordset($1::jsonb) as t(code text, decimals smallint, name text)
     on conflict (code) do update set name = excluded.name`,
    [JSON.stringify(currencies)],
  )
  await writeRate(tx, now, baseCurrency, '1')
  await installCountries(tx)
  await installServices(tx)
  await installProtocolIds(tx)
  await tx.query(
    `insert into operators (country, slug, name)
     select t.country, t.slug, t.name
       from jsonb_to_recordset($1::jsonb) as t(country text, slug text, name text, number int)
      order by t.number on conflict (country, slug) do update set name = excluded.name`,
    [JSON.stringify(operators)],
  )
  await tx.query(
    `insert into pools (id, name, reserved) select id, name, "isReserved"
       from jsonb_to_recordset($1::jsonb) as t(id text, name text, "isReserved" boolean)
     on conflict do nothing`,
    [JSON.stringify(pools)],
  )
}

async function installCountries(tx: Tx) {
  await tx.query(
    `insert into countries (code, alpha3, iso_numeric, number, name, calling_code, currency)
     select iso2, iso3, nullif("isoNumeric", '')::smallint, number, name, "callingCode",
            nullif(currency, '')
       from jsonb_to_recordset($1::jsonb) as t(iso2 text, iso3 text, "isoNumeric" text, number int,
         name text, "callingCode" text, currency text)
     on conflict (code) do update set name = excluded.name, calling_code = excluded.calling_code,
       currency = excluded.currency`,
    [JSON.stringify(countries)],
  )
}

/** Service facts that an operator may override. */
const factsLeftToOperators = ['name', 'category', 'senders', 'words', 'rules', 'takes_any', 'site']

const factUnlessSet = (column: string) =>
  `${column} = case when '${column}' = any(services.set_by_operator) then services.${column}
     else excluded.${column} end`

/** If an operator's own service has the slug of a new fact, it is kept and the fact is skipped. */
async function installServices(tx: Tx) {
  const closed = new Set(categories.filter((one) => one.isClosedByDefault).map((one) => one.slug))
  const rows = services.map((service) => ({
    ...service,
    closed: closed.has(service.category),
    default_price: String(parseAmount(service.priceUsd)),
    rules: service.rules.map((pattern) => ({ pattern, flags: 'iu' })),
  }))
  await tx.query(
    `insert into services (id, uuid, slug, name, category, senders, words, rules, takes_any,
       default_price, site, closed)
     select number, uuid, slug, name, category, senders, words, rules, "takesAny", default_price,
            nullif(site, ''), closed
       from jsonb_to_recordset($1::jsonb) as t(number int, uuid uuid, slug text, name text,
         category text, senders text[], words text[], rules jsonb, "takesAny" boolean,
         default_price bigint, site text, closed boolean)
      where not exists (select from services s where s.slug = t.slug and s.id <> t.number)
     on conflict (id) do update set
       ${factsLeftToOperators.map(factUnlessSet).join(', ')}`,
    [JSON.stringify(rows)],
  )
}

/** The ids of dialects are facts, all of which are written anew. */
async function installProtocolIds(tx: Tx) {
  const rows = [
    ...countries.flatMap((one) => protocolIds('country', one.iso2, one.ids)),
    ...services.flatMap((one) => protocolIds('service', String(one.number), one.ids)),
  ]
  await tx.query('delete from protocol_ids')
  await tx.query(
    `insert into protocol_ids (dialect, kind, ours, theirs)
     select dialect, kind, ours, theirs
       from jsonb_to_recordset($1::jsonb) as t(dialect text, kind text, ours text, theirs text)
      where kind <> 'service' or exists (select from services s where s.id::text = t.ours)`,
    [JSON.stringify(rows)],
  )
}

const protocolIds = (kind: string, ours: string, ids: Readonly<Record<string, string>>) =>
  Object.entries(ids).map(([dialect, theirs]) => ({ dialect, kind, ours, theirs }))
