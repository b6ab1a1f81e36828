// Deposits from the command line: what an operator sees and decides, and what the log keeps of it.
import { describe, expect, it } from 'vitest'
import { type ClaimedDeposit, claimDeposits } from '../../src/core/deposits/due.ts'
import type { Report } from '../../src/core/deposits/gateway.ts'
import { sendRefund } from '../../src/core/deposits/refunding.ts'
import { takeReport } from '../../src/core/deposits/settling.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

const env = { NUMLET_MANUAL_INSTRUCTIONS: 'Bank of Example, account 000' }

describe('numlet deposits', async () => {
  const server = await testServer({ env })
  const { app, db } = server
  const { key, accountId } = await testCustomer(db, { credit: '0' })
  const account = app.ids.toToken('acc', accountId)

  // @NOTE an operator's shell has none of the gateways' settings: what is decided must not depend on them
  const command = insideOn(server.databaseUrl, { NUMLET_DEMO: '0' })
  const numlet = (...args: string[]) => command('deposits', ...args)
  const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))
  const open = async (gateway: string) => {
    const body = { amount: '25', gateway }
    return (await call<{ id: string }>(server, key, 'POST', '/v1/deposits', body)).body.id
  }
  const told = (id: string, report: Report) =>
    takeReport(db, app.now(), app.ids.fromToken('dep', id) as bigint, {
      report,
      ref: 'theirs',
      keepsLate: true,
    })
  const logged = () =>
    db.query(`select action, detail->>'amount' as amount from audit_log
               where action like 'deposit.%' order by id`)

  it('lists and shows them', async () => {
    const id = await open('manual')
    expect(await json('list', '--account', account)).toMatchObject([
      { deposit_id: id, account_id: account, gateway: 'manual', state: 'pending', amount: '25.00' },
    ])
    expect(await json('show', id)).toMatchObject({ deposit_id: id, total: '25.00', notices: [] })
    expect(await json('list', '--state', 'success')).toEqual([])
    expect(await json('list', '--problems')).toEqual([])
    expect((await numlet('list', '--state', 'gone')).code).toBe(2)
    expect(await numlet('show', 'dep_00000000000')).toMatchObject({ code: 1, stdout: '' })
  })

  it('approves a transfer once, for what came', async () => {
    const id = await open('manual')
    for (const amount of ['24.505', '0'])
      expect(await numlet('approve', id, '--amount', amount)).toMatchObject({ code: 1, stdout: '' })
    expect(await json('approve', id, '--amount', '24.50')).toMatchObject({
      state: 'success',
      credited: '24.50',
    })
    expect(await json('approve', id)).toMatchObject({ credited: '24.50' })
    expect(await json('approve', id, '--amount', '24.5')).toMatchObject({ credited: '24.50' })
    expect(await numlet('approve', id, '--amount', '9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another amount'),
    })
    expect(await logged()).toEqual([{ action: 'deposit.approve', amount: '24.5' }])
    const sandbox = await numlet('approve', await open('sandbox'))
    expect(sandbox).toMatchObject({ code: 1, stderr: expect.stringContaining('itself') })
  })

  it('settles what was paid otherwise than asked', async () => {
    const [part, late, other, more] = await Promise.all([1, 2, 3, 4].map(() => open('sandbox')))
    await told(part as string, { status: 'paid', paid: 100_000n, currency: 'USD' })
    await told(late as string, { status: 'paid', paid: 250_000n, currency: 'USD', late: true })
    await told(other as string, { status: 'paid', paid: 230_000n, currency: 'EUR' })
    await told(more as string, { status: 'paid', paid: 300_000n, currency: 'USD' })
    const waiting = await json('list', '--problems')
    expect(waiting.map(({ problem }: { problem: string }) => problem).sort()).toEqual([
      'late',
      'over',
      'partial',
      'wrong_currency',
    ])
    expect(await json('settle', part as string)).toMatchObject({ credited: '10.00' })
    expect(await json('settle', late as string)).toMatchObject({ credited: '25.00' })
    expect(await numlet('settle', other as string)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not in USD'),
    })
    expect(await json('settle', other as string, '--amount', '26.40')).toMatchObject({
      state: 'success',
      paid: '23.00',
      paid_currency: 'EUR',
      credited: '26.40',
    })
    expect((await numlet('settle', more as string, '--amount', '4.999')).code).toBe(1)
    expect(await json('settle', more as string)).toMatchObject({ credited: '30.00' })
    const ended = await db.query(
      `select type from events where (data->>'deposit_id')::bigint = $1 order by xid, id`,
      [app.ids.fromToken('dep', more as string)],
    )
    expect(ended.map(({ type }) => type)).toEqual([
      'deposit.created',
      'deposit.success',
      'deposit.surplus_credited',
    ])
    expect((await numlet('settle', more as string)).code).toBe(1)
    expect(await json('list', '--problems')).toEqual([])
  })

  it('gives back, and says how', async () => {
    const sandbox = await open('sandbox')
    await told(sandbox, { status: 'paid', paid: 250_000n, currency: 'USD' })
    expect(await json('refund', sandbox)).toMatchObject({ state: 'refunded', refund: 'owed' })
    // Its gateway was taken out of the settings meanwhile: the operator hears of it, and gives it back.
    const later = new Date(Date.now() + 60_000)
    const [owed] = await claimDeposits(db, later, { gateway: 'sandbox', task: 'refund', count: 1 })
    expect(await sendRefund(db, later, [], owed as ClaimedDeposit)).toBe('not_asked')
    expect(await json('show', sandbox)).toMatchObject({ refund: 'refused' })
    expect(await json('list', '--problems')).toMatchObject([{ deposit_id: sandbox }])
    expect(await json('refund', sandbox, '--by-hand')).toMatchObject({ refund: 'by_hand' })
    const manual = await open('manual')
    await numlet('approve', manual)
    expect(await json('refund', manual)).toMatchObject({ state: 'refunded', refund: 'by_hand' })
    const part = await open('sandbox')
    await told(part, { status: 'paid', paid: 100_000n, currency: 'USD' })
    expect(await json('refund', part, '--by-hand')).toMatchObject({
      credited: null,
      refund: 'by_hand',
    })
    expect(await numlet('refund', await open('manual'))).toMatchObject({ code: 1 })
    expect((await logged()).slice(-5)).toEqual([
      { action: 'deposit.refund', amount: '25' },
      { action: 'deposit.refund', amount: '0' },
      { action: 'deposit.approve', amount: '25' },
      { action: 'deposit.refund', amount: '25' },
      { action: 'deposit.refund', amount: '0' },
    ])
    await expectCleanAudit(db)
  })
})
