// What the database refuses of allocations, whatever the program does.
import { describe, expect, it } from 'vitest'
import { testDatabase } from '../../harness/database.ts'

const hold = '00000000-0000-4000-8000-000000000000'

/** Columns of a row; values are SQL. */
type Columns = Readonly<Record<string, string>>

const asked: Columns = { asked_at: 'now()', max_cost: '100' }
const asking: Columns = { state: `'asking'`, ...asked, lease_until: 'now()' }
const paid: Columns = { cost: '90', cost_hold_id: `'${hold}'`, cost_state: `'held'` }
const got: Columns = {
  ...{ state: `'got'`, ...asked, ...paid, upstream_ref: `'7'`, phone: `'+447700900001'` },
}
const { lease_until, ...unleased } = asking
const { cost, ...unpriced } = got
const { phone, ...numberless } = got
const { upstream_ref, ...nameless } = got

describe('an allocation', async () => {
  const { db } = await testDatabase()
  await db.query(`insert into suppliers (name, kind, currency) values ('one', 'simulator', 'USD')`)

  const insert = (columns: Columns) => {
    const row: Columns = {
      ...{ order_id: '1', supplier_id: '1', source_id: '1', attempt: '1', price_base: '100' },
      ...{ request_key: 'gen_random_uuid()::text', created_at: 'now()', allocate_by: 'now()' },
      ...{ currency: `'USD'`, ...columns },
    }
    return db.begin(async (tx) => {
      await tx.query('delete from allocations')
      await tx.query(
        `insert into allocations (${Object.keys(row).join(', ')})
         values (${Object.values(row).join(', ')})`,
      )
      return 'stored'
    })
  }

  it.each<[string, Columns]>([
    ['planned', {}],
    ['asking', asking],
    ['with a number', got],
    ['given up, without a phone', { ...numberless, state: `'given_up'` }],
    ['unknown', { ...unleased, state: `'unknown'` }],
    ['refused', { state: `'refused'` }],
    ['of a reference whose number is still to come', { ...asking, ...paid, upstream_ref: `'7'` }],
    ['over', { ...got, cost_state: `'voided'`, last_word: `'refunded'`, last_word_at: 'now()' }],
  ])('may be %s', async (_what, columns) => {
    expect(await insert(columns)).toBe('stored')
  })

  it.each<[string, Columns]>([
    ['in an unknown state', { state: `'lost'` }],
    ['asking without a lease', unleased],
    ['asking without a maximum cost', { ...asking, max_cost: 'null' }],
    ['planned with a reference', { ...paid, upstream_ref: `'7'` }],
    ['with a number but no phone', numberless],
    ['with a number but no reference', nameless],
    ['with a number but no cost', unpriced],
    ['with a number whose cost is not held', { ...got, cost_state: `'none'` }],
    ['over, with its cost still held', { ...got, last_word: `'refunded'`, last_word_at: 'now()' }],
    ['over at no time', { ...got, cost_state: `'posted'`, last_word: `'charged'` }],
    ['with a number that is none', { ...got, phone: `'07700900001'` }],
    ['refused with a reference', { ...got, state: `'refused'` }],
  ])('cannot be %s', async (_what, columns) => {
    await expect(insert(columns)).rejects.toMatchObject({ code: '23514' })
  })

  it('is one at a time for each order, and names its number at its supplier once', async () => {
    await insert(got)
    const again = (columns: Columns) => {
      const names = ['order_id', 'attempt', 'state', 'upstream_ref', 'supplier_id', 'request_key']
      const row: Columns = { ...Object.fromEntries(names.map((name) => [name, name])), ...columns }
      return db.query(
        `insert into allocations (${names.join(', ')}, source_id, price_base, created_at, allocate_by,
           currency, asked_at, max_cost, phone, cost, cost_hold_id, cost_state)
         select ${names.map((name) => row[name]).join(', ')}, source_id, price_base, created_at,
                allocate_by, currency, asked_at, max_cost, phone, cost, gen_random_uuid(), cost_state
           from allocations limit 1`,
      )
    }
    const other = { request_key: `gen_random_uuid()::text`, attempt: '2' }
    const twice = { code: '23505' }
    await expect(again({})).rejects.toMatchObject(twice)
    await expect(again({ ...other, order_id: '2' })).rejects.toMatchObject(twice)
    await expect(again({ ...other, upstream_ref: `'8'` })).rejects.toMatchObject(twice)
    await expect(again({ ...other, state: `'given_up'` })).rejects.toMatchObject(twice)
    await again({ ...other, upstream_ref: `'8'`, state: `'given_up'` })
    await again({ ...other, order_id: '2', supplier_id: '2' })
  })
})
