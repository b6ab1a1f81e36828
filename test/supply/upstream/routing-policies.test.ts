// By what the sources of an offer are ranked: the operator's policy, and what their numbers have brought.
import { beforeEach, describe, expect, it } from 'vitest'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { claimAsks } from '../../../src/core/supply/asks.ts'
import { recordReading } from '../../../src/core/supply/readings.ts'
import { countSourceResults } from '../../../src/core/supply/source-results.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { expectCleanAudit, services } from '../../promises/market.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

const desk = await upstreamDesk()
const { app, db, databaseUrl, dealing, accountId, offerId } = desk
const run = insideOn(databaseUrl)
const open = (cost: bigint, more: { currency?: string } = {}) =>
  openUpstream(db, app.now(), { offerId, stock: 1_000, cost, ...more })
const cheap = await open(5_000n)
const middle = await open(12_000n)
const dear = await open(15_000n)
const named = new Map([cheap, middle, dear].map((one) => [one.supplierId, one.name]))

const buy = async () => {
  const bought = await app.orders.buy(purchaseOf(accountId))
  if (!('orders' in bought) || !bought.orders[0]) throw new Error('nothing was bought')
  return bought.orders[0].id
}

/** The supplier that an order's first request is for. */
async function firstAsked(): Promise<string | undefined> {
  const [row] = await db.query<{ supplier_id: number }>(
    'select supplier_id from allocations where order_id = $1',
    [await buy()],
  )
  return row && named.get(row.supplier_id)
}

const ranked = async () =>
  (
    await db.query<{ supplier_id: number }>(
      `select s.supplier_id from sources_for(p_now => $1, p_offer => $2, p_asked => '{}')
         with ordinality f(source_id, place) join sources s on s.id = f.source_id order by f.place`,
      [app.now(), offerId],
    )
  ).map((one) => named.get(one.supplier_id))

const setResults = async (
  results: readonly (readonly [{ sourceId: number }, number, number])[],
) => {
  await db.query('delete from source_results')
  for (const [{ sourceId }, share, seconds] of results)
    await db.query('insert into source_results values ($1, 100, $2, $3, $4)', [
      ...[sourceId, Math.round(share * 100), share, seconds],
    ])
}

beforeEach(async () => {
  await db.query('delete from routing_policies')
  await setResults([
    [cheap, 0.2, 20],
    [middle, 0.9, 40],
    [dear, 0.905, 300],
  ])
})

const route = (...words: string[]) => run('suppliers', 'routing', ...words, '--json')

it('counts the results of numbers that are over or had a code, and of their suppliers', async () => {
  await db.query('delete from source_results')
  await db.query(`update suppliers set state = 'off' where id <> all ($1)`, [[cheap.supplierId]])
  const outcomes = ['code', 'code', 'none', 'open'] as const
  for (const [index, outcome] of outcomes.entries()) {
    const orderId = await buy()
    const [ask] = await claimAsks(dealing, app.now(), cheap.supplierId)
    if (!ask) throw new Error('nothing was asked')
    const number = { ref: `r${index}`, phone: `+44790000000${index}` }
    await recordAnswer(dealing, app.now(), {
      ...{ allocationId: ask.allocationId, claims: ask.claims },
      verdict: {
        ...{ kind: 'number', ...number, operator: null, cost: 5_000n, currency: 'USD' },
        ...{ endsAt: null, cancelAfter: null },
      },
    })
    desk.advance(30)
    if (outcome === 'code')
      await app.supply.receive([
        {
          ...{
            supplierId: cheap.supplierId,
            ref: `m${index}`,
            orderId,
            serviceId: services.whatsapp,
          },
          ...{ phone: number.phone, text: 'Your code is 482913', code: '482913', sender: null },
        },
      ])
    if (outcome === 'none') {
      const reading = { state: 'refunded', cost: null, hasMessage: false } as const
      await recordReading(dealing, app.now(), ask.allocationId, reading)
      desk.advance(11)
      await recordReading(dealing, app.now(), ask.allocationId, reading)
    }
  }
  await countSourceResults(db, app.now())
  const [results, ...others] = await db.query('select * from source_results')
  expect(others).toEqual([])
  // All: (2 + 5) / 13; the supplier: (2 + 10 x 7/13) / 13; the source: (2 + 10 x that) / 13.
  const everyone = 7 / 13
  const supplier = (2 + 10 * everyone) / 13
  expect(results).toMatchObject({ source_id: cheap.sourceId, numbers: 3, delivered: 2 })
  expect((results as { share: number }).share).toBeCloseTo((2 + 10 * supplier) / 13, 5)
  expect((results as { seconds: number }).seconds).toBeCloseTo(30, 0)
  // A month later nothing is known any more.
  desk.advance(32 * 86_400)
  await countSourceResults(db, app.now())
  expect(await db.query('select 1 as yes from source_results')).toEqual([])
  expect(
    await db.query('select 1 as yes from suppliers where delivered_share is not null'),
  ).toEqual([])
  await expectCleanAudit(db)
  await db.query(`update suppliers set state = 'on'`)
})

describe('the policy', () => {
  it('is the cheapest first, unless it is set', async () => {
    expect(await ranked()).toEqual([cheap.name, middle.name, dear.name])
    expect(await firstAsked()).toBe(cheap.name)
  })

  it('best asks the likeliest first, and of two that are alike the faster', async () => {
    jsonOf(await route('best'))
    // Half a percent more of codes is not worth four minutes.
    expect(await ranked()).toEqual([middle.name, dear.name, cheap.name])
    expect(await firstAsked()).toBe(middle.name)
    await setResults([
      [cheap, 0.2, 20],
      [middle, 0.9, 40],
      [dear, 0.99, 300],
    ])
    expect(await firstAsked()).toBe(dear.name)
  })

  it('balanced asks what leaves most of the price on average', async () => {
    jsonOf(await route('balanced'))
    // Of 2.00: 0.2 x 1.50, 0.9 x 0.80, 0.905 x 0.50.
    expect(await ranked()).toEqual([middle.name, dear.name, cheap.name])
    await setResults([
      [cheap, 0.5, 20],
      [middle, 0.9, 40],
      [dear, 0.9, 40],
    ])
    expect(await ranked()).toEqual([cheap.name, middle.name, dear.name])
  })

  it('weighted asks each as often as its weight says, and one without weight last', async () => {
    jsonOf(await route('weighted'))
    for (const [one, weight] of [
      [cheap, 100],
      [middle, 300],
      [dear, 0],
    ] as const)
      jsonOf(await run('suppliers', 'weigh', one.name, String(weight), '--json'))
    const rounds = 400
    const firsts = new Map<string | undefined, number>()
    for (let round = 0; round < rounds; round++) {
      const [first, , last] = await ranked()
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
      expect(last).toBe(dear.name)
    }
    // Three of four; beyond 7 standard deviations of chance.
    expect(firsts.get(middle.name)).toBeGreaterThan(rounds * 0.6)
    expect(firsts.get(cheap.name)).toBeGreaterThan(rounds * 0.1)
  })

  it('that names most of the offer counts', async () => {
    await db.query(
      `insert into routing_policies values (null, null, 'weighted'), (null, 'GB', 'balanced'),
         ($1, null, 'best'), ($1, 'GB', 'cheapest'), ($2, 'GB', 'weighted'), ($1, 'US', 'weighted')`,
      [services.whatsapp, services.telegram],
    )
    const policy = async () =>
      (await db.query<{ of: string }>('select routing_policy_of($1) as of', [offerId]))[0]?.of
    for (const [expected, service, country] of [
      ['cheapest', services.whatsapp, 'GB'],
      ['best', services.whatsapp, null],
      ['balanced', null, 'GB'],
      ['weighted', null, null],
    ] as const) {
      expect(await policy()).toBe(expected)
      await db.query(
        'delete from routing_policies where (service_id, country) is not distinct from ($1::int, $2::text)',
        [service, country],
      )
    }
    expect(await policy()).toBe('cheapest')
  })

  it('is listed, removed, and refused if there is none of that name', async () => {
    jsonOf(await route('best', '--service', 'whatsapp', '--country', 'GB'))
    jsonOf(await route('balanced'))
    expect(jsonOf(await route())).toEqual({
      policies: [
        { service: null, country: null, policy: 'balanced' },
        { service: 'whatsapp', country: 'GB', policy: 'best' },
      ],
    })
    expect(jsonOf(await route('--remove'))).toEqual({
      policies: [{ service: 'whatsapp', country: 'GB', policy: 'best' }],
    })
    expect(await route('--remove')).toMatchObject({ code: 1 })
    expect(await route('dearest')).toMatchObject({ code: 2 })
    expect(await route('best', '--remove')).toMatchObject({ code: 2 })
    expect(await run('suppliers', 'weigh', cheap.name, '1001')).toMatchObject({ code: 1 })
    expect(await run('suppliers', 'weigh', 'nobody', '10')).toMatchObject({ code: 1 })
    const log = await db.query<{ action: string }>(
      `select action from audit_log where action like 'routing.%' order by id desc limit 1`,
    )
    expect(log).toEqual([{ action: 'routing.unset' }])
  })

  it('is shown with the order, and the results that it was weighed by', async () => {
    jsonOf(await route('best'))
    const id = await buy()
    const { routings } = jsonOf(await run('orders', 'show', String(id), '--json')) as {
      routings: { policy: string; candidates: Record<string, unknown>[] }[]
    }
    expect(routings[0]?.policy).toBe('best')
    expect(routings[0]?.candidates[0]).toMatchObject({
      ...{ supplier: middle.name, numbers: 100, delivered: 90, seconds: 40, passed_over: null },
    })
    expect(routings[0]?.candidates.map((one) => one.supplier)).toEqual([
      ...[middle.name, dear.name, cheap.name],
    ])
  })
})
