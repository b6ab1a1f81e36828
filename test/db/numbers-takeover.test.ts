// Numbers of a database from before there were batches.
import { cp, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { installCatalog } from '../../src/core/catalog/install.ts'
import { setNumberState } from '../../src/core/inventory/sale.ts'
import { migrate } from '../../src/db/migrate.ts'
import { testDatabase } from '../harness/database.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

const released = fileURLToPath(new URL('../../src/db/migrations/', import.meta.url))
const added = '0022-number-batches.sql'

it('lets numbers rest that had returned to sale and are disabled, and keeps the others', async () => {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  const folder = `${scratch}/migrations/`
  await cp(released, folder, { recursive: true })
  await rm(`${folder}${added}`)
  const { db } = await testDatabase('empty')
  await migrate(db, { folder })
  await db.begin((tx) => installCatalog(tx, new Date()))
  await db.query(
    `insert into suppliers (name, kind) values ('one', 'http-callback');
     insert into shelves (country, operator_id, pool)
       select country, id, '1' from operators where country = 'GB' order by id limit 1;
     insert into numbers (phone, supplier_id, shelf_id, position, state) values
       ('+447700900001', 1, 1, 1, 'disabled'), ('+447700900002', 1, 1, 2, 'active');
     insert into returned_numbers (number_id, service_id, shelf_id) values (1, 22, 1), (2, 22, 1)`,
  )

  expect(await migrate(db)).toContain(added)

  expect(await db.query('select number_id from returned_numbers')).toEqual([{ number_id: 2 }])
  expect(await db.query('select number_id from resting_numbers')).toEqual([{ number_id: 1 }])
  const numbers = await db.query('select batch_id, disabled_by, mark_id from numbers order by id')
  const unknown = { batch_id: null, disabled_by: null, mark_id: null }
  expect(numbers).toEqual([unknown, unknown])
  // Whoever disabled it did so as an operator: it is put back like any other.
  expect(await setNumberState(db, new Date(), '+447700900001', 'active')).toMatchObject({
    before: 'disabled',
  })
})
