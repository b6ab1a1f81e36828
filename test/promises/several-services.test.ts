// Promise 2 for an order for several services (O4): the hold of each ends once, whatever races, and in any
// order of steps each ends as a plain model says.
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { receiver } from '../../src/core/messages/receive.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { resendOrder } from '../../src/core/orders/orders.ts'
import { servicesOf } from '../../src/core/orders/services.ts'
import { attempts } from '../harness/attempts.ts'
import { cancelOrder, endOverdueOrders, finishOrder } from '../harness/ending.ts'
import { serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { dramaNumbers, expectCleanAudit, lots, openMarket, outcomeOf, services } from './market.ts'

const pair = [services.whatsapp, services.telegram]
const prices: Readonly<Record<number, bigint>> = {
  [services.whatsapp]: 4_000n,
  [services.telegram]: 3_000n,
}
const senders: Readonly<Record<number, string>> = {
  [services.whatsapp]: 'WhatsApp',
  [services.telegram]: 'Telegram',
}
const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000)

describe('an order for several services', async () => {
  const env = { NUMLET_CANCEL_COOLDOWN_S: '0' }
  const one = await testServer({ template: 'catalog', env })
  const two = await serverOn(one.databaseUrl, env)
  const apps = [one.app, two.app]
  const receivers = apps.flatMap((app) =>
    Array.from({ length: 5 }, () => receiver(app.db, app.catalog, () => {})),
  )
  const { app, db } = one
  const { supplierId } = await testSupplier(db)
  await openMarket(db, supplierId, [
    {
      country: 'GB',
      operator: 'Drama',
      pool: '1',
      phones: dramaNumbers(1_000),
      prices: { whatsapp: '0.40', telegram: '0.30' },
    },
  ])
  const buy = async (accountId: number, now: Date) => {
    const place = { country: 'GB', operatorId: null, pool: null }
    const selection = { accountId, serviceIds: pair, ...place, isSplit: false, once: null }
    const bought = await app.orders.at(now).buyMultiService(selection)
    return (bought as { orders: readonly Order[] }).orders[0] as Order
  }
  let code = 100_000
  const messageFor = (phone: string | null, serviceId: number | null, hasCode = true) => ({
    supplierId,
    supplierRef: null,
    channel: 'sms' as const,
    phone: phone as string,
    sender: serviceId === null ? '12345' : (senders[serviceId] as string),
    text: hasCode ? `Your code is ${++code}` : `Welcome, guest of room ${++code % 7}!`,
    hint: { orderId: null, serviceId: null },
  })
  const statesOf = async (id: bigint) =>
    ((await servicesOf(db, [id])).get(id) ?? []).map((one) => one.state)

  it('has one outcome for each service when 200 calls race', { timeout: 600_000 }, async () => {
    const rounds = attempts(7, 100)
    const callsOfAKind = 40
    const { accountId } = await testCustomer(db, { credit: '1000' })
    const endings = new Map<string, number>()
    for (let round = 0; round < rounds; round++) {
      const lot = lots(round)
      const now = later(app.now(), round * 3_600)
      const before = await balanceOf(db, accountId)
      const order = await buy(accountId, now)
      const target = { accountId, id: order.id }
      const during = later(now, 1)
      const cancel = () => cancelOrder(lot.oneOf(apps).db, during, target)
      const receive = pair.map(
        (service) => () => lot.oneOf(receivers)(during, messageFor(order.phone, service)),
      )
      const kinds = [
        cancel,
        () => finishOrder(lot.oneOf(apps).db, during, target),
        () => endOverdueOrders(lot.oneOf(apps).db, later(order.expiresAt, 1)),
        ...receive,
      ]
      // A few rounds may all end alike: in the quick run two of them have their ending before the race.
      const arranged: (() => Promise<unknown>)[][] = attempts([[cancel], receive], [])
      for (const run of arranged[round] ?? []) await run()
      const calls = kinds.flatMap((run) => {
        const from = lot.oneOf([0, 0, 0.3, 0.9])
        return Array.from({ length: callsOfAKind }, () => ({
          at: from + (1 - from) * lot.share(),
          run,
        }))
      })
      calls.sort((a, b) => a.at - b.at)
      const running: Promise<unknown>[] = []
      for (const [index, { run }] of calls.entries()) {
        running.push(outcomeOf<unknown>(run()))
        if (index % 10 === 0) await nextTurn()
      }
      await Promise.all(running)
      // What is still open when all have run is ended as its window would.
      await endOverdueOrders(db, later(order.expiresAt, 1))
      const states = await statesOf(order.id)
      const paid = pair.reduce(
        (sum, service, place) => sum + (states[place] === 'paid' ? (prices[service] ?? 0n) : 0n),
        0n,
      )
      expect(await balanceOf(db, accountId)).toBe(before - paid)
      const { state } = await app.orders.read(accountId, order.id)
      const ending = `${state}: ${states.join(' ')}`
      endings.set(ending, (endings.get(ending) ?? 0) + 1)
    }
    // Nothing else than these; a race that never met some of them still kept its promise.
    const possible = [
      'cancelled: refunded refunded',
      'expired: refunded refunded',
      'finished: paid paid',
      'finished: paid refunded',
      'finished: refunded paid',
    ]
    expect([...endings.keys()].filter((ending) => !possible.includes(ending))).toEqual([])
    expect(endings.size).toBeGreaterThan(attempts(1, 2))
    await expectCleanAudit(db)
  })

  it('ends as the model does, in any order of steps', { timeout: 600_000 }, async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('message'), service: fc.nat({ max: 2 }) }),
      },
      fc.record({ do: fc.constant('welcome'), service: fc.nat({ max: 1 }) }),
      fc.record({ do: fc.constantFrom('resend', 'finish', 'cancel', 'wait', 'sweep', 'batch') }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step as fc.Arbitrary<Step>, { maxLength: 12 }), async (steps) => {
        const { accountId } = await testCustomer(db, { credit: '10' })
        const start = app.now()
        const order = await buy(accountId, start)
        const model = new ServicesModel(pair.map((id) => ({ id, price: prices[id] as bigint })))
        const target = { accountId, id: order.id, once: null }
        for (const { do: what, service = 0 } of steps) {
          const now = later(start, model.seconds)
          const named = pair[service] ?? null
          const send = (id: number | null) => app.messages.receive(now, messageFor(order.phone, id))
          if (what === 'message') await send(named)
          if (what === 'welcome')
            await app.messages.receive(now, messageFor(order.phone, named, false))
          if (what === 'batch') await Promise.all(pair.map(send))
          if (what === 'resend') await outcomeOf(resendOrder(db, now, target))
          if (what === 'finish') await outcomeOf(finishOrder(db, now, target))
          if (what === 'cancel') await outcomeOf(cancelOrder(db, now, target))
          if (what === 'sweep') await endOverdueOrders(db, now)
          if (what === 'message') model.code(named)
          if (what === 'batch') for (const id of pair) model.code(id)
          if (what === 'wait') model.seconds += 700
          if (what === 'resend') model.resend()
          if (what === 'finish' && model.state === 'received') model.end('finished')
          if (what === 'cancel' && model.state === 'waiting') model.end('cancelled')
          if (what === 'sweep' && model.isOver)
            model.end(model.state === 'received' ? 'finished' : 'expired')
          expect([
            (await app.orders.read(accountId, order.id)).state,
            await statesOf(order.id),
            await balanceOf(db, accountId),
          ]).toEqual([model.state, model.states, 100_000n - model.charged])
        }
        await endOverdueOrders(db, later(start, 100_000))
      }),
      { numRuns: attempts(15, 150) },
    )
    await expectCleanAudit(db)
  })
})

type Step = { readonly do: string; readonly service?: number }

/** What becomes of two services on one number, said once more and simply. */
class ServicesModel {
  readonly #services: readonly { id: number; price: bigint }[]
  readonly #ended = new Map<number, 'paid' | 'refunded'>()
  #asked = false
  state = 'waiting'
  seconds = 0

  constructor(services: readonly { id: number; price: bigint }[]) {
    this.#services = services
  }

  get isOver() {
    return this.#isOpen && this.seconds >= 1_200
  }

  get #isOpen() {
    return this.state === 'waiting' || this.state === 'received'
  }

  get states() {
    return this.#services.map(({ id }) => this.#ended.get(id) ?? 'held')
  }

  /** What is not in the balance: paid, or still held. */
  get charged() {
    return this.#services
      .filter(({ id }) => this.#ended.get(id) !== 'refunded')
      .reduce((sum, one) => sum + one.price, 0n)
  }

  code(service: number | null) {
    if (!this.#isOpen || this.isOver) return
    this.state = 'received'
    const waiting = this.#services.filter(({ id }) => !this.#ended.has(id))
    const cheapest = waiting.toSorted((a, b) => Number(a.price - b.price))[0]?.id
    const paid = service ?? (this.#asked ? undefined : cheapest)
    if (paid !== undefined && !this.#ended.has(paid)) this.#ended.set(paid, 'paid')
    this.#asked = false
  }

  resend() {
    if (this.state === 'received' && !this.isOver) this.#asked = true
  }

  end(state: string) {
    if (!this.#isOpen) return
    this.state = state
    for (const { id } of this.#services) if (!this.#ended.has(id)) this.#ended.set(id, 'refunded')
  }
}
