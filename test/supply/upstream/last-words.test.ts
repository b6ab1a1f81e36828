// What suppliers say of numbers that they gave: the customer's money follows the order, and the supplier's
// cost is kept, returned, or noted as a difference.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { storeMessages } from '../../../src/core/messages/store.ts'
import { requestCancel } from '../../../src/core/orders/cancel-at-supplier.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { claimAsks } from '../../../src/core/supply/asks.ts'
import {
  type ClaimedCommand,
  claimCommands,
  recordCommand,
} from '../../../src/core/supply/commands.ts'
import { noteMissingWords, recordReading } from '../../../src/core/supply/readings.ts'
import { endPauses } from '../../../src/core/supply/source-news.ts'
import type {
  CommandVerdict,
  NumberReading,
  NumberState,
} from '../../../src/core/supply/verdict.ts'
import { testCustomer } from '../../harness/server.ts'
import { expectCleanAudit, lots, outcomeOf } from '../../promises/market.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

const cost = 9_000n

describe('a number of a supplier', async () => {
  const { app, db, dealing, offerId, advance } = await upstreamDesk()
  const now = () => app.now()
  const { supplierId } = await openUpstream(db, now(), { offerId, stock: 10_000 })
  await db.query('update suppliers set max_asking = 1000')
  let used = 0

  /** An order with a number of the supplier, of a customer of its own. */
  async function supplied() {
    const { accountId } = await testCustomer(db, { credit: '10' })
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [order] = 'orders' in bought ? bought.orders : []
    for (const ask of await claimAsks(dealing, now(), supplierId)) {
      const phone = `+4470${String(++used).padStart(8, '0')}`
      await recordAnswer(dealing, now(), {
        ...{ allocationId: ask.allocationId, claims: ask.claims },
        verdict: {
          ...{ kind: 'number', ref: `ref-${used}`, phone, operator: null, cost, currency: null },
          ...{ endsAt: null, cancelAfter: null },
        },
      })
    }
    const { id } = order as Order
    const at = await app.orders.read(accountId, id)
    return { ...at, allocationId: at.allocationId as bigint }
  }
  type Supplied = Awaited<ReturnType<typeof supplied>>

  /** A message of the supplier comes, as the engine stores it. */
  const code = ({ id, phone, serviceId }: Supplied, ref = `sms-${++used}`) =>
    storeMessages(db, now(), [
      {
        ...{ supplierId, supplierRef: ref, phone, numberId: null, sender: 'Example', orderId: id },
        ...{ text: 'Your code is 482913', code: '482913', asWritten: '482913', links: [] },
        ...{ serviceId, fingerprint: null, mail: null, isSure: true },
      },
    ])
  const says = (order: Supplied, state: NumberState, told: NumberReading['cost'] = null) =>
    recordReading(dealing, now(), order.allocationId, { state, cost: told })
  const stateOf = async ({ accountId, id }: Supplied) =>
    (await app.orders.read(accountId, id)).state
  const allocationOf = async ({ allocationId }: Supplied) =>
    (
      await db.query<Record<string, unknown>>(
        'select cost_state, last_word, cost from allocations where id = $1',
        [allocationId],
      )
    )[0]
  const differencesOf = ({ allocationId }: Supplied) =>
    db.query<Record<string, unknown>>(
      'select kind, expected, found, times from differences where allocation_id = $1 order by id',
      [allocationId],
    )
  const transfersOf = async ({ allocationId }: Supplied) =>
    (
      await db.query<{ kind: string }>(
        `select t.kind from transfers t join allocations a on a.cost_hold_id in (t.id, t.hold_id)
          where a.id = $1 order by t.seq`,
        [allocationId],
      )
    ).map(({ kind }) => kind)
  const balance = ({ accountId }: Supplied) => balanceOf(db, accountId)

  it('with a code is kept, once, whatever is said of it again', async () => {
    const order = await supplied()
    await code(order)
    await says(order, 'code')
    await says(order, 'code')
    await says(order, 'charged')
    expect(await stateOf(order)).toBe('received')
    expect(await allocationOf(order)).toEqual({ cost_state: 'posted', last_word: 'charged', cost })
    expect(await transfersOf(order)).toEqual(['supply_hold', 'supply_post'])
    expect(await differencesOf(order)).toEqual([])
    await expectCleanAudit(db)
  })

  it('that was charged for a code that came late is no difference', async () => {
    for (const hasMessage of [false, true]) {
      const order = await supplied()
      advance(1_201)
      while ((await app.orders.endOverdue()) > 0);
      expect(await stateOf(order)).toBe('expired')
      // It was seen as long as it was open there, or only when it was over.
      if (!hasMessage) await says(order, 'code')
      const reading = { state: 'charged', cost: null, hasMessage } as const
      await recordReading(dealing, now(), order.allocationId, reading)
      expect(await allocationOf(order)).toMatchObject({
        cost_state: 'posted',
        last_word: 'charged',
      })
      expect(await differencesOf(order)).toEqual([])
    }
    await expectCleanAudit(db)
  })

  it('that goes on to show its code long after its time is over, and charged', async () => {
    const [finished, expired] = [await supplied(), await supplied()]
    await code(finished)
    await says(finished, 'code')
    advance(1_201)
    while ((await app.orders.endOverdue()) > 0);
    for (const order of [finished, expired]) await says(order, 'code')
    advance(30 * 60 - 10)
    for (const order of [finished, expired]) await says(order, 'code')
    for (const order of [finished, expired])
      expect(await allocationOf(order)).toMatchObject({ cost_state: 'posted', last_word: null })
    advance(20)
    await says(expired, 'code')
    // What it is still told has an end, too.
    for (const { commandId, claims } of await claimCommands(dealing, now(), supplierId, 100))
      await recordCommand(dealing, now(), {
        ...{ commandId, claims },
        verdict: { kind: 'state', reading: { state: 'code', cost: null } },
      })
    for (const order of [finished, expired]) {
      expect(await allocationOf(order)).toMatchObject({ last_word: 'charged' })
      expect(await differencesOf(order)).toEqual([])
    }
    const left = await db.query(
      `select 1 as yes from supplier_commands where state = 'open' and allocation_id = any($1)`,
      [[finished, expired].map(({ allocationId }) => allocationId)],
    )
    expect(left).toEqual([])
    await expectCleanAudit(db)
  })

  it('with a code is charged when its supplier has not answered for a day', async () => {
    const order = await supplied()
    await code(order)
    await says(order, 'code')
    await app.orders.finish({ accountId: order.accountId, id: order.id })
    for (const seconds of [0, 86_401]) {
      advance(seconds)
      for (const { commandId, claims } of await claimCommands(dealing, now(), supplierId, 100))
        await recordCommand(dealing, now(), {
          ...{ commandId, claims },
          verdict: { kind: 'no_answer', why: 'the time was over' },
        })
    }
    expect(await allocationOf(order)).toMatchObject({ cost_state: 'posted', last_word: 'charged' })
    expect(await differencesOf(order)).toEqual([])
    await expectCleanAudit(db)
  })

  it('that its supplier ends by itself ends its order, when it has said so for a while', async () => {
    const order = await supplied()
    expect(await says(order, 'refunded')).toBe(null)
    advance(5)
    expect(await says(order, 'refunded')).toBe(null)
    expect(await stateOf(order)).toBe('waiting')
    advance(6)
    expect(await says(order, 'refunded')).toBe(order.id)
    expect(await stateOf(order)).toBe('expired')
    expect(await balance(order)).toBe(100_000n)
    expect(await allocationOf(order)).toEqual({ cost_state: 'voided', last_word: 'refunded', cost })
    expect(await transfersOf(order)).toEqual(['supply_hold', 'supply_void'])
    await expectCleanAudit(db)
  })

  it('that was over only for a moment goes on', async () => {
    const order = await supplied()
    await says(order, 'refunded')
    await says(order, 'waiting')
    advance(11)
    await says(order, 'refunded')
    expect(await stateOf(order)).toBe('waiting')
  })

  it('is not believed to be over if its supplier says so of too many at once', async () => {
    const orders: Supplied[] = []
    for (let at = 0; at < 12; at++) orders.push(await supplied())
    for (const order of orders) await says(order, 'refunded')
    advance(11)
    for (const order of orders) expect(await says(order, 'refunded')).toBe(null)
    const stateNow = async () =>
      (
        await db.query<{ state: string }>('select state from suppliers where id = $1', [supplierId])
      )[0]
    expect(await stateNow()).toEqual({ state: 'paused' })
    for (const order of orders) expect(await stateOf(order)).toBe('waiting')
    // It was an outage: the numbers go on, and the supplier is asked again after a while.
    for (const order of orders) await says(order, 'waiting')
    advance(601)
    await db.begin((tx) => endPauses(tx, now()))
    expect(await stateNow()).toEqual({ state: 'on' })
    await expectCleanAudit(db)
  })

  it('that is charged without a code is a difference', async () => {
    const order = await supplied()
    await says(order, 'charged')
    advance(11)
    await says(order, 'charged')
    expect(await stateOf(order)).toBe('expired')
    expect(await balance(order)).toBe(100_000n)
    expect(await differencesOf(order)).toEqual([
      { kind: 'refund_missing', expected: 0n, found: cost, times: 1 },
    ])
    await expectCleanAudit(db)
  })

  it('charged after its refund is a difference; refunded after its charge it is not', async () => {
    const order = await supplied()
    advance(11)
    await says(order, 'refunded')
    advance(11)
    await says(order, 'refunded')
    await says(order, 'code')
    expect(await differencesOf(order)).toEqual([
      { kind: 'charge_after_refund', expected: 0n, found: cost, times: 1 },
    ])
    expect(await allocationOf(order)).toEqual({ cost_state: 'posted', last_word: 'charged', cost })
    const other = await supplied()
    await code(other)
    await says(other, 'code')
    await says(other, 'refunded')
    expect(await allocationOf(other)).toEqual({ cost_state: 'voided', last_word: 'refunded', cost })
    expect(await transfersOf(other)).toEqual(['supply_hold', 'supply_post', 'supply_refund'])
    expect(await differencesOf(other)).toEqual([])
    await expectCleanAudit(db)
  })

  it('counts at the cost that its supplier names later', async () => {
    const order = await supplied()
    await says(order, 'waiting', cost + 500n)
    await says(order, 'waiting', cost - 500n)
    await says(order, 'code', cost)
    expect(await allocationOf(order)).toMatchObject({ cost_state: 'posted', cost })
    expect(await transfersOf(order)).toEqual([
      ...['supply_hold', 'supply_adjust', 'supply_adjust', 'supply_adjust', 'supply_post'],
    ])
    await expectCleanAudit(db)
  })

  it('without a last word long after its time is a difference, once', async () => {
    const order = await supplied()
    advance(1_300)
    while ((await app.orders.endOverdue()) > 0);
    advance(31 * 60)
    await noteMissingWords(dealing, now())
    await noteMissingWords(dealing, now())
    expect(await differencesOf(order)).toEqual([
      { kind: 'refund_missing', expected: 0n, found: cost, times: 1 },
    ])
    expect(await allocationOf(order)).toMatchObject({ cost_state: 'held', last_word: null })
    await expectCleanAudit(db)
  })

  const commandOf = async (order: Supplied) => {
    const due = await claimCommands(dealing, now(), supplierId, 1_000)
    return due.find(({ allocationId }) => allocationId === order.allocationId)
  }
  const tell = (command: ClaimedCommand | undefined, verdict: CommandVerdict) => {
    if (!command) throw new Error('no command is due')
    const { commandId, claims } = command
    return recordCommand(dealing, now(), { commandId, claims, verdict })
  }
  const wanted = async () => {
    const order = await supplied()
    expect(await outcomeOf(requestCancel(db, now(), order))).toBe('cancel_cooldown')
    advance(121)
    await requestCancel(db, now(), order)
    await requestCancel(db, now(), order)
    return order
  }

  it('is cancelled when its supplier says so, and the money is back', async () => {
    const order = await wanted()
    expect(await stateOf(order)).toBe('waiting')
    const command = await commandOf(order)
    expect(command).toMatchObject({ verb: 'cancel', claims: 1 })
    expect(await tell(command, { kind: 'done' })).toMatchObject({ isOver: true, isChanged: true })
    expect(await tell(command, { kind: 'done' })).toMatchObject({ isChanged: false })
    expect(await stateOf(order)).toBe('cancelled')
    expect(await balance(order)).toBe(100_000n)
    expect(await allocationOf(order)).toEqual({ cost_state: 'voided', last_word: 'refunded', cost })
    expect(await commandOf(order)).toBe(undefined)
    await expectCleanAudit(db)
  })

  it('that its supplier keeps waits on', async () => {
    const order = await wanted()
    const command = await commandOf(order)
    const reading: NumberReading = { state: 'waiting', cost: null }
    expect(await tell(command, { kind: 'state', reading })).toMatchObject({
      isOver: true,
      isChanged: false,
    })
    expect(await stateOf(order)).toBe('waiting')
    const soon = await wanted()
    await tell(await commandOf(soon), { kind: 'too_early', retryAfterS: 60 })
    expect(await outcomeOf(requestCancel(db, now(), soon))).toBe('cancel_cooldown')
    advance(61)
    expect(await requestCancel(db, now(), soon)).toMatchObject({ state: 'waiting' })
  })

  it('whose code comes before the confirmation is received and paid for', async () => {
    const order = await wanted()
    await code(order)
    expect(await tell(await commandOf(order), { kind: 'done' })).toMatchObject({ isChanged: false })
    expect(await stateOf(order)).toBe('received')
    expect(await balance(order)).toBeLessThan(100_000n)
    // The supplier has returned its cost nevertheless.
    expect(await allocationOf(order)).toMatchObject({ cost_state: 'voided' })
    await expectCleanAudit(db)
  })

  it('whose supplier does not answer is asked again, and the window returns the money', async () => {
    const order = await wanted()
    const first = await commandOf(order)
    expect(await tell(first, { kind: 'no_answer', why: 'no answer' })).toMatchObject({
      isOver: false,
    })
    expect(await commandOf(order)).toBe(undefined)
    advance(3)
    const second = await commandOf(order)
    expect(second).toMatchObject({ claims: 2 })
    // The first answer is late.
    expect(await tell(first, { kind: 'done' })).toMatchObject({ isChanged: false })
    advance(1_300)
    while ((await app.orders.endOverdue()) > 0);
    expect(await stateOf(order)).toBe('expired')
    expect(await balance(order)).toBe(100_000n)
    const third = await commandOf(order)
    await tell(third, { kind: 'state', reading: { state: 'refunded', cost: null } })
    expect(await allocationOf(order)).toMatchObject({ last_word: 'refunded' })
    await expectCleanAudit(db)
  })

  it('that had its code is finished at its supplier', async () => {
    const order = await supplied()
    await code(order)
    await app.orders.finish(order)
    const command = await commandOf(order)
    expect(command).toMatchObject({ verb: 'finish' })
    await tell(command, { kind: 'done' })
    expect(await allocationOf(order)).toMatchObject({ cost_state: 'posted', last_word: 'charged' })
    await expectCleanAudit(db)
  })

  it('has one outcome, whatever comes at the same moment', { timeout: 120_000 }, async () => {
    const lot = lots(20_261)
    const orders: Supplied[] = []
    for (let at = 0; at < 25; at++) orders.push(await supplied())
    advance(121)
    for (const order of orders) await requestCancel(db, now(), order)
    const commands = await claimCommands(dealing, now(), supplierId, 1_000)
    const overdue = new Date(now().getTime() + 1_200_000)
    await Promise.all(
      orders.flatMap((order) => {
        const command = commands.find(({ allocationId }) => allocationId === order.allocationId)
        const moves = [
          () => tell(command, { kind: 'done' }),
          () => tell(command, { kind: 'state', reading: { state: 'charged', cost: cost + 1n } }),
          () => says(order, lot.oneOf(['refunded', 'charged', 'code', 'waiting'])),
          () => says(order, lot.oneOf(['refunded', 'charged', 'code'])),
          () => code(order, `same ${order.id}`),
          () => code(order, `same ${order.id}`),
          () => app.orders.at(overdue).endOverdue(),
          () => app.orders.finish(order).catch(() => undefined),
        ]
        return moves.sort(() => lot.share() - 0.5).map((move) => move())
      }),
    )
    for (const order of orders) {
      const state = await stateOf(order)
      expect(['cancelled', 'expired', 'received', 'finished']).toContain(state)
      const isPaid = state === 'received' || state === 'finished'
      expect(await balance(order)).toBe(isPaid ? 80_000n : 100_000n)
    }
    await expectCleanAudit(db)
  })
})
