// How far a supplier is asked: what its operator sets, and what is under way there at once, whichever nodes
// ask.
import { describe, expect, it } from 'vitest'
import type { Order } from '../../../src/core/orders/order.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { claimAsks, claimLookUps } from '../../../src/core/supply/asks.ts'
import { claimCommands, recordCommand } from '../../../src/core/supply/commands.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { serverOn, testCustomer } from '../../harness/server.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

describe('what an operator sets', async () => {
  const { db, databaseUrl } = await upstreamDesk()
  const run = insideOn(databaseUrl)
  const add = (name: string, ...more: string[]) =>
    run(
      ...['suppliers', 'add', name, '--kind', 'numlet', '--secret', 'api_key=k1', '--json'],
      ...['--set', 'url=https://numbers.example.com', ...more],
    )
  const columnsOf = async (name: string) =>
    (
      await db.query(
        'select currency, max_asking, daily_limit, ask_timeout_ms from suppliers where name = $1',
        [name],
      )
    )[0]

  it('holds at once, also the currency, and is shown and logged', async () => {
    expect((await add('plain')).code).toBe(0)
    const plain = { currency: 'USD', max_asking: 20, daily_limit: null, ask_timeout_ms: 5_000 }
    expect(await columnsOf('plain')).toEqual(plain)
    const given = ['currency=EUR', 'max_asking=7', 'daily_limit=12.5', 'ask_timeout_ms=900']
    expect((await add('limited', '--set', ...given)).code).toBe(0)
    const limited = { currency: 'EUR', max_asking: 7, daily_limit: 125_000n, ask_timeout_ms: 900 }
    expect(await columnsOf('limited')).toEqual(limited)
    const more = ['--set', 'max_asking=', 'daily_limit=3', 'currency=IDR', '--reason', 'ticket 7']
    expect((await run('suppliers', 'set', 'limited', ...more)).code).toBe(0)
    const changed = { currency: 'IDR', max_asking: 20, daily_limit: 30_000n, ask_timeout_ms: 900 }
    expect(await columnsOf('limited')).toEqual(changed)
    const shown = jsonOf(await run('suppliers', 'show', 'limited', '--json'))
    expect(shown).toMatchObject({
      settings: { currency: 'IDR', max_asking: '20', daily_limit: '3', ask_timeout_ms: '900' },
      spent_today: '0.00',
    })
    expect(shown).not.toHaveProperty('connections')
    const [logged] = await db.query(
      `select reason, detail from audit_log where action = 'supplier.set' and subject_id = 'limited'`,
    )
    expect(logged).toMatchObject({
      reason: 'ticket 7',
      detail: {
        before: { max_asking: '7', daily_limit: '12.5', ask_timeout_ms: '900' },
        after: { max_asking: null, daily_limit: '3', ask_timeout_ms: '900' },
      },
    })
  })

  it('is refused if it makes no sense, and changes nothing', async () => {
    expect((await add('refusing')).code).toBe(0)
    const before = await columnsOf('refusing')
    for (const given of [
      ...['max_asking=0', 'max_asking=10001', 'max_asking=2.5', 'max_asking=-1'],
      ...['ask_timeout_ms=99', 'ask_timeout_ms=30001', 'daily_limit=-1', 'daily_limit=lots'],
    ]) {
      const outcome = await run('suppliers', 'set', 'refusing', '--set', given)
      expect([given, outcome.code]).toEqual([given, 1])
      expect(outcome.stderr).toContain(`${given.split('=')[0]} must be `)
    }
    expect(await columnsOf('refusing')).toEqual(before)
  })

  it('leaves the currency of costs as they are until the next price list', async () => {
    expect((await add('listed')).code).toBe(0)
    await db.query(
      `insert into sources (offer_id, supplier_id, product, cost, seen_at)
       select o.id, s.id, 'one', 1, now() from offers o, suppliers s where s.name = 'listed' limit 1`,
    )
    expect((await run('suppliers', 'set', 'listed', '--set', 'currency=EUR')).code).toBe(0)
    expect(await columnsOf('listed')).toMatchObject({ currency: 'USD' })
  })
})

describe('what is under way at a supplier', async () => {
  const { app, db, databaseUrl, dealing, offerId, advance } = await upstreamDesk()
  const now = () => app.now()
  const { supplierId } = await openUpstream(db, now(), { offerId, stock: 1_000 })
  const nodes = [dealing, { ...dealing, db: (await serverOn(databaseUrl)).app.db }]
  await db.query('update suppliers set max_asking = 100')
  const orders: Order[] = []
  for (let at = 0; at < 12; at++) {
    const { accountId } = await testCustomer(db, { credit: '10' })
    const bought = await app.orders.buy(purchaseOf(accountId))
    if ('orders' in bought) orders.push(bought.orders[0] as Order)
  }
  const asks = await claimAsks(dealing, now(), supplierId)
  for (const { allocationId, claims } of asks)
    await recordAnswer(dealing, now(), {
      ...{ allocationId, claims },
      verdict: { kind: 'unknown', why: 'no answer' },
    })
  const most = 5

  it('are so many look-ups, over all nodes, and more when one has its answer or is given up', async () => {
    expect(asks).toHaveLength(12)
    const claim = async () => {
      const all = await Promise.all(
        [...nodes, ...nodes, ...nodes].map((node) => claimLookUps(node, now(), supplierId, most)),
      )
      return all.flat()
    }
    const first = await claim()
    expect(first).toHaveLength(most)
    expect(await claim()).toEqual([])
    let place = 0
    for (const { allocationId, claims } of first.slice(0, 2))
      await recordAnswer(dealing, now(), {
        ...{ allocationId, claims },
        verdict: {
          ...{ kind: 'number', ref: `found-${++place}`, phone: `+44770090081${place}` },
          ...{ operator: null, cost: 9_000n, currency: null, endsAt: null, cancelAfter: null },
        },
      })
    expect(await claim()).toHaveLength(2)
    advance(11)
    expect(await claim()).toHaveLength(most)
  })

  it('are so many commands, over all nodes', async () => {
    await db.query(
      `insert into supplier_commands (allocation_id, supplier_id, verb, asked_by, made_at, due_at)
       select id, supplier_id, 'cancel', 'supply', $1, $1 from allocations
        where not exists (select from supplier_commands c where c.allocation_id = allocations.id)`,
      [now()],
    )
    const claim = async () => {
      const all = await Promise.all(
        [...nodes, ...nodes, ...nodes].map((node) => claimCommands(node, now(), supplierId, most)),
      )
      return all.flat()
    }
    const first = await claim()
    expect(first).toHaveLength(most)
    expect(await claim()).toEqual([])
    for (const { commandId, claims } of first.slice(0, 3))
      await recordCommand(dealing, now(), {
        ...{ commandId, claims },
        verdict: { kind: 'no_answer', why: 'the time was over' },
      })
    expect(await claim()).toHaveLength(3)
    advance(16)
    expect(await claim()).toHaveLength(most)
  })
})
