// The actions for prices: by country and service, and the best countries for a service.
import { type Amount, amountAsNumber, formatAmount } from '../../core/money.ts'
import { groupInPieces, inPieces } from '../../http/pieces.ts'
import { type Action, type Call, countIn, isSet, sizeIn } from './call.ts'
import { providerPrices } from './choice.ts'
import { type Lot, lotsAt } from './market.ts'
import { codeOf, findCountry, findService, idOf } from './names.ts'

type Table<Cell> = Record<string, Record<string, Cell>>

/** The lots that were requested, with the field's names. */
async function namedLots(call: Call): Promise<NamedLot[]> {
  const { app, ask } = call
  const service = ask.has('service') ? await findService(app, ask.get('service')) : undefined
  const country = await findCountry(app, ask)
  const lots = await lotsAt(call, { serviceId: service?.id, country: country?.code })
  const catalog = await app.catalog.current()
  const named: NamedLot[] = []
  await inPieces(lots, (lot) => {
    const code = codeOf(catalog.service(lot.serviceId))
    named.push({ ...lot, code, countryId: String(idOf(catalog.country(lot.country))) })
  })
  return named
}

type NamedLot = Lot & { readonly code: string; readonly countryId: string }

async function tableOf<Cell>(
  lots: readonly NamedLot[],
  names: (lot: NamedLot) => readonly [string, string],
  cell: (lot: NamedLot) => Cell,
): Promise<Table<Cell>> {
  const table: Table<Cell> = {}
  await inPieces(lots, (lot) => {
    const [row, column] = names(lot)
    const cells = table[row] ?? {}
    cells[column] = cell(lot)
    table[row] = cells
  })
  return table
}

const byCountry = (lot: NamedLot) => [lot.countryId, lot.code] as const

const priceCell = ({ price, stock }: Lot) => ({
  cost: amountAsNumber(price),
  count: stock,
  physicalCount: stock,
})

/** Stock at each price. */
const priceMap = (call: Call, tiers: ReadonlyMap<Amount, number>) =>
  Object.fromEntries(
    [...tiers].map(([price, count]) => [formatAmount(price, call.caller.decimals), count]),
  )

export const getPrices: Action = async (call) =>
  tableOf(await namedLots(call), byCountry, priceCell)

/** Like getPrices; with `freePrice` also the stock at each price. */
export const getPricesExtended: Action = async (call) => {
  const withTiers = isSet(call.ask.get('freePrice'))
  return tableOf(await namedLots(call), byCountry, (lot) => ({
    ...priceCell(lot),
    ...(withTiers ? { freePriceMap: priceMap(call, lot.tiers) } : {}),
  }))
}

/** Stock at each price. */
export const getPricesV2: Action = async (call) =>
  tableOf(await namedLots(call), byCountry, (lot) => priceMap(call, lot.tiers))

/** By provider (our pools): the lowest price and the total stock of each. */
export const getPricesV3: Action = async (call) => {
  const { app, ask } = call
  const country = await findCountry(app, ask)
  const isOfOne = ask.has('service') || country === undefined
  const service = isOfOne ? await findService(app, ask.get('service')) : undefined
  const prices = await providerPrices(call, { serviceId: service?.id, country: country?.code })
  const catalog = await app.catalog.current()
  const table: Table<Record<string, object>> = {}
  await inPieces(prices, ({ country: code, serviceId, pool, price, stock }) => {
    const row = String(idOf(catalog.country(code)))
    const column = codeOf(catalog.service(serviceId))
    const cells = { ...table[row]?.[column], [pool]: providerCell(pool, price, stock) }
    const cellsOfRow = table[row] ?? {}
    cellsOfRow[column] = cells
    table[row] = cellsOfRow
  })
  return table
}

const providerCell = (pool: string, price: Amount, stock: number) => ({
  count: stock,
  price: amountAsNumber(price),
  // A number if the operator named the pool by one, as the default pools are.
  provider_id: /^\d{1,15}$/.test(pool) ? Number(pool) : pool,
})

/** By service, then by country; prices are text. */
export const getPricesVerification: Action = async (call) =>
  tableOf(
    await namedLots(call),
    (lot) => [lot.code, lot.countryId],
    (lot) => ({ count: lot.stock, price: formatAmount(lot.price, call.caller.decimals) }),
  )

/** The countries of a service, those with the most numbers first; without a service, of every service. */
export const getTopCountriesByService: Action = async (call) => {
  const lots = (await namedLots(call)).filter((lot) => lot.stock > 0)
  const withTiers = isSet(call.ask.get('freePrice'))
  const rows = (some: readonly NamedLot[]) =>
    Object.fromEntries(
      some.toSorted(byStock).map((lot, index) => [
        String(index),
        {
          country: Number(lot.countryId),
          count: lot.stock,
          price: amountAsNumber(lot.price),
          retail_price: amountAsNumber(lot.price),
          ...(withTiers ? { freePriceMap: priceMap(call, lot.tiers) } : {}),
        },
      ]),
    )
  if (call.ask.has('service')) return rows(lots)
  const table: Record<string, object> = {}
  await inPieces([...(await groupInPieces(lots, (lot) => lot.code))], ([code, same]) => {
    table[code] = rows(same)
  })
  return table
}

const byStock = (a: Lot, b: Lot) => b.stock - a.stock || (a.price < b.price ? -1 : 1)

/** The countries where a service was recently bought, with the share of orders that got a code. */
export const getListOfTopCountriesByService: Action = async (call) => {
  const service = await findService(call.app, call.ask.get('service'))
  const limit = sizeIn(call.ask, 'length', { min: 1, max: 100, fallback: 10 })
  const page = countIn(call.ask, 'page', { min: 1, max: 1_000, fallback: 1 })
  const catalog = await call.app.catalog.current()
  const wanted = { serviceId: service.id, limit, offset: (page - 1) * limit }
  return (await call.app.catalog.topCountries(wanted)).map((one) => ({
    country: idOf(catalog.country(one.country)),
    share: one.share,
    rate: one.rate,
  }))
}
