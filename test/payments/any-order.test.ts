// Whatever is said of deposits in whatever order, by whomever at once: credited once, and never of nothing.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DepositState } from '../../src/core/deposits/deposit.ts'
import { findDeposit } from '../../src/core/deposits/deposits.ts'
import type { Report } from '../../src/core/deposits/gateway.ts'
import { refundDeposit, settleDeposit } from '../../src/core/deposits/operator-actions.ts'
import { takeReport } from '../../src/core/deposits/settling.ts'
import { gatewayKindOf } from '../../src/payments/kinds.ts'
import { attempts } from '../harness/attempts.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { expectCleanAudit, outcomeOf } from '../promises/market.ts'

const asked = 250_000n

type Step =
  | { readonly kind: 'report'; readonly report: Report; readonly keepsLate: boolean }
  | { readonly kind: 'expire' | 'settle' | 'refund' }

const report: fc.Arbitrary<Report> = fc.record({
  status: fc.constantFrom('waiting', 'paid', 'expired', 'failed'),
  paid: fc.constantFrom(null, 0n, 100_000n, asked, 500_000n),
  currency: fc.constantFrom('USD', 'USD', 'EUR', null),
  confirming: fc.boolean(),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('report'), report, keepsLate: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('expire', 'settle', 'refund') }) },
)

/** From where a deposit may go where. */
const moves: Readonly<Record<DepositState, readonly DepositState[]>> = {
  pending: ['success', 'expired', 'failed', 'review'],
  expired: ['success', 'review'],
  failed: ['success', 'review'],
  review: ['success', 'refunded'],
  success: ['refunded'],
  refunded: [],
}

describe('a deposit', async () => {
  const { app, db } = await testServer()
  const now = app.now()
  const over = new Date(now.getTime() + 3_600_000)

  const open = async () => {
    const { accountId } = await testCustomer(db, { credit: '0' })
    const wanted = {
      accountId,
      gateway: 'sandbox',
      amount: asked,
      origin: 'http://localhost',
      once: null,
    }
    const deposit = await app.deposits.open(wanted)
    if ('repeated' in deposit) throw new Error('no key was given')
    return { accountId, id: deposit.id }
  }
  const take = (id: bigint, one: Step): Promise<unknown> => {
    if (one.kind === 'report')
      return takeReport(db, now, id, { report: one.report, ref: 'x', keepsLate: one.keepsLate })
    if (one.kind === 'expire') return app.deposits.at(over).expire()
    if (one.kind === 'settle') return outcomeOf(settleDeposit(db, now, { id, amount: null }))
    return outcomeOf(refundDeposit(db, now, gatewayKindOf, { id, byHand: true }))
  }
  const transfersOf = (accountId: number) =>
    db.query<{ kind: string; times: number }>(
      `select kind, count(*)::int as times from transfers where account_id = $1 group by kind`,
      [accountId],
    )

  it('goes only where it may, one step after the other', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { accountId, id } = await open()
        let { state } = await findDeposit(db, { accountId, id })
        for (const one of steps) {
          await take(id, one)
          const after = await findDeposit(db, { accountId, id })
          if (after.state !== state) expect(moves[state]).toContain(after.state)
          state = after.state
        }
        for (const { times } of await transfersOf(accountId)) expect(times).toBe(1)
      }),
      { numRuns: attempts(20, 60) },
    )
    await expectCleanAudit(db)
  })

  it('is credited once, all at once', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const { accountId, id } = await open()
        await Promise.all(steps.map((one) => take(id, one)))
        for (const { times } of await transfersOf(accountId)) expect(times).toBe(1)
      }),
      { numRuns: attempts(15, 40) },
    )
    await expectCleanAudit(db)
  })
})
