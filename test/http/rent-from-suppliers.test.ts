// Rentals that suppliers are asked for, by each API that rents: a number, or what it says when there is none.
// An order without a number is shown by none but the native API.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { ensureOperator } from '../../src/core/catalog/operators.ts'
import { putOffers } from '../../src/core/catalog/set-offers.ts'
import { recordAnswer } from '../../src/core/supply/answers.ts'
import { claimAsks } from '../../src/core/supply/asks.ts'
import { call, testCustomer } from '../harness/server.ts'
import { expectCleanAudit, filmNumbers, services } from '../promises/market.ts'
import { openUpstream, upstreamDesk } from '../supply/upstream/market.ts'

const dayS = 86_400
const none = 'there is none'

describe('a rental that a supplier is asked for', async () => {
  const server = await upstreamDesk()
  const { app, db, dealing } = server
  const { id: operatorId } = await ensureOperator(db, 'US', 'Any')
  const place = { serviceId: services.whatsapp, country: 'US', operatorId, pool: '1' }
  const lengths = [1, 3, 30]
  await db.begin((tx) =>
    putOffers(
      tx,
      lengths.map((days) => ({
        ...{ ...place, kind: 'rental', price: 40_000n, durationS: days * dayS },
      })),
    ),
  )
  const offers = await db.query<{ id: number }>(`select id from offers where kind = 'rental'`)
  const [first, ...others] = offers.map(({ id }) => id)
  const { supplierId } = await openUpstream(db, app.now(), { offerId: first ?? 0, stock: 100 })
  for (const offerId of others)
    await openUpstream(db, app.now(), { offerId, stock: 100, supplierId })

  const phones = filmNumbers('212', 60)
  /** Answers requests until a call is answered: with a number, or that there is none. */
  async function answering<T>(work: Promise<T>, with_: 'a number' | typeof none): Promise<T> {
    let isOver = false
    const ended = work.finally(() => {
      isOver = true
    })
    ended.catch(() => undefined)
    while (!isOver) {
      for (const { allocationId, claims } of await claimAsks(dealing, app.now(), supplierId)) {
        const untold = { operator: 'any', cost: null, currency: null, endsAt: null }
        const number = { ...untold, cancelAfter: null, phone: phones.shift() ?? '', ref: '' }
        const verdict =
          with_ === none
            ? ({ kind: 'no', class: 'empty' } as const)
            : ({ kind: 'number', ...number, ref: `rent-${allocationId}` } as const)
        await recordAnswer(dealing, app.now(), {
          allocationId,
          claims,
          verdict,
        })
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    return ended
  }
  /** A supplier that had none shows some again. */
  const showAgain = () =>
    db.query(`update rental_stock set upstream = 100; update sources set stock_seen = 100,
      empty_streak = 0, hidden_until = null`)

  const get = (path: string) => ({ method: 'GET', path, body: undefined as object | undefined })
  const post = (path: string, body: object) => ({ method: 'POST', path, body })
  const handler = (key: string, rest: string) =>
    get(`/stubs/handler_api.php?api_key=${key}&${rest}`)
  const native = { kind: 'rental', service: 'whatsapp', country: 'US', duration: '3d' }
  type Request = ReturnType<typeof get>
  const ways: readonly {
    readonly name: string
    readonly rent: (key: string) => Request
    readonly list?: (key: string) => Request
    readonly status: readonly [found: number, none: number]
    readonly says: string
  }[] = [
    {
      ...{ name: 'native', status: [201, 409], says: 'out_of_stock' },
      rent: () => post('/v1/orders', native),
    },
    {
      ...{ name: 'ZapOTP', status: [200, 409], says: '' },
      rent: () =>
        post('/zapotp/account/api/v1/rent', {
          ...{ action: 'rent', service: 'whatsapp', country: 'US', duration: '3d' },
        }),
    },
    {
      ...{ name: 'smsVerificationService', status: [201, 404], says: 'Service not found' },
      rent: () =>
        post('/smsverificationservice/api/v1/order/rental/', { service: 'whatsapp', duration: 3 }),
    },
    {
      ...{ name: '5sim', status: [200, 200], says: 'no free phones' },
      rent: () => get('/fivesim/v1/user/buy/hosting/usa/any/whatsapp_1day'),
      list: () => get('/fivesim/v1/user/orders?category=hosting'),
    },
    {
      ...{ name: 'handler_api', status: [200, 200], says: 'NO_NUMBERS' },
      rent: (key) => handler(key, 'action=getRentNumber&service=wa&country=187&rent_time=72'),
      list: (key) => handler(key, 'action=getRentList'),
    },
  ]

  it.each(ways)('is answered by $name with its number, or that there is none', async (way) => {
    const { accountId } = await testCustomer(db, { credit: '1000' })
    const scopes = way.name === 'handler_api' ? ['handler-api'] : ['read', 'buy']
    const { key } = await createKey(db, app.now(), { accountId, scopes })
    const ask = async ({ method, path, body }: Request) => {
      const reply = await call<unknown>(server, key, method, path, body)
      return { status: reply.status, text: JSON.stringify(reply.body) }
    }
    const phone = phones[0]?.slice(1) as string
    const found = await answering(ask(way.rent(key)), 'a number')
    expect(found.status, found.text).toBe(way.status[0])
    expect(found.text.replaceAll(' ', '')).toContain(phone)
    const missing = await answering(ask(way.rent(key)), none)
    expect(missing.status, missing.text).toBe(way.status[1])
    expect(missing.text).toContain(way.says)
    await showAgain()
    const orders = await db.query<{ state: string }>(
      'select state from orders where account_id = $1 order by id',
      [accountId],
    )
    expect(orders).toEqual([{ state: 'active' }, { state: 'failed' }])
    if (way.list) {
      const { text } = await ask(way.list(key))
      expect(text.split('"phone"')).toHaveLength(2)
    }
    await expectCleanAudit(db, app.now())
  })

  it('is shown while it has no number by the native API alone', async () => {
    const { key, accountId } = await testCustomer(db, { credit: '1000' })
    const { status, body } = await call<Record<string, unknown>>(
      ...([server, key, 'POST', '/v1/orders?wait=0', native] as const),
    )
    expect(status).toBe(202)
    expect(body).toMatchObject({ kind: 'rental', state: 'allocating', phone: null })
    const shown = await call<Record<string, unknown>>(server, key, 'GET', `/v1/orders/${body.id}`)
    expect(shown.body).toMatchObject({ kind: 'rental', state: 'allocating', phone: null })
    const { number } = shown.body
    const other = await createKey(db, app.now(), { accountId, scopes: ['handler-api'] })
    const hidden = [
      [key, `/fivesim/v1/user/check/${number}`],
      [key, `/zapotp/account/api/v1/sms?order_id=${number}`],
      [other.key, `/stubs/handler_api.php?api_key=${other.key}&action=getRentStatus&id=${number}`],
    ] as const
    for (const [by, path] of hidden) {
      const reply = await call<unknown>(server, by, 'GET', path)
      expect(JSON.stringify(reply.body), path).toMatch(/not.?found|NO_ID_RENT/i)
    }
    const id = app.ids.fromToken('ord', String(body.id)) as bigint
    await app.orders.fail([id])
    await expectCleanAudit(db, app.now())
  })
})
