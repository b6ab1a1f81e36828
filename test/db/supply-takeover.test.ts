// Orders and the ledger of a database from before suppliers could be asked for numbers.
import { cp, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { testDatabase } from '../harness/database.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

const released = fileURLToPath(new URL('../../src/db/migrations/', import.meta.url))
const added = ['0023-upstream-supply.sql', '0024-upstream-supply-checked.sql']

it('takes orders, stock and wallets over, and holds them to the new rules', async () => {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  const folder = `${scratch}/migrations/`
  await cp(released, folder, { recursive: true })
  for (const name of added) await rm(`${folder}${name}`)
  const { db } = await testDatabase('empty')
  await migrate(db, { folder }).catch((error) => {
    // The functions of this version name what the migrations add; the schema is there.
    if (!String(error).includes('does not exist')) throw error
  })
  await db.query(
    `insert into orders (id, account_id, kind, state, service_id, country, operator_id, pool, offer_id,
       number_id, phone, price, currency, hold_id, created_at, cancel_after, expires_at)
     values (1, 1, 'activation', 'waiting', 1, 'GB', 1, '1', 1, 1, '+447700900001', 1, 'USD',
         gen_random_uuid(), now(), now(), now() + interval '1 hour'),
       (2, 1, 'activation', 'allocating', 1, 'GB', 1, '1', 1, null, null, 1, 'USD',
         gen_random_uuid(), now(), now(), now() + interval '1 hour')`,
  )
  await db.query(
    `insert into stock (service_id, shelf_id, country, operator_id, pool, area, offer_id, price, remaining)
     values (1, 1, 'GB', 1, '1', '', 1, 1, 3), (1, 2, 'GB', 1, '1', '', 1, 1, 0)`,
  )
  await db.query(
    `insert into ledger_accounts (kind, account_id, currency) values ('customer', 1, 'USD')`,
  )

  expect(await migrate(db)).toEqual(expect.arrayContaining(added))

  expect(
    await db.query('select id, state, allocate_by = expires_at as due from orders order by id'),
  ).toEqual([
    { id: 1n, state: 'waiting', due: null },
    { id: 2n, state: 'allocating', due: true },
  ])
  expect(await db.query('select shown, upstream, for_sale from stock order by shelf_id')).toEqual([
    { shown: 3, upstream: 0, for_sale: true },
    { shown: 0, upstream: 0, for_sale: false },
  ])
  expect(
    await db.query(
      `select distinct convalidated from pg_constraint
        where conname = 'sound' and conrelid = 'orders'::regclass`,
    ),
  ).toEqual([{ convalidated: true }])
  const sets = [
    // It has neither a number nor an allocation, or both, or none and no time.
    `number_id = null`,
    `allocation_id = 1`,
    `state = 'allocating'`,
  ]
  for (const set of sets)
    await expect(db.query(`update orders set ${set} where id = 1`)).rejects.toThrow('sound')
  await db.query(`update orders set number_id = null, allocation_id = 1 where id = 1`)
  const account = (kind: string, supplier: number | null) =>
    db.query('insert into ledger_accounts (kind, supplier_id, currency) values ($1, $2, $3)', [
      kind,
      supplier,
      'USD',
    ])
  await account('prepaid', 1)
  await account('funding', null)
  await expect(account('prepaid', 1)).rejects.toThrow('unique')
  await expect(account('prepaid', null)).rejects.toThrow('suppliers_accounts')
  await expect(account('revenue', 1)).rejects.toThrow('suppliers_accounts')
})
