// The order verbs do what a plain model of them does, in any order of steps and at any time.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balanceOf, limitAccount } from '../../src/core/accounts/accounts.ts'
import { closeCountry, closeService } from '../../src/core/catalog/deny-list.ts'
import { listOffers } from '../../src/core/catalog/offers.ts'
import { returnRestedNumbers } from '../../src/core/inventory/inventory.ts'
import { anyNumber } from '../../src/core/orders/buying/selection.ts'
import { listOrders } from '../../src/core/orders/list.ts'
import { hasLateCode, type Order } from '../../src/core/orders/order.ts'
import { type Outcome, resendOrder } from '../../src/core/orders/orders.ts'
import { writeSetting } from '../../src/core/settings.ts'
import { attempts } from '../harness/attempts.ts'
import { cancelOrder, endOverdueOrders, finishOrder } from '../harness/ending.ts'
import { testCustomer } from '../harness/server.ts'
import { expectCleanAudit, outcomeOf } from './market.ts'
import { type Customer, OrderModel } from './order-model.ts'
import type { ModelOrder } from './order-model-parts.ts'
import { everyAnswerMet, type Step, steps } from './order-steps.ts'
import { freshShelves, openOrderMarket, slugs } from './orders-market.ts'

const runs = attempts(12, 120)
const stepsARun = 50
const noLimits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }

describe('orders', async () => {
  const market = await openOrderMarket()
  const { app, db, supplierId, operators } = market
  const counts = new Map<string, number>()

  async function start(reuseAfterDays: number | null) {
    await market.clear()
    await writeSetting(
      db,
      new Date(),
      { actor: 'test', reason: null },
      'reuse_after_days',
      reuseAfterDays,
    )
    const customer = async (credit: string): Promise<Customer> => {
      const { accountId } = await testCustomer(db, { credit })
      const balance = await balanceOf(db, accountId)
      return { accountId, balance, maxOpen: null, maxDay: null, day: '', boughtToday: 0 }
    }
    const customers = [await customer('3'), await customer('1')]
    const shelves = freshShelves(market.shelfIds)
    return new OrderModel({ shelves, customers, reuseAfterDays, now: app.now() })
  }

  const perform = {
    async buy(model: OrderModel, step: Step & { kind: 'buy' }) {
      const customer = model.customers[step.customer] as Customer
      const offer = step.offer === null ? null : market.offers[step.offer]
      const selection = offer ? { ...offer.selection, area: step.selection.area } : step.selection
      const expected = model.buy(customer, selection, step.quantity)
      const purchase = {
        accountId: customer.accountId,
        selection: {
          serviceId: offer ? null : selection.service,
          country: offer ? null : selection.country,
          operatorId:
            selection.operator === null ? null : (operators.get(selection.operator) as number),
          pool: selection.pool,
          offerId: offer?.id ?? null,
          area: selection.area,
          maxPrice: selection.maxPrice,
        },
        quantity: step.quantity,
        once: null,
      }
      const answer = await outcomeOf(app.orders.at(model.now).buy(purchase))
      if (typeof answer === 'string') return [answer, expected]
      const { orders } = answer as { orders: readonly Order[] }
      const given = orders.map(({ id, phone }) =>
        model.bought(customer, id, phone as string, selection),
      )
      if (typeof expected === 'string') return ['bought', expected]
      return [given.map((one) => one.price), expected]
    },

    async cancel(model: OrderModel, _: Step, order: ModelOrder, target: Target) {
      const answer = await outcomeOf(cancelOrder(db, model.now, target))
      return [doneOr(answer), model.cancel(order)]
    },

    async finish(model: OrderModel, _: Step, order: ModelOrder, target: Target) {
      const answer = await outcomeOf(finishOrder(db, model.now, target))
      return [doneOr(answer), model.finish(order)]
    },

    async resend(model: OrderModel, _: Step, order: ModelOrder, target: Target) {
      const answer = await outcomeOf(resendOrder(db, model.now, { ...target, once: null }))
      return [typeof answer === 'string' ? answer : 'done', model.resend(order)]
    },

    async claim(model: OrderModel, _: Step, order: ModelOrder, target: Target) {
      const claiming = app.orders.at(model.now).claim({ ...target, once: null })
      const answer = await outcomeOf(claiming as Promise<Outcome>)
      return [doneOr(answer), model.claim(order)]
    },

    async replace(model: OrderModel, _: Step, order: ModelOrder, target: Target) {
      const expected = model.replace(order)
      const once = { ...target, once: null }
      const answer = await outcomeOf(app.orders.at(model.now).replace(once))
      if (typeof answer === 'string') return [answer, expected]
      const fresh = answer as Order
      model.replaced(order, fresh.id, fresh.phone as string)
      return [[fresh.price], expected]
    },

    async message(model: OrderModel, step: Step & { kind: 'message' }) {
      const order = step.at === null ? undefined : model.orders.at(-1 - step.at)
      const phone = order?.phone ?? (market.phones[step.phone % market.phones.length] as string)
      const service = order?.service ?? step.service
      const slug = slugs.get(service) as string
      const receipt = await app.messages.receive(model.now, {
        supplierId,
        supplierRef: null,
        channel: 'sms',
        phone,
        sender: slug,
        text: step.code === null ? `Welcome to ${slug}!` : `Your ${slug} code is ${step.code}`,
        hint: { orderId: null, serviceId: null },
      })
      const expected = model.receive(phone, service, step.code)
      return [
        [receipt.state, receipt.orderId],
        [expected.state, expected.order?.id ?? null],
      ]
    },

    async sweep(model: OrderModel) {
      const swept = [
        await endOverdueOrders(db, model.now),
        await returnRestedNumbers(db, model.now),
      ]
      return [swept, model.sweep()]
    },

    async wait(model: OrderModel, step: Step & { kind: 'wait' }) {
      model.nowMs += step.seconds * 1000
      return ['', '']
    },

    async close(model: OrderModel, step: Step & { kind: 'close' }) {
      await closeService(
        db,
        { actor: 'test', reason: null },
        (slugs.get(step.service) as string).toLowerCase(),
        step.closed,
      )
      if (step.closed) model.closed.add(step.service)
      else model.closed.delete(step.service)
      await closeCountry(db, { actor: 'test', reason: null }, 'GB', step.country)
      if (step.country) model.closedCountries.add('GB')
      else model.closedCountries.delete('GB')
      return ['', '']
    },

    async limit(model: OrderModel, step: Step & { kind: 'limit' }) {
      const customer = model.customers[step.customer] as Customer
      customer.maxOpen = step.open
      customer.maxDay = step.day
      const own = { ...noLimits, maxOpenOrders: step.open, maxOrdersADay: step.day }
      await limitAccount(db, customer.accountId, own)
      return ['', '']
    },
  }

  type Target = { accountId: number; id: bigint }
  /** @returns what the verb answered, and what the model does */
  type Perform = (model: OrderModel, step: never) => Promise<unknown[]>

  async function take(model: OrderModel, step: Step) {
    if (!('order' in step)) {
      const performed: Perform = perform[step.kind]
      const [answer, expected] = await performed(model, step as never)
      count(step, expected)
      return expect(answer).toEqual(expected)
    }
    const order = model.orders.at(-1 - (step.order % Math.max(1, model.orders.length)))
    if (!order) return
    const customer = step.stranger
      ? (model.customers.find((one) => one !== order.customer) as Customer)
      : order.customer
    const target = { accountId: customer.accountId, id: order.id }
    if (step.stranger) {
      const answer = await outcomeOf<unknown>(cancelOrder(db, model.now, target))
      return expect(answer).toBe('order_not_found')
    }
    for (let time = step.again ? 2 : 1; time > 0; time--) {
      const [answer, expected] = await perform[step.kind](model, step, order, target)
      count(step, expected)
      expect(answer).toEqual(expected)
    }
  }

  const count = (step: Step, answer: unknown) => {
    const name = `${step.kind} ${typeof answer === 'string' ? answer : 'done'}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }

  async function compare(model: OrderModel) {
    for (const customer of model.customers) {
      const orders = await listOrders(db, { accountId: customer.accountId, limit: 1_000 })
      const own = model.orders.filter((one) => one.customer === customer)
      expect(orders.map((order) => [...inShort(order), hasLateCode(order, model.now)])).toEqual(
        own.map((order) => [...modelInShort(order), model.hasLateCode(order)]).reverse(),
      )
      expect(await balanceOf(db, customer.accountId)).toBe(customer.balance)
    }
    for (const service of slugs.keys()) {
      const shown = await listOffers(db, { currency: 'USD', serviceId: service, limit: 100 })
      const open = market.offers.filter(
        ({ selection }) =>
          selection.service === service &&
          !model.closed.has(service) &&
          !model.closedCountries.has(selection.country as string),
      )
      expect(shown.map(({ id, stock }) => [id, stock])).toEqual(
        open.map((offer) => [offer.id, model.stockOf(offer.selection as never, service)]),
      )
    }
  }

  /** Buys until nothing is left: exactly what was shown. */
  async function sellOut(model: OrderModel) {
    const { accountId } = await testCustomer(db, { credit: '1000' })
    for (const { id } of market.offers) {
      const [shown] = await listOffers(db, { currency: 'USD', id, limit: 1 })
      const selection = { ...anyNumber, offerId: id }
      const buy = () =>
        app.orders.at(model.now).buy({ accountId, selection, quantity: 1, once: null })
      for (let left = shown?.stock ?? 0; left > 0; left--)
        expect(await outcomeOf(buy())).toHaveProperty('orders')
      if (shown) expect(await outcomeOf(buy())).toBe('out_of_stock')
    }
  }

  const unmet = (answers: readonly string[]) => answers.filter((answer) => !counts.has(answer))

  it('give every answer that there is, as the model does', async () => {
    const model = await start(null)
    for (const step of everyAnswerMet) {
      await take(model, step)
      await compare(model)
    }
    await sellOut(model)
    await expectCleanAudit(db)
    expect(unmet(everyAnswer)).toEqual([])
  })

  it('do what the model does, and sell exactly the stock that they show', {
    timeout: 600_000,
  }, async () => {
    counts.clear()
    const missed = () => unmet(attempts(frequentAnswers, metInTime))
    const property = fc.asyncProperty(
      fc.constantFrom(null, 1),
      fc.commands([steps((model, step) => take(model, step).then(() => compare(model)))], {
        maxCommands: stepsARun,
        size: 'max',
      }),
      async (reuseAfterDays, commands) => {
        const model = await start(reuseAfterDays)
        await fc.asyncModelRun(() => ({ model, real: null }), commands)
        await sellOut(model)
        await expectCleanAudit(db)
      },
    )
    // A batch may miss a rare answer: then there is another one.
    for (let batch = 0; batch < 5 && (batch === 0 || missed().length > 0); batch++)
      await fc.assert(property, { numRuns: runs })
    expect(missed()).toEqual([])
  })
})

const doneOr = (answer: string | { changed: boolean }) =>
  typeof answer === 'string' ? answer : answer.changed ? 'done' : 'already'

const inShort = (order: Order) => [
  order.id,
  order.phone,
  order.state,
  order.code,
  order.messageCount,
  order.resendCount,
  order.resendPending,
  order.claimedAt !== null,
]

const modelInShort = (order: ModelOrder) => [
  order.id,
  order.phone,
  order.state,
  order.code,
  order.messages,
  order.resends,
  order.resendPending,
  order.isClaimed,
]

const refusals = ['out_of_stock', 'insufficient_balance', 'too_many_open_orders']
const everyAnswer = [
  ...['done', 'country_closed', 'service_closed', 'offer_not_found', 'price_above_maximum'],
  ...[...refusals, 'daily_limit_reached'],
]
  .map((answer) => `buy ${answer}`)
  .concat(['done', 'already', 'cancel_cooldown', 'order_not_cancellable'].map((a) => `cancel ${a}`))
  .concat(['done', 'already', 'order_not_finishable'].map((answer) => `finish ${answer}`))
  .concat(['done', 'resend_pending', 'order_not_resendable'].map((answer) => `resend ${answer}`))
  .concat(['done', 'already', 'order_not_claimable'].map((answer) => `claim ${answer}`))
  .concat(['done', 'order_not_replaceable', 'out_of_stock'].map((answer) => `replace ${answer}`))
/** Those that many steps drawn at random meet, too; a late code that is claimed twice is too rare. */
const metInTime = everyAnswer.filter((answer) => answer !== 'claim already')
/** Those that a few steps drawn at random meet, too. */
const frequentAnswers = [
  ...['buy done', 'buy out_of_stock', 'cancel cancel_cooldown', 'finish order_not_finishable'],
  ...['resend order_not_resendable', 'replace order_not_replaceable'],
]
