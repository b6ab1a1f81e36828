// Promise 4 for rentals of other platforms: the program is killed at each moment of a renewal and of a
// cancel. The platform has done it once, or not at all, and the money is right on both sides.
// `npm test` kills it at a few places, `npm run test:long` at all of them.
import { describe, expect, it } from 'vitest'
import { attempts } from '../harness/attempts.ts'
import { eventually } from '../harness/program.ts'
import { apis } from '../supply/upstream/between.ts'
import { type Order, openCrashGround } from './upstream-crash-ground.ts'

type Place = { table: string; on: string; when?: string } | 'sent' | 'done'

/** The moments of a renewal, from its plan to the answer's last row. */
const ofRenewal: Readonly<Record<string, Place>> = {
  'before it is planned': { table: 'allocations', on: 'insert' },
  'before it is sent': {
    ...{ table: 'allocations', on: 'update' },
    when: `new.purpose = 'renew' and new.state = 'asking'`,
  },
  'when it is sent': 'sent',
  'before its answer': 'done',
  'before its answer is recorded': {
    ...{ table: 'allocations', on: 'update' },
    when: `new.purpose = 'renew' and new.state = 'got' and old.state <> 'got'`,
  },
  'before it is paid': { table: 'transfers', on: 'insert', when: `new.kind = 'post'` },
  'before the rental is extended': {
    ...{ table: 'orders', on: 'update' },
    when: 'new.renewals > old.renewals',
  },
}
/** Those of a cancel. */
const ofCancel: Readonly<Record<string, Place>> = {
  'before it is wanted': {
    ...{ table: 'orders', on: 'update' },
    when: 'new.cancel_requested_at is not null and old.cancel_requested_at is null',
  },
  'when it is sent': 'sent',
  'before its answer': 'done',
  'before it is recorded': {
    ...{ table: 'orders', on: 'update' },
    when: `new.state = 'cancelled' and old.state <> 'cancelled'`,
  },
  'before the price is returned': { table: 'transfers', on: 'insert', when: `new.kind = 'refund'` },
}

const some = (of: Readonly<Record<string, Place>>, ...few: readonly string[]) =>
  Object.entries(of).filter(([name]) => attempts(few.includes(name), true))

describe.each(attempts(apis.slice(0, 1), apis.slice(0, 2)))(
  'a rental over $kind after kill -9',
  async (api) => {
    const ground = await openCrashGround(api)
    const { db, theirs, account, rent, read, whenIt, post, expectRight, whenCost } = ground
    const rented = async () => whenIt(await rent(), 'active')
    const killed = (place: Place, asked: 'renew' | 'cancel', order: Order) => {
      const work = async () => void post(order, asked)
      return typeof place === 'string'
        ? ground.killedAt(asked, place, work)
        : ground.killedWriting(place, work)
    }
    /** How often it was renewed here and there, and what of it is open here. */
    const renewalsOf = async (order: Order) => {
      const last = (await account.orders()).find(({ phone }) => phone === order.phone)
      const { renewals } = await theirs.app.orders.read(account.accountId, last?.id ?? 0n)
      const open = await db.query(
        `select 1 as yes from allocations
          where purpose = 'renew' and state in ('planned', 'asking', 'unknown')`,
      )
      const { renewals: ours } = (await read(order)) as Order & { renewals: number }
      return { ours, theirs: renewals, open: open.length }
    }

    for (const [name, place] of some(ofRenewal, 'before its answer', 'before it is paid'))
      it.runIf(api.kind === 'numlet')(`is renewed once: killed ${name}`, async () => {
        const order = await rented()
        await killed(place, 'renew', order)
        // What was never planned is not done: whoever asks again is the first.
        if (name === 'before it is planned') {
          expect(await renewalsOf(order)).toEqual({ ours: 0, theirs: 0, open: 0 })
          await expectRight({ ours: 'active', theirs: 'active' }, order)
          await post(order, 'renew')
        }
        await eventually(async () => (await renewalsOf(order)).open === 0)
        expect(await renewalsOf(order)).toEqual({ ours: 1, theirs: 1, open: 0 })
        await expectRight({ ours: 'active', theirs: 'active' }, order)
      })

    for (const [name, place] of some(ofCancel, 'when it is sent', 'before the price is returned'))
      it(`is cancelled on both sides: killed ${name}`, async () => {
        const order = await rented()
        await killed(place, 'cancel', order)
        if (name === 'before it is wanted') {
          await expectRight({ ours: 'active', theirs: 'active' }, order)
          await post(order, 'cancel')
        }
        await expectRight({ ours: 'cancelled', theirs: 'cancelled' }, order)
        await whenCost({ state: 'got', cost_state: 'voided', last_word: 'refunded' })
      })
  },
)
