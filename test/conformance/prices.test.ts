// The price shown is the price charged, in all dialects that list prices and in currencies of 0, 2, 3 places.
import { describe, expect, it } from 'vitest'
import { setRate } from '../../src/core/catalog/rates.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { type OwnService, ownService } from '../harness/stock.ts'
import type { DialectDriver } from './driver.ts'
import { driver as fivesim } from './drivers/fivesim.ts'
import { driver as handlerApi } from './drivers/handler-api.ts'
import { driver as native } from './drivers/native.ts'
import { driver as otpzap } from './drivers/otpzap.ts'
import { driver as smsVerificationService } from './drivers/smsverificationservice.ts'
import { driver as whichotp } from './drivers/whichotp.ts'
import { driver as zapotp } from './drivers/zapotp.ts'

type Shop = OwnService & { readonly countryNumber: number }
type Row = Record<string, unknown>

/** Where a dialect lists the price of a service in a country, and which of the numbers it is. */
type Listing = {
  readonly driver: DialectDriver
  readonly path: (shop: Shop) => string
  readonly price: (body: Row, shop: Shop) => unknown
}

const rowOf = (rows: unknown, is: (row: Row) => boolean) => (rows as Row[]).find(is)
const dataOf = (body: Row) => body.data as Row

const listings: readonly Listing[] = [
  {
    driver: native,
    path: ({ slug, country }) => `/v1/offers?service=${slug}&country=${country}`,
    price: (body) => (body.data as Row[])[0]?.price,
  },
  {
    driver: whichotp,
    path: () => '/whichotp/api/v1/services',
    price: (body, { uuid }) => rowOf(body.services, ({ id }) => id === uuid)?.price,
  },
  {
    driver: otpzap,
    path: ({ countryNumber }) => `/otpzap/api/v1/s2/services?country_id=${countryNumber}`,
    price: (body, shop) => rowOf(dataOf(body).services, ({ id }) => id === shop.id)?.price,
  },
  {
    driver: zapotp,
    path: ({ slug, country }) =>
      `/zapotp/account/api/v1/services?country=${country}&service=${slug}`,
    price: (body) => (body.data as Row[])[0]?.price,
  },
  {
    driver: smsVerificationService,
    path: ({ countryNumber }) =>
      `/smsverificationservice/api/v1/global/services/?country_id=${countryNumber}`,
    price: (body, shop) => rowOf(body.offers, (row) => row.service_id === shop.id)?.sell_price,
  },
  {
    driver: fivesim,
    path: ({ country }) => `/fivesim/v1/guest/products/${country.toLowerCase()}/any`,
    price: (body, { slug }) => (body[slug] as Row | undefined)?.Price,
  },
  {
    driver: handlerApi,
    path: ({ slug, country }) =>
      `/stubs/handler_api.php?action=getPrices&service=${slug}&country=${country}`,
    price: (body, { slug }) => (Object.values(body)[0] as Record<string, Row>)[slug]?.cost,
  },
]

/** A rate that falls between coins, for currencies of 0, 2 and 3 decimals. */
const currencies = [
  ['JPY', '151.337', 1],
  ['EUR', '0.91873', 0.01],
  ['KWD', '0.30745', 0.001],
] as const

describe('the price shown is the price charged', async () => {
  const server = await testServer({ env: { NUMLET_RATE_LIMIT: '0' } })
  const { db } = server
  const service = await ownService(db, { numbers: 50, price: '0.37' })
  const [place] = await db.query<{ number: number }>(
    'select number from countries where code = $1',
    [service.country],
  )
  const shop: Shop = { ...service, countryNumber: place?.number as number }
  for (const [currency, rate] of currencies) await setRate(db, new Date(), currency, rate)

  const cases = listings.flatMap((listing) =>
    currencies.map(([currency, , coin]) => ({
      listing,
      name: listing.driver.name,
      currency,
      coin,
    })),
  )
  it.each(cases)('$name, in $currency', async ({ listing, currency, coin }) => {
    const { driver } = listing
    const scopes = driver.scopes ? { scopes: [...driver.scopes] } : {}
    const { key, accountId } = await testCustomer(db, { currency, credit: '1000', ...scopes })
    const list = await call<Row>(server, key, 'GET', listing.path(shop))
    const listed = Number(listing.price(list.body, shop))
    expect(listed).toBeGreaterThan(0)
    expect(listed / coin).toBeCloseTo(Math.round(listed / coin), 6)
    const { method, path, body } = driver.ask.buy(shop)
    expect((await call(server, key, method, path, body)).status).toBe(driver.succeeds.bought)
    const held = await db.query<{ amount: bigint; price: bigint }>(
      `select t.amount, o.price from transfers t join orders o on o.id = t.order_id
        where t.account_id = $1 and t.kind = 'hold'`,
      [accountId],
    )
    const exact = BigInt(Math.round(listed * 10_000))
    expect(held).toEqual([{ amount: exact, price: exact }])
  })
})
