// What every dialect must do, whatever its words: one suite, and a small driver for each.
import { describe, expect, it } from 'vitest'
import { anyNumber } from '../../src/core/orders/buying/selection.ts'
import { eventually } from '../harness/program.ts'
import { serverOn, testCustomer } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { openUpstream } from '../supply/upstream/market.ts'
import { type Client, dialectClient } from './client.ts'
import type { DialectDriver, Request, ServiceNames } from './driver.ts'

/** Describes a dialect's conduct. To be called once in a test file of the dialect's own. */
export function describeDialect(driver: DialectDriver) {
  describe(`${driver.name} does what every dialect does:`, async () => {
    const client = await dialectClient(driver)
    itsOrders(driver, client)
    itsRefusals(driver, client)
    itsLimit(driver, client)
    itsRepeats(driver, client)
    itsWaits(driver, client)
  })
}

function itsOrders(driver: DialectDriver, client: Client) {
  const { server, service, scarce, customer, send, balance, buy, order, receive, refuses } = client

  it('buys, receives, reads the code twice, and takes the money once', async () => {
    const { key } = await customer()
    const { id, phone, price } = await buy(key)
    expect(service.phones).toContain(phone)
    expect(await balance(key)).toBe(100 - price)
    expect(await order(key, id)).toEqual({ state: 'waiting', code: null })
    await receive(phone, 'Your code is 593821')
    for (let time = 0; time < 2; time++)
      expect(await order(key, id)).toEqual({ state: 'received', code: '593821' })
    expect(await balance(key)).toBe(100 - price)
  })

  it('refuses to cancel early, cancels late, and gives the money back once', async () => {
    const { key } = await customer()
    const { id, price } = await buy(key)
    const early = await refuses(driver.fails.inCooldown, key, driver.ask.cancel(id))
    expect(Number(early.headers.get('retry-after'))).toBe(120)
    expect(await balance(key)).toBe(100 - price)
    server.advance(121)
    expect((await send(key, driver.ask.cancel(id))).status).toBe(200)
    expect(await order(key, id)).toEqual({ state: 'refunded', code: null })
    expect(await balance(key)).toBe(100)
    await send(key, driver.ask.cancel(id))
    expect(await balance(key)).toBe(100)
  })

  it('refuses to cancel once there is a code', async () => {
    const { key } = await customer()
    const { id, phone } = await buy(key)
    await receive(phone, 'Your code is 593821')
    server.advance(121)
    await refuses(driver.fails.notCancellable, key, driver.ask.cancel(id))
  })

  it('sells nothing without the money', async () => {
    const { key } = await customer({ credit: '0.49' })
    await refuses(driver.fails.noMoney, key, driver.ask.buy(service))
  })

  it('sells the last number once', async () => {
    const { key } = await customer()
    expect((await send(key, driver.ask.buy(scarce))).status).toBe(driver.succeeds.bought)
    await refuses(driver.fails.noStock, key, driver.ask.buy(scarce))
  })

  const { finish } = driver.ask
  const { notFinishable } = driver.fails
  if (finish && notFinishable)
    it('finishes an order that has its code, and none before', async () => {
      const { key } = await customer()
      const { id, phone, price } = await buy(key)
      await refuses(notFinishable, key, finish(id))
      await receive(phone, 'Your code is 593821')
      expect((await send(key, finish(id))).status).toBe(200)
      expect(await order(key, id)).toEqual({ state: 'received', code: '593821' })
      server.advance(121)
      await refuses(driver.fails.closed ?? driver.fails.notCancellable, key, driver.ask.cancel(id))
      expect(await balance(key)).toBe(100 - price)
    })
}

function itsRefusals(driver: DialectDriver, client: Client) {
  const { server, service, customer, send, buy, refuses } = client

  it('answers a wrong key alike, whatever is wrong with it', async () => {
    const { key } = await customer()
    const almost = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a')
    for (const wrong of [null, 'x', almost, `${key}x`, 'nl'.padEnd(32, '0')])
      for (const request of [driver.ask.balance(), driver.ask.buy(service)]) {
        const reply = await refuses(driver.fails.unauthenticated, wrong, request)
        expect(reply.headers.get('www-authenticate')).toBe('Bearer')
      }
  })

  it('answers somebody else’s order exactly like one that is not there', async () => {
    const { key } = await customer()
    const { key: other } = await customer()
    const { id } = await buy(key)
    const numeric = String(server.app.ids.fromToken('ord', id) ?? id)
    for (const ask of [driver.ask.order, driver.ask.cancel]) {
      const expected = noOrderFor(driver, ask)
      const theirs = await refuses(expected, other, ask(id))
      for (const none of [numeric, 'ord_00000000000', '0', '99999999999999999999', 'nonsense']) {
        const missing = await refuses(expected, other, ask(none))
        expect(withoutIds(missing.body)).toEqual(withoutIds(theirs.body))
      }
    }
  })

  it('refuses what is malformed', async () => {
    const { key } = await customer()
    const { fails, ask } = driver
    const bought = (ask.withBody ?? (() => ask.buy(service)))()
    await refuses(fails.wrongField, key, ask.wrongField())
    await refuses(fails.malformedBody, key, { ...bought, body: '{"half":' })
    await refuses(
      fails.wrongType,
      key,
      { ...bought, body: 'nonsense' },
      { 'content-type': 'text/plain' },
    )
    await refuses(fails.tooLarge, key, { ...bought, body: { a: 'x'.repeat(200_000) } })
    await refuses(fails.nothing, key, ask.nothing())
    const refused = await refuses(fails.wrongMethod, key, ask.wrongMethod())
    expect(refused.headers.get('allow')).toMatch(/^[A-Z]+(, [A-Z]+)*$/)
  })

  it('does not mind a trailing slash', async () => {
    const { key } = await customer()
    expect((await send(key, slashed(driver.ask.balance()))).status).toBe(200)
    const reply = await send(key, slashed(driver.ask.buy(service)))
    expect(reply.status).toBe(driver.succeeds.bought)
  })
}

function itsLimit(driver: DialectDriver, { server, customer, send }: Client) {
  it('limits how often a key may ask, and says when it may again', async () => {
    const limited = await serverOn(server.databaseUrl, { NUMLET_RATE_LIMIT: '3' })
    const { key } = await customer()
    const ask = () => send(key, driver.ask.balance(), {}, limited)
    const limit = driver.rateLimit ?? 3
    const { heavy } = driver
    for (let left = limit; left > 0; ) {
      // The last ones one by one.
      const isHeavy = heavy !== undefined && left > 2 * heavy.weight
      const reply = await (isHeavy ? send(key, heavy.ask, {}, limited) : ask())
      left -= isHeavy ? heavy.weight : 1
      expect(reply.status).toBe(200)
      expect(reply.headers.get('ratelimit-policy')).toBe(`"key";q=${limit};w=60`)
      expect(reply.headers.get('ratelimit')).toBe(`"key";r=${left};t=60`)
    }
    const reply = await ask()
    expect(reply).toMatchObject(driver.fails.rateLimited)
    expect(reply.headers.get('retry-after')).toBe('60')
    const { key: other } = await customer()
    expect((await send(other, driver.ask.balance(), {}, limited)).status).toBe(200)
    limited.advance(60)
    expect((await ask()).status).toBe(200)
  })
}

function itsRepeats(driver: DialectDriver, client: Client) {
  const { service, scarce, customer, send, balance, refuses } = client

  it('does a repeated purchase once', async () => {
    const { key } = await customer()
    const once = { 'idempotency-key': 'the-same' }
    const first = await send(key, driver.ask.buy(service), once)
    const again = await send(key, driver.ask.buy(service), once)
    expect(again.body).toEqual(first.body)
    expect(again.status).toBe(first.status)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const { price } = driver.read.bought(first)
    expect(await balance(key)).toBe(100 - price)
    await refuses(driver.fails.otherRequest, key, driver.ask.buy(scarce), once)
    const { key: other } = await customer()
    expect(driver.read.bought(await send(other, driver.ask.buy(service), once)).id).not.toBe(
      driver.read.bought(first).id,
    )
  })

  it('does a purchase once that is repeated before its answer', async () => {
    const { key } = await customer()
    const once = { 'idempotency-key': 'at-once' }
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => send(key, driver.ask.buy(service), once)),
    )
    const bought = replies.filter((reply) => reply.status === driver.succeeds.bought)
    expect(bought.length).toBeGreaterThan(0)
    expect(new Set(bought.map((reply) => driver.read.bought(reply).id)).size).toBe(1)
    for (const reply of replies) expect([driver.succeeds.bought, 409]).toContain(reply.status)
    expect(await balance(key)).toBe(99.5)
  })
}

const noOrderFor = ({ ask, fails }: DialectDriver, one: (id: string) => Request) =>
  one === ask.cancel ? (fails.noOrderToCancel ?? fails.noOrder) : fails.noOrder

function slashed({ path, ...rest }: Request): Request {
  const [plain, query] = path.split('?', 2)
  return { ...rest, path: `${plain}/${query === undefined ? '' : `?${query}`}` }
}

/** What differs in every answer and tells nothing. */
const withoutIds = (body: object) => ({ ...body, request_id: null })

/** A number that a supplier is asked for: the call answers when it is known whether one comes. */
function itsWaits(driver: DialectDriver, client: Client) {
  const { server, customer, send, balance, buy } = client
  const { app, db } = server

  it('says that there is none once its supplier has none, shows no order, forgets the key', async () => {
    const service = await soldOut(client)
    const { key, accountId } = await customer()
    const headers = { 'idempotency-key': 'a-number-from-elsewhere' }
    for (let time = 0; time < 2; time++) {
      const reply = send(key, driver.ask.buy(service), headers)
      const id = await eventually(async () => {
        const [row] = await db.query<{ id: bigint }>(
          `select id from orders where account_id = $1 and state = 'allocating'`,
          [accountId],
        )
        return row?.id
      })
      expect(await balance(key)).toBe(99.5)
      if (driver.name !== 'native')
        expect(await send(key, driver.ask.order(String(id)))).toMatchObject(driver.fails.noOrder)
      expect(await app.orders.fail([id])).toEqual([id])
      expect(await reply).toMatchObject(driver.fails.noStock)
      expect(await balance(key)).toBe(100)
    }
  })

  it('sells our own number at once, whoever else waits', async () => {
    const { key } = await customer()
    expect((await buy(key)).phone).toMatch(/^\+/)
  })
}

/** A service whose only number is sold, and which a supplier has. */
async function soldOut({ server: { app, db } }: Client): Promise<ServiceNames> {
  const service = await ownService(db, { numbers: 1 })
  const { accountId } = await testCustomer(db)
  const selection = { ...anyNumber, serviceId: service.id, country: service.country }
  await app.orders.buy({ accountId, quantity: 1, once: null, selection })
  const [offer] = await db.query<{ id: number }>('select id from offers where service_id = $1', [
    service.id,
  ])
  const { id: offerId } = offer as { id: number }
  await openUpstream(db, app.now(), { offerId, stock: 10, cost: 1_000n })
  return service
}
