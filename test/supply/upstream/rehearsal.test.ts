// The simulated platform does each thing wrong that it can: what the customer sees of it, and the ledger.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { balanceOfAccount } from '../../../src/core/ledger/suppliers.ts'
import { supplierKindNamed } from '../../../src/supply/kinds.ts'
import { ordersAt } from '../../../src/supply/simulator/platform/market.ts'
import {
  type Misbehaviour,
  misbehaviours,
} from '../../../src/supply/simulator/platform/misbehaviour.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { testKey } from '../../harness/database.ts'
import { testCustomer, testServer } from '../../harness/server.ts'
import { dramaNumbers, expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { good, key, openSimulator } from '../platforms/simulator.ts'
import { supplyEngine } from './engines.ts'
import { openOwnMarket, purchaseOf } from './market.ts'

const cost = 5_000n
const price = 6_000n
const nothing = { prepaid: 0n, at_risk: 0n, cost: 0n, losses: 0n }

/** A Numlet whose only numbers for sale are those of the simulated platform, as in a rehearsal. */
async function rehearsal() {
  const platform = await openSimulator({ codeAfterS: 5 })
  const { app, db, databaseUrl, advance } = await testServer({
    ...{ template: 'catalog', env: { NUMLET_CANCEL_COOLDOWN_S: '0' } },
  })
  const { accountId } = await testCustomer(db, { credit: '1000' })
  const run = insideOn(databaseUrl, { NUMLET_ENCRYPTION_KEY: testKey })
  const suppliers = async (...args: string[]) => {
    const outcome = await run('suppliers', ...args, '--json')
    if (outcome.code !== 0) throw new Error(outcome.stderr)
    return jsonOf(outcome)
  }
  await suppliers(
    ...['add', 'rehearsal', '--kind', 'handler-api', '--secret', `api_key=${key}`],
    ...['--set', `url=${platform.url}`, 'ask_timeout_ms=1000', 'rate_per_s=1000'],
  )
  await suppliers('rule', 'rehearsal', '--percent', '20', '--round', '0.01')
  await suppliers('topup', 'rehearsal', '100', '--reference', 'play money')
  await suppliers('sync', 'rehearsal')
  const engine = supplyEngine(app, supplierKindNamed)
  const go = async (seconds = 0) => {
    advance(seconds)
    platform.advance(seconds)
    await app.supply.tidyUp(app.now())
    await app.orders.failOverdue()
    while ((await app.orders.endOverdue()) > 0);
    while ((await engine.turn()) > 0) await engine.idle()
  }
  const behave = (how = '') => suppliers('set', 'rehearsal', '--set', `url=${platform.url}/${how}`)
  const buy = async () => {
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [order] = 'orders' in bought ? bought.orders : []
    if (!order) throw new Error('nothing was bought')
    await go()
    return order.id
  }
  const read = (id: bigint) => app.orders.read(accountId, id)
  const cancel = async (id: bigint) => {
    let isOver = false
    const ended = outcomeOf(app.orders.cancel({ accountId, id })).finally(() => {
      isOver = true
    })
    while (!isOver) {
      await engine.turn()
      await engine.idle()
    }
    return ended
  }
  const allocationOf = async (id: bigint) => {
    const rows = await db.query<Record<string, unknown>>(
      'select state, error, cost_state, last_word from allocations where order_id = $1 order by id',
      [id],
    )
    return rows[0] ?? {}
  }
  return {
    ...{ app, db, accountId, platform, suppliers, go, behave, buy, read, cancel, allocationOf },
  }
}

describe('the simulated platform', async () => {
  const desk = await rehearsal()
  const { app, db, accountId, platform, suppliers } = desk
  const { go, behave, buy, read, cancel, allocationOf } = desk
  const tried = new Set<Misbehaviour>()

  const books = async () => {
    const rows = await db.query<{ kind: keyof typeof nothing; sum: bigint }>(
      `select l.kind, sum(${balanceOfAccount('l')})::bigint as sum from ledger_accounts l
        where l.supplier_id is not null group by 1`,
    )
    return { ...nothing, ...Object.fromEntries(rows.map(({ kind, sum }) => [kind, sum])) }
  }
  const differences = () => suppliers('differences', 'rehearsal')
  /** What has changed since a test began: the customer's money, and the supplier's accounts. */
  const since = async () => {
    const [wallet, ledger] = [await balanceOf(db, accountId), await books()]
    return async () => {
      const now = await books()
      const changed = Object.entries(now).flatMap(([name, sum]) => {
        const by = sum - ledger[name as keyof typeof ledger]
        return by === 0n ? [] : [[name, by] as const]
      })
      return { customer: (await balanceOf(db, accountId)) - wallet, ...Object.fromEntries(changed) }
    }
  }

  /** Rehearses misbehaviours: what it does is forgiven afterwards, and the books are right. */
  const rehearse = (
    how: string,
    title: string,
    play: (changes: () => Promise<object>) => Promise<void>,
  ) =>
    it(`${how.split(/[:+]/)[0]}: ${title}`, async () => {
      for (const word of how.split('+')) tried.add(word.split(':', 1)[0] as Misbehaviour)
      const changes = await since()
      await behave(how)
      await play(changes)
      await expectCleanAudit(db)
      await behave()
      await db.query(
        `update suppliers set state = 'on', paused_until = null where state = 'paused'`,
      )
      await go(60)
      await go(1_300)
      await go(60)
      // Commands have the real time: what was seen in the future would stand.
      await db.query(
        `update sources set seen_at = '2020-01-01', empty_streak = 0, hidden_until = null`,
      )
      await suppliers('sync', 'rehearsal')
      await expectCleanAudit(db)
    }, 30_000)

  const bought = { customer: -price, prepaid: -cost, at_risk: cost }
  const untouched = { customer: 0n }
  /** Nobody has a number, and the money is back; what the platform has sold all the same is given back. */
  const failsAndGivesBack = async (changes: () => Promise<object>) => {
    const id = await buy()
    await go(16)
    expect(await read(id)).toMatchObject({ state: 'failed', phone: null })
    expect(await changes()).toMatchObject(untouched)
    await behave('silent')
    await db.query(`update suppliers set state = 'on', paused_until = null where state = 'paused'`)
    await go(60)
    await go(60)
    expect(await allocationOf(id)).toMatchObject({ state: 'given_up', last_word: 'refunded' })
    expect(await changes()).toEqual(untouched)
  }
  const failsAtOnce = async (changes: () => Promise<object>, why: string) => {
    const id = await buy()
    expect(await read(id)).toMatchObject({ state: 'failed', phone: null })
    expect(await allocationOf(id)).toMatchObject({ state: 'refused', error: why })
    expect(await changes()).toEqual(untouched)
  }

  it('sells a number, sends a code, and is paid', async () => {
    const changes = await since()
    const id = await buy()
    expect(await read(id)).toMatchObject({ state: 'waiting', price })
    expect(await changes()).toEqual(bought)
    await go(6)
    expect(await read(id)).toMatchObject({ state: 'received', messageCount: 1 })
    await app.orders.finish({ accountId, id })
    await go(1)
    expect(await changes()).toEqual({ customer: -price, prepaid: -cost, cost })
    await expectCleanAudit(db)
  })

  rehearse('slow', 'the customer waits, and has the number', async (changes) => {
    await suppliers('set', 'rehearsal', '--set', 'ask_timeout_ms=8000')
    const id = await buy()
    expect(await read(id)).toMatchObject({ state: 'waiting' })
    expect(await changes()).toEqual(bought)
    await suppliers('set', 'rehearsal', '--set', 'ask_timeout_ms=1000')
  })

  rehearse(
    'hangs+silent',
    'the money is back in time, and the number is given back later',
    failsAndGivesBack,
  )
  rehearse('garbage+silent', 'the same', failsAndGivesBack)

  rehearse(
    'loses',
    'it is asked again with the same key, and has sold one number',
    async (changes) => {
      const before = ordersAt(platform.market, good).length
      const id = await buy()
      await go(3)
      expect(await read(id)).toMatchObject({ state: 'waiting' })
      expect(ordersAt(platform.market, good)).toHaveLength(before + 1)
      expect(await changes()).toEqual(bought)
    },
  )

  rehearse(
    'broken',
    'nobody knows whether it has sold one until its list proves that not',
    async (changes) => {
      const id = await buy()
      await go(16)
      expect(await read(id)).toMatchObject({ state: 'failed' })
      expect(await allocationOf(id)).toMatchObject({ state: 'unknown' })
      expect(await changes()).toEqual(untouched)
      await behave()
      await go(1_600)
      await go(60)
      expect(await allocationOf(id)).toMatchObject({ state: 'refused', error: 'absent' })
      expect(await changes()).toEqual(untouched)
    },
  )

  rehearse('busy', 'it is left alone for as long as it says', async (changes) => {
    await failsAtOnce(changes, 'busy')
    expect(await suppliers('show', 'rehearsal')).toMatchObject({ state: 'paused' })
  })

  rehearse('empty', 'there is none, and a sync takes it off sale', async (changes) => {
    await failsAtOnce(changes, 'empty')
    await suppliers('sync', 'rehearsal')
    expect(await outcomeOf(app.orders.buy(purchaseOf(accountId)))).toBe('out_of_stock')
  })

  rehearse('lies', 'there is none, and it shows none until it is seen again', async (changes) => {
    await failsAtOnce(changes, 'empty')
    expect(await outcomeOf(app.orders.buy(purchaseOf(accountId)))).toBe('out_of_stock')
  })

  rehearse('dry', 'it is not asked for some minutes', async (changes) => {
    await failsAtOnce(changes, 'dry')
    expect(await suppliers('show', 'rehearsal')).toMatchObject({ state: 'paused' })
    expect(await suppliers('balance', 'rehearsal')).toMatchObject({ balance: '0.0000' })
  })

  rehearse('repeats', 'the customer has the code once', async () => {
    const id = await buy()
    await go(6)
    await go(4)
    expect(await read(id)).toMatchObject({ state: 'received', messageCount: 1 })
    const stored = 'select 1 as yes from messages where order_id = $1'
    expect(await db.query(stored, [id])).toHaveLength(1)
  })

  rehearse('same', 'nobody else has the number as long as it is let', async (changes) => {
    await behave()
    const first = await buy()
    await behave('same+silent')
    const second = await buy()
    expect(await read(first)).toMatchObject({ state: 'waiting' })
    expect(await read(second)).toMatchObject({ state: 'failed', phone: null })
    await go(5)
    expect(await allocationOf(second)).toMatchObject({ state: 'given_up', last_word: 'refunded' })
    expect(await changes()).toEqual(bought)
  })

  rehearse(
    'abroad+silent',
    'the number is given back, and the customer never sees it',
    async (changes) => {
      const id = await buy()
      await go(5)
      expect(await read(id)).toMatchObject({ state: 'failed', phone: null })
      expect(await allocationOf(id)).toMatchObject({
        ...{ state: 'given_up', last_word: 'refunded' },
        error: 'it is of another country',
      })
      expect(await changes()).toEqual(untouched)
    },
  )

  rehearse('ours:447700900000+silent', 'the same', async (changes) => {
    const [phone] = dramaNumbers(1, 0)
    const { id: own } = (
      await db.query<{ id: number }>(
        `insert into suppliers (name, kind) values ('own', 'simulator') returning id`,
      )
    )[0] as { id: number }
    await openOwnMarket(db, own, 1)
    await db.query('update stock set remaining = 0, next_position = 1000 where upstream = 0')
    await db.query('update numbers set phone = $1', [phone])
    const id = await buy()
    await go(5)
    expect(await read(id)).toMatchObject({ state: 'failed', phone: null })
    expect(await allocationOf(id)).toMatchObject({
      ...{ state: 'given_up', last_word: 'refunded' },
      error: 'it is one of our own',
    })
    expect(await changes()).toEqual(untouched)
  })

  rehearse(
    'dear+silent',
    'the number is given back, and the charge noted as a difference',
    async (changes) => {
      const id = await buy()
      await go(5)
      expect(await read(id)).toMatchObject({ state: 'failed', phone: null })
      expect(await changes()).toEqual(untouched)
      expect(await differences()).toMatchObject({ differences: [{ kind: 'wrong_charge' }] })
    },
  )

  rehearse('keeps', 'the order goes on, and at its end the money is back', async (changes) => {
    await behave('keeps+silent')
    const id = await buy()
    expect(await cancel(id)).toBe('supplier_rejected')
    expect(await read(id)).toMatchObject({ state: 'waiting' })
    await go(1_210)
    await go(60)
    expect(await read(id)).toMatchObject({ state: 'expired' })
    expect(await changes()).toEqual(untouched)
  })

  rehearse('early', 'the customer is told when to come again', async (changes) => {
    await behave('early+silent')
    const id = await buy()
    expect(await cancel(id)).toBe('cancel_cooldown')
    await behave('silent')
    await go(20)
    expect(await cancel(id)).toMatchObject({ changed: true })
    expect(await changes()).toEqual(untouched)
  })

  rehearse('silent', 'no code, no charge: both have their money back', async (changes) => {
    const id = await buy()
    await go(1_210)
    await go(60)
    expect(await read(id)).toMatchObject({ state: 'expired' })
    expect(await allocationOf(id)).toMatchObject({ cost_state: 'voided', last_word: 'refunded' })
    expect(await changes()).toEqual(untouched)
  })

  for (const [how, title] of [
    ['late', 'the customer has paid nothing, and the balance is a difference'],
    ['twice', 'one number is the customer’s, and the balance is a difference'],
  ] as const)
    rehearse(how, title, async () => {
      const before = await differences()
      const id = await buy()
      if (how === 'late') {
        expect(await cancel(id)).toMatchObject({ changed: true })
        expect(await read(id)).toMatchObject({ state: 'cancelled', messageCount: 0 })
      } else expect(await read(id)).toMatchObject({ state: 'waiting' })
      for (let time = 0; time < 4; time++) await go(3_700)
      expect(before.differences).not.toContainEqual(expect.objectContaining({ kind: 'balance' }))
      const after = await differences()
      expect(after.differences).toContainEqual(expect.objectContaining({ kind: 'balance' }))
      // Settled by a person, as each of them is.
      for (const one of after.differences as { id: number; kind: string }[])
        await suppliers(
          ...['differences', 'rehearsal', '--settle', String(one.id)],
          ...['--as', one.kind === 'balance' ? 'written-off' : 'explained'],
          ...['--reason', 'a rehearsal'],
        )
    })

  it('has each misbehaviour rehearsed', () => {
    expect([...tried].sort()).toEqual(Object.keys(misbehaviours).sort())
  })
})
