// Orders and late messages of a database from before late codes could be claimed.
import { cp, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import { installCatalog } from '../../src/core/catalog/install.ts'
import { migrate } from '../../src/db/migrate.ts'
import { testDatabase } from '../harness/database.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { testCustomer } from '../harness/server.ts'

const released = fileURLToPath(new URL('../../src/db/migrations/', import.meta.url))
const added = '0026-late-codes.sql'

/** A cancelled order with a message that came after it. */
const orderOfBefore = `
  with hold as (select gen_random_uuid() as id),
  made as (
    insert into orders (id, account_id, kind, state, service_id, country, operator_id, pool, offer_id,
      number_id, phone, price, currency, hold_id, created_at, cancel_after, expires_at, closed_at)
    select 500000, $1, 'activation', 'cancelled', 1, 'GB', 1, '1', 1, 1, '+447700900001', 0, 'USD', h.id,
           now() - interval '10 min', now(), now() + interval '1 h', now() - interval '5 min'
      from hold h returning id)
  insert into messages (supplier_id, state, phone, number_id, sender, text, code, code_as_written, order_id,
    account_id, received_at)
  select 1, 'late', '+447700900001', 1, 'Example', 'Your code: 4711', '4711', '4711', m.id, $1, now()
    from made m`

it('stay as they are: nobody can claim what nobody was sure of', async () => {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  const folder = `${scratch}/migrations/`
  await cp(released, folder, { recursive: true })
  await rm(`${folder}${added}`)
  const { db } = await testDatabase('empty')
  await migrate(db, { folder })
  await db.begin((tx) => installCatalog(tx, new Date()))
  const { accountId } = await testCustomer(db)
  await db.query(orderOfBefore, [accountId])

  expect(await migrate(db)).toContain(added)

  expect(await db.query('select late_until, claimed_at, claim_hold_id from orders')).toEqual([
    { late_until: null, claimed_at: null, claim_hold_id: null },
  ])
  expect(await db.query('select state, claimable, code from messages')).toEqual([
    { state: 'late', claimable: null, code: '4711' },
  ])
  const wrong = (await audit(db, new Date())).checks.filter(({ ok }) => !ok)
  expect(wrong.map(({ name }) => name)).not.toContain('late-codes-are-there')
  // Only the order of a claim has its hold and its time, and both.
  for (const change of ['claimed_at = now()', 'claim_hold_id = gen_random_uuid()'])
    await expect(db.query(`update orders set ${change}`)).rejects.toThrow('claims_are_sound')
  await expect(
    db.query(`update orders set claimed_at = now(), claim_hold_id = hold_id, state = 'finished'`),
  ).rejects.toThrow('claims_are_sound')
  await db.query(`update orders set claimed_at = now(), claim_hold_id = gen_random_uuid()`)
  await db.query(`update messages set state = 'claimed', claimable = true`)
})
