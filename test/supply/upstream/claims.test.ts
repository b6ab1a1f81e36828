// A request is claimed by one node, also when another one reads it at the same moment.
import { describe, expect, it } from 'vitest'
import { claimAsks } from '../../../src/core/supply/asks.ts'
import { eventually } from '../../harness/program.ts'
import { serverOn } from '../../harness/server.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

const heldKey = 728_303
const waiting = `select 1 as yes from pg_locks
  where locktype = 'advisory' and not granted and objid = ${heldKey}
    and database = (select oid from pg_database where datname = current_database())`

describe('a request that two nodes read before either has claimed it', async () => {
  const { app, db, databaseUrl, dealing, accountId, offerId } = await upstreamDesk()
  const { supplierId } = await openUpstream(db, app.now(), { offerId, stock: 5 })
  const other = await serverOn(databaseUrl)
  // The first statement that reads suppliers waits, when it has begun and before it locks anything.
  await db.query(
    `create sequence readings;
     create function wait_once() returns boolean language plpgsql volatile as $$
     begin
       if nextval('readings') = 1 then perform pg_advisory_xact_lock(${heldKey}); end if;
       return true;
     end $$;
     alter table suppliers rename to all_suppliers;
     create view suppliers as select * from all_suppliers where wait_once()`,
  )
  await db.query(`select setval('readings', 1)`)

  it('is claimed by one of them', async () => {
    await app.orders.buy(purchaseOf(accountId))
    const claim = (on: typeof app) => claimAsks({ ...dealing, db: on.db }, app.now(), supplierId)
    const [slow, quick] = await db.begin(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(${heldKey})`)
      await tx.query(`select setval('readings', 1, false)`)
      const slow = claim(other.app)
      await eventually(async () => (await db.query(waiting)).length > 0)
      return [slow, await claim(app)] as const
    })
    expect(quick).toHaveLength(1)
    expect(await slow).toEqual([])
    expect(await db.query('select state, claims from allocations')).toEqual([
      { state: 'asking', claims: 1 },
    ])
    await expectCleanAudit(db)
  })
})
