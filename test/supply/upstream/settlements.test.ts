// Differences with suppliers: listed and settled by the command line, in the ledger alone, and once.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { settle as settleOne } from '../../../src/core/operating/differences.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { claimAsks } from '../../../src/core/supply/asks.ts'
import { noteDifference } from '../../../src/core/supply/differences.ts'
import { noteMissingWords, recordReading } from '../../../src/core/supply/readings.ts'
import type { NumberReading, NumberState } from '../../../src/core/supply/verdict.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { testCustomer } from '../../harness/server.ts'
import { stateOf } from '../../harness/state.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

const cost = 9_000n

describe('a difference', async () => {
  const { app, db, databaseUrl, dealing, offerId, advance } = await upstreamDesk()
  const now = () => app.now()
  const { supplierId } = await openUpstream(db, now(), { offerId, stock: 1_000 })
  const [supplier] = await db.query<{ name: string }>('select name from suppliers where id = $1', [
    supplierId,
  ])
  const name = supplier?.name as string
  const numlet = insideOn(databaseUrl)
  const suppliers = async (...args: string[]) =>
    jsonOf(await numlet('suppliers', ...args, '--json'))
  const settle = (id: number, as: string, reason = 'ticket 881') =>
    suppliers('differences', name, '--settle', String(id), '--as', as, '--reason', reason)
  const refusedAs = async (id: number, as: string) => {
    const args = ['--settle', String(id), '--as', as, '--reason', 'ticket 881']
    const { code, stderr } = await numlet('suppliers', 'differences', name, ...args)
    return [code, stderr] as const
  }
  const open = async () => (await suppliers('differences', name)).differences
  let used = 0

  /** An order with a number of the supplier. */
  async function supplied(charged = cost) {
    const { accountId } = await testCustomer(db, { credit: '10' })
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [order] = 'orders' in bought ? bought.orders : []
    for (const ask of await claimAsks(dealing, now(), supplierId)) {
      const phone = `+4470${String(++used).padStart(8, '0')}`
      await recordAnswer(dealing, now(), {
        ...{ allocationId: ask.allocationId, claims: ask.claims },
        verdict: {
          ...{ kind: 'number', ref: `ref-${used}`, phone, operator: null, cost: charged },
          ...{ currency: null, endsAt: null, cancelAfter: null },
        },
      })
    }
    const at = await app.orders.read(accountId, (order as Order).id)
    return { ...at, allocationId: at.allocationId as bigint }
  }
  type Supplied = Awaited<ReturnType<typeof supplied>>
  const says = (order: Supplied, state: NumberState, told: NumberReading['cost'] = null) =>
    recordReading(dealing, now(), order.allocationId, { state, cost: told })
  /** Over, charged, and without a code. */
  async function charged() {
    const order = await supplied()
    await says(order, 'charged')
    advance(11)
    await says(order, 'charged')
    return order
  }
  const allocationOf = async ({ allocationId }: Supplied) =>
    (
      await db.query<Record<string, unknown>>(
        'select cost_state, last_word, cost from allocations where id = $1',
        [allocationId],
      )
    )[0]
  /** The supplier's accounts, without those that have nothing. */
  const books = async () => {
    const rows = await db.query<{ kind: string; amount: bigint }>(
      `select a.kind, sum(e.amount)::bigint as amount
         from ledger_accounts a join entries e on e.ledger_account_id = a.id
        where a.supplier_id = $1 group by 1 having sum(e.amount) <> 0 order by 1`,
      [supplierId],
    )
    return Object.fromEntries(rows.map(({ kind, amount }) => [kind, amount]))
  }

  it('that is paid back returns the cost to what is prepaid', async () => {
    const order = await charged()
    expect(await books()).toEqual({ cost, prepaid: -cost })
    const [listed, ...others] = await open()
    expect(others).toEqual([])
    expect(listed).toMatchObject({
      ...{ supplier: name, kind: 'refund_missing', expected: '0.00', found: '0.90' },
      ...{ currency: 'USD', times: 1, state: 'open', reason: null, transfer: null },
      order: expect.stringMatching(/^ord_/),
    })
    const before = await balanceOf(db, order.accountId)
    const settled = await settle(listed.id, 'paid-back')
    expect(settled).toMatchObject({
      ...{ state: 'settled', settled_by: 'tester', reason: 'ticket 881' },
      transfer: expect.any(String),
    })
    expect(await books()).toEqual({})
    expect(await balanceOf(db, order.accountId)).toBe(before)
    expect(await allocationOf(order)).toMatchObject({ cost_state: 'voided', last_word: 'refunded' })
    expect(await open()).toEqual([])
    // The supplier says it as well, later.
    await says(order, 'refunded')
    expect(await books()).toEqual({})
    await expectCleanAudit(db)
  })

  it('that is settled stays so, whatever is wanted again', async () => {
    const [settled] = (await suppliers('differences', name, '--all')).differences
    const before = [await stateOf(db), await books()]
    expect(await settle(settled.id, 'written-off', 'another reason')).toEqual(settled)
    expect([await stateOf(db), await books()]).toEqual(before)
    const log = await db.query(
      `select actor, reason, subject_id, detail->>'as' as outcome from audit_log
        where action = 'supplier.settle'`,
    )
    expect(log).toEqual([
      { actor: 'tester', reason: 'ticket 881', subject_id: name, outcome: 'paid-back' },
    ])
  })

  it('that is written off becomes a loss', async () => {
    await charged()
    const [{ id }] = await open()
    await settle(id, 'written-off')
    expect(await books()).toEqual({ losses: cost, prepaid: -cost })
    await expectCleanAudit(db)
  })

  it.each([
    ['paid-back', {}],
    ['written-off', { losses: cost, prepaid: -cost }],
  ])('about a cost that is still held can be %s', async (as, expected) => {
    const before = await books()
    await supplied()
    advance(1_300)
    while ((await app.orders.endOverdue()) > 0);
    advance(31 * 60)
    await noteMissingWords(dealing, now())
    expect((await books()).at_risk).toBe(cost)
    const [{ id }] = await open()
    await settle(id, as)
    const after = await books()
    expect(after.at_risk).toBe(undefined)
    const moved = (kind: string) => (after[kind] ?? 0n) - (before[kind] ?? 0n)
    const change = ['cost', 'losses', 'prepaid'].map((kind) => [kind, moved(kind)] as const)
    expect(Object.fromEntries(change.filter(([, amount]) => amount !== 0n))).toEqual(expected)
    await expectCleanAudit(db)
  })

  it('about too high a charge is settled when the last word is said, for the excess alone', async () => {
    const before = await books()
    const [most] = await db.query<{ cost: bigint }>(
      'select max_cost as cost from allocations where max_cost is not null limit 1',
    )
    const agreed = most?.cost as bigint
    const order = await supplied()
    await says(order, 'waiting', agreed + 700n)
    const [{ id, kind }] = await open()
    expect(kind).toBe('wrong_charge')
    expect(await refusedAs(id, 'written-off')).toEqual([1, expect.stringContaining('last word')])
    await settle(id, 'paid-back')
    expect(await allocationOf(order)).toMatchObject({ cost_state: 'held', cost: agreed })
    expect((await books()).prepaid).toBe((before.prepaid ?? 0n) - agreed)
    await expectCleanAudit(db)
  })

  it('of a balance moves between what is prepaid and losses, and no cost', async () => {
    const before = await books()
    const note = (found: bigint, kind: 'balance' | 'foreign_order' = 'balance') =>
      db.begin((tx) =>
        noteDifference(tx, now(), {
          ...{ supplierId, kind, allocationId: null, expected: 50_000n, found, currency: 'USD' },
        }),
      )
    await note(44_000n)
    const [lost] = await open()
    expect(await refusedAs(lost.id, 'paid-back')).toEqual([1, expect.stringContaining('balance')])
    await settle(lost.id, 'written-off')
    expect((await books()).losses).toBe((before.losses ?? 0n) + 6_000n)
    await note(56_000n)
    const [found] = await open()
    await settle(found.id, 'written-off')
    expect(await books()).toEqual(before)
    await note(1n, 'foreign_order')
    const [foreign] = await open()
    expect(await settle(foreign.id, 'explained')).toMatchObject({ transfer: null })
    expect(await books()).toEqual(before)
    await expectCleanAudit(db)
  })

  it('is settled once by two at the same moment', async () => {
    const before = await books()
    await charged()
    const [{ id }] = await open()
    const by = { actor: 'tester', reason: 'ticket 1' }
    const one = { supplier: name, id: BigInt(id) }
    const both = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        settleOne(db, now(), by, { ...one, as: at % 2 === 0 ? 'written-off' : 'paid-back' }),
      ),
    )
    expect(new Set(both.map(({ transferId }) => transferId)).size).toBe(1)
    expect((await books()).cost).toBe(before.cost)
    await expectCleanAudit(db)
  })

  it('is not settled without a name, a reason or an outcome', async () => {
    const wrong = [
      [name, '--settle', '1'],
      [name, '--settle', '1', '--as', 'explained'],
      ['--settle', '1', '--as', 'explained', '--reason', 'x'],
      [name, '--settle', '1', '--as', 'forgotten', '--reason', 'x'],
      [name, '--settle', '0', '--as', 'explained', '--reason', 'x'],
    ]
    for (const args of wrong)
      expect((await numlet('suppliers', 'differences', ...args)).code).toBe(2)
    expect(await refusedAs(99_999, 'explained')).toEqual([1, expect.stringContaining('99999')])
    const nobody = await numlet('suppliers', 'differences', 'nobody')
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('nobody')])
  })
})
