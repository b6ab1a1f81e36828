// Promise 1: money is conserved, whatever is done with it, in whatever order and how often.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { setRate } from '../../src/core/catalog/rates.ts'
import { DomainError } from '../../src/core/error.ts'
import {
  balanceOf,
  credit,
  type Hold,
  holdAll,
  payNow,
  post,
  voidHolds,
} from '../../src/core/ledger/ledger.ts'
import { statement } from '../../src/core/ledger/statement.ts'
import { transferIdFor } from '../../src/core/ledger/transfer-id.ts'
import { maxAmount } from '../../src/core/money.ts'
import { attempts } from '../harness/attempts.ts'
import { testDatabase } from '../harness/database.ts'
import { testCustomer } from '../harness/server.ts'
import { LedgerModel, type LedgerStep } from './ledger-model.ts'
import { expectCleanAudit } from './market.ts'

const now = new Date('2026-11-20T09:30:00Z')
const runs = attempts(40, 150)

const amount = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 30n }) },
  { weight: 1, arbitrary: fc.constantFrom(-1n, maxAmount, maxAmount + 1n) },
)
// Few names, so that ids are repeated, also with other amounts.
const name = fc.nat({ max: 6 })
const place = fc.nat({ max: 5 })
const holds = fc.uniqueArray(fc.record({ name, amount }), {
  minLength: 1,
  maxLength: 3,
  selector: (one) => one.name,
})
const step: fc.Arbitrary<LedgerStep> = fc.oneof(
  fc.record({ verb: fc.constant('credit' as const), name, amount }),
  fc.record({ verb: fc.constant('hold' as const), holds }),
  fc.record({ verb: fc.constant('pay' as const), holds }),
  fc.record({
    verb: fc.constant('post' as const),
    place,
    amount: fc.option(amount, { nil: null }),
  }),
  fc.record({ verb: fc.constant('void' as const), places: fc.array(place, { maxLength: 4 }) }),
)
/** Whose money each step is about: two customers, in two currencies. */
const history = fc.array(fc.tuple(fc.nat({ max: 1 }), step), {
  minLength: 10,
  maxLength: 40,
  size: 'max',
})

describe('the ledger', async () => {
  const { db } = await testDatabase()
  await setRate(db, new Date(), 'EUR', '0.9')
  const answers = new Set<string>()

  /** Does a step for an account. @returns what came of it, in words that the model uses, too */
  async function perform(model: LedgerModel, step: LedgerStep): Promise<string> {
    const { accountId, currency } = model
    const movement = (verb: string, name: number, amount: bigint) => ({
      id: transferIdFor(verb, accountId, name),
      accountId,
      currency,
      amount,
      now,
    })
    return db.begin(async (tx) => {
      if (step.verb === 'credit') {
        const kind = { from: 'adjustments', kind: 'credit' } as const
        const { moved, balance } = await credit(tx, {
          ...movement('credit', step.name, step.amount),
          ...kind,
        })
        return `${moved} ${balance}`
      }
      if (step.verb === 'hold' || step.verb === 'pay') {
        const wanted = step.holds.map((one) => ({
          holdId: transferIdFor('hold', accountId, one.name),
          amount: one.amount,
        }))
        if (step.verb === 'pay') {
          await payNow(tx, now, model, wanted)
          return `paid ${await balanceOf(tx, accountId)}`
        }
        const { held, balance } = await holdAll(tx, now, model, wanted)
        return `${held.length} ${balance}`
      }
      const holdAt = (place: number): Hold | undefined => {
        const held = model.holds.at(-1 - place)
        return held && { holdId: held.id, accountId, currency, amount: held.amount }
      }
      if (step.verb === 'void') {
        const holds = step.places.map(holdAt).filter((held) => held !== undefined)
        return (await voidHolds(tx, now, [...new Map(holds.map((h) => [h.holdId, h])).values()]))
          .sort()
          .join(' ')
      }
      const held = holdAt(step.place)
      return held ? String(await post(tx, now, held, step.amount ?? held.amount)) : 'none'
    })
  }

  const performed = (model: LedgerModel, step: LedgerStep) =>
    perform(model, step).catch((error: Error) => {
      if (error instanceof DomainError) return error.code
      if (error instanceof RangeError) return 'out of range'
      throw error
    })

  it('does what a plain model of it does, in every step', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const models = await Promise.all(
          ['USD', 'EUR'].map(async (currency) => {
            const { accountId } = await testCustomer(db, { credit: '0', currency })
            return new LedgerModel(accountId, currency)
          }),
        )
        for (const [whose, step] of steps) {
          const model = models[whose] as LedgerModel
          const answer = await performed(model, step)
          const expected = model.perform(step)
          expect(answer).toBe(expected)
          answers.add(`${step.verb} ${kindOf(expected)}`)
          expect(await balanceOf(db, model.accountId)).toBe(model.balance)
        }
        for (const model of models) {
          const lines = await statement(db, { accountId: model.accountId, limit: 1_000 })
          expect(
            lines.map(({ kind, amount, change, balanceAfter }) => [
              kind,
              amount,
              change,
              balanceAfter,
            ]),
          ).toEqual(model.lines.toReversed())
        }
        expect(await sumsOfEntries()).toEqual([])
      }),
      { numRuns: runs, examples: [[halves], [several]] },
    )
    // Every answer that there is was met.
    expect([...answers].sort()).toEqual(everyAnswer)
    await expectCleanAudit(db)
  })

  it('keeps each transfer for ever', async () => {
    await expect(db.query('update transfers set amount = amount + 1')).rejects.toThrow(
      'append-only',
    )
    await expect(db.query('delete from transfers')).rejects.toThrow('append-only')
  })

  it('lets no wallet below nothing, whatever a statement tries', async () => {
    await expect(
      db.query(`update ledger_accounts set balance = -1 where kind = 'customer'`),
    ).rejects.toThrow('no_overdraft')
  })

  it('ends a hold once when two transactions end it at the same time', async () => {
    for (let round = 0; round < 50; round++) {
      const { accountId } = await testCustomer(db, { credit: '1' })
      const held = {
        holdId: transferIdFor('race', accountId),
        accountId,
        currency: 'USD',
        amount: 7n,
      }
      await db.begin((tx) => holdAll(tx, now, held, [held]))
      const ended = await Promise.all([
        db.begin((tx) => post(tx, now, held, 4n)),
        db.begin((tx) => voidHolds(tx, now, [held])),
        db.begin((tx) => post(tx, now, held)),
        db.begin((tx) => voidHolds(tx, now, [held])),
      ])
      expect(
        ended.filter((one) => one === true || (Array.isArray(one) && one.length > 0)),
      ).toHaveLength(1)
    }
    await expectCleanAudit(db)
  })

  /** Currencies whose entries do not sum to nothing. */
  const sumsOfEntries = () =>
    db.query(`select currency, sum(amount) from entries group by 1 having sum(amount) <> 0`)
})

/** A hold of which a part is earned: random histories meet this too seldom to rely on it. */
const halves: [number, LedgerStep][] = [
  [0, { verb: 'credit', name: 0, amount: 20n }],
  [0, { verb: 'hold', holds: [{ name: 0, amount: 15n }] }],
  [0, { verb: 'post', place: 0, amount: 4n }],
  [0, { verb: 'post', place: 0, amount: null }],
  [0, { verb: 'void', places: [0] }],
]

const named = (...names: number[]) => names.map((name) => ({ name, amount: 1n }))

/** Several holds at once, of which some were made before. */
const several: [number, LedgerStep][] = [
  [1, { verb: 'credit', name: 0, amount: 20n }],
  [1, { verb: 'hold', holds: named(0, 1, 2) }],
  [1, { verb: 'hold', holds: named(1, 3, 4) }],
  [1, { verb: 'hold', holds: named(2, 0) }],
  [1, { verb: 'pay', holds: named(4, 5) }],
]

const everyAnswer = [
  ...['credit false', 'credit out of range', 'credit true'],
  ...['hold 0', 'hold 1', 'hold 2', 'hold 3', 'hold insufficient_balance', 'hold out of range'],
  ...['pay insufficient_balance', 'pay out of range', 'pay paid'],
  ...['post false', 'post none', 'post out of range', 'post true'],
  ...['void nothing', 'void some'],
]

/** An answer without the balances and ids in it. */
function kindOf(answer: string): string {
  if (answer === '') return 'nothing'
  return /^[0-9a-f]{8}-/.test(answer) ? 'some' : answer.replace(/ \d+$/, '')
}
