// Our balance at another platform: it is enough to sell, and it is what was booked.
import { describe, expect, it } from 'vitest'
import { credit, debit } from '../../../src/core/operating/accounts.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { endOverdueOrders } from '../../harness/ending.ts'
import { expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { purchaseOf } from './market.ts'
import { askingDesk, numletPeer } from './peer.ts'

const by = { actor: 'tester', reason: 'a test' }
const hour = 3_600

async function openDesk() {
  const peer = await numletPeer()
  const desk = await askingDesk(peer)
  const { db, databaseUrl, supplierId, supplierName, advance, work } = desk
  const numlet = insideOn(databaseUrl)
  const later = async (seconds: number) => {
    advance(seconds)
    peer.advance(seconds)
    await work()
  }
  const topUp = async (amount: string, reference: string) =>
    jsonOf(
      await numlet(
        ...['suppliers', 'topup', supplierName, amount, '--reference', reference, '--json'],
      ),
    )
  const state = async () => {
    const [row] = await db.query<{ balance: bigint; off: number; dry: boolean }>(
      'select balance, balance_off as off, dry_since is not null as dry from suppliers where id = $1',
      [supplierId],
    )
    return row
  }
  const differences = () =>
    db.query<{ kind: string; expected: bigint; found: bigint; times: number }>(
      `select kind, expected, found, times from differences order by id`,
    )
  let made = 0
  const there = (amount: bigint, how: typeof credit | typeof debit) =>
    how(peer.db, peer.app.now(), by, {
      ...{ accountId: peer.accountId, amount, reference: `there-${++made}` },
    })
  return { peer, ...desk, numlet, later, topUp, state, differences, there }
}

describe('the balance at another platform', async () => {
  const desk = await openDesk()
  const { db, buy, work, read, later, topUp, state, differences, there } = desk

  it('is read every hour, and is no difference before it is known what was there', async () => {
    await work()
    expect(await state()).toMatchObject({ balance: 10_000_000n, off: 0, dry: false })
    for (let time = 0; time < 4; time++) await later(hour)
    expect(await differences()).toEqual([])
    const balances = () => desk.between.passed.filter(({ path }) => path === '/v1/balance').length
    expect(balances()).toBe(5)
    await later(hour - 10)
    expect(balances()).toBe(5)
  })

  it('is what was booked: top-ups once for each reference, costs, and what was given back', async () => {
    expect(await topUp('1000', 'first')).toMatchObject({ topped_up: true, currency: 'USD' })
    expect(await topUp('1000', 'first')).toMatchObject({ topped_up: false })
    const [kept, given] = [await buy(), await buy()]
    await work()
    await desk.peer.send((await read(kept)).phone as string, 'Your WhatsApp code: 593-821')
    for (let time = 0; time < 8; time++) {
      await later(700)
      await desk.app.orders.endOverdue()
      await endOverdueOrders(desk.peer.db, desk.peer.app.now())
    }
    expect(await read(given)).toMatchObject({ state: 'expired' })
    expect(await state()).toMatchObject({ off: 0 })
    expect((await state())?.balance).toBeLessThan(10_000_000n)
    expect(await differences()).toEqual([])
    await expectCleanAudit(db)
  })

  it('that is not, three times in a row, is one difference that grows', async () => {
    await there(50_000n, debit)
    await later(hour)
    expect(await state()).toMatchObject({ off: -1 })
    // Again too early to count.
    await db.query(`update supplier_feeds set due_at = $1 where feed = 'balance'`, [desk.app.now()])
    await later(60)
    expect(await state()).toMatchObject({ off: -1 })
    await later(700)
    expect(await state()).toMatchObject({ off: -2 })
    expect(await differences()).toEqual([])
    await later(700)
    const [one] = await differences()
    expect(one).toMatchObject({ kind: 'balance', times: 1 })
    expect((one?.expected ?? 0n) - (one?.found ?? 0n)).toBeGreaterThan(49_000n)
    await later(700)
    expect(await differences()).toMatchObject([{ kind: 'balance', times: 2 }])
    // What was missing came back: it fits again.
    await there(50_000n, credit)
    await later(700)
    expect(await state()).toMatchObject({ off: 0 })
    await expectCleanAudit(db)
  })
})

describe('a balance below its alarm', async () => {
  const desk = await openDesk()
  const { app, db, url, accountId, supplierId, supplierName } = desk
  const { buy, work, read, later, topUp, state, there, numlet } = desk
  await db.query(
    `update suppliers set config = config || '{"alarm_balance": "999.90"}' where id = $1`,
    [supplierId],
  )
  const buying = () => outcomeOf(app.orders.buy(purchaseOf(accountId)))
  const dryOnes = async () => {
    const answer = (await (await fetch(`${url}/health/ready`)).json()) as {
      details: { dry_suppliers: number }
    }
    return answer.details.dry_suppliers
  }

  it('takes its numbers off sale until it is topped up, and operators are told', async () => {
    await work()
    expect(await state()).toMatchObject({ dry: false })
    expect(await dryOnes()).toBe(0)
    const id = await buy()
    await there(5_000n, debit)
    await later(hour)
    expect(await state()).toMatchObject({ dry: true })
    expect(await buying()).toBe('out_of_stock')
    expect(await dryOnes()).toBe(1)
    const shown = jsonOf(await numlet('suppliers', 'show', supplierName, '--json'))
    expect(shown).toMatchObject({ balance_currency: 'USD', dry_since: expect.any(String) })
    expect(Number((shown as { balance: string }).balance)).toBeLessThan(999.9)
    expect(app.troubles.all().get(`balance at ${supplierName}`)).toMatchObject({ isOn: true })
    // What it has sold goes on.
    expect((await read(id)).state).not.toBe('failed')
    // The operator says so before the platform does.
    await topUp('100', 'paid')
    expect(await state()).toMatchObject({ dry: false })
    await work()
    expect(await state()).toMatchObject({ dry: true })
    await there(1_000_000n, credit)
    await later(hour)
    expect(await state()).toMatchObject({ dry: false })
    expect(await dryOnes()).toBe(0)
    const next = await buy()
    await work()
    expect(await read(next)).toMatchObject({ state: 'waiting' })
    await expectCleanAudit(db)
  })

  it('and top-ups that are none are refused', async () => {
    const refused = async (...rest: string[]) =>
      (await numlet('suppliers', 'topup', ...rest, '--json')).code
    expect(await refused(supplierName, '0', '--reference', 'x')).not.toBe(0)
    expect(await refused(supplierName, '-5', '--reference', 'x')).not.toBe(0)
    expect(await refused(supplierName, '5', '--reference', ' ')).not.toBe(0)
    expect(await refused(supplierName, '5')).not.toBe(0)
    expect(await refused('nobody', '5', '--reference', 'x')).not.toBe(0)
  })
})
