// Taking numbers out of sale, and putting them back. Orders that have them keep them until they end.
import type { Database, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { forgetMarks, markShelves, returnPassedBy } from './passed-by.ts'

export type NumberState = 'active' | 'disabled'

/** Who or what took a number out of sale: an operator, an operator who took out its whole batch, or the job
 * that looks for silent numbers. */
export type DisabledBy = 'operator' | 'batch' | 'silent'

/** Back on sale: all of the numbers, or those that are out of sale for a reason. */
export type Sale =
  | { readonly state: 'active'; readonly only?: DisabledBy }
  | { readonly state: 'disabled'; readonly by: DisabledBy }

/** A change locks the stock of its numbers' shelves, for which purchases wait: so numbers change in parts. */
export const numbersAChange = 1_000

export type Placed = {
  readonly id: number
  readonly shelf_id: number
  readonly position: number
  readonly state: NumberState
  readonly disabled_by: DisabledBy | null
}

/** Which reasons give way to each: what an operator took out, no message brings back. */
const weaker: Readonly<Record<DisabledBy, readonly DisabledBy[]>> = {
  operator: ['batch', 'silent'],
  batch: ['silent'],
  silent: [],
}

/**
 * Changes whether numbers are for sale, with the stock's counts.
 * @param ids at most `numbersAChange`; those of one shelf together, if possible
 * @returns the ids of those that changed; the others were in that state already, or are out of sale for
 * another reason
 */
export async function setSale(
  tx: Tx,
  now: Date,
  ids: readonly number[],
  sale: Sale,
): Promise<number[]> {
  const locked = await lockNumbers(tx, ids)
  if (sale.state === 'disabled') await giveReason(tx, now, ids, sale.by)
  const moved = locked.filter((number) => isMoved(number, sale))
  if (moved.length === 0) return []
  const columns = [
    moved.map((number) => number.id),
    moved.map((number) => number.shelf_id),
    moved.map((number) => number.position),
  ]
  await lockShelves(tx, moved)
  if (sale.state === 'active') await putBack(tx, now, columns)
  else await takeOut(tx, now, columns, sale.by)
  return moved.map((number) => number.id)
}

const isMoved = ({ state, disabled_by: by }: Placed, sale: Sale) =>
  state !== sale.state && (sale.state === 'disabled' || (sale.only ?? by) === by)

/** Ids, shelves and positions of numbers. */
type Columns = readonly (readonly number[])[]

async function takeOut(tx: Tx, now: Date, columns: Columns, by: DisabledBy) {
  const [ids = [], shelfIds = []] = columns
  const mark = await markShelves(tx, shelfIds)
  await tx.query(
    `update numbers set state = 'disabled', disabled_by = $2, disabled_at = $3, mark_id = $4,
            enabled_at = null
      where id = any($1)`,
    [ids, by, now, mark],
  )
  await countSale(tx, columns, -1)
  await letReturnedRest(tx, now, ids)
}

async function putBack(tx: Tx, now: Date, columns: Columns) {
  const [ids = []] = columns
  await tx.query(
    `update numbers set state = 'active', disabled_by = null, disabled_at = null, enabled_at = $2
      where id = any($1)`,
    [ids, now],
  )
  await countSale(tx, columns, 1)
  await returnPassedBy(tx, ids)
  await forgetMarks(tx, ids)
}

/** Locks numbers. Lock their shelves only afterwards. */
export const lockNumbers = (tx: Tx, ids: readonly number[]): Promise<Placed[]> =>
  tx.query<Placed>(
    `select id, shelf_id, position, state, disabled_by from numbers where id = any($1)
      order by id for no key update`,
    [ids],
  )

/** Locks the stock of numbers: meanwhile none of them is sold. */
export async function lockShelves(tx: Tx, numbers: readonly Placed[]): Promise<void> {
  await tx.query(
    `select 1 from stock where shelf_id = any($1) order by service_id, shelf_id for no key update`,
    [numbers.map((number) => number.shelf_id)],
  )
}

/** Gives numbers that are out of sale a stronger reason. */
async function giveReason(tx: Tx, now: Date, ids: readonly number[], by: DisabledBy) {
  await tx.query(
    `update numbers set disabled_by = $2, disabled_at = $3
      where id = any($1) and state = 'disabled' and disabled_by = any($4)`,
    [ids, by, now, weaker[by]],
  )
}

/** Adds numbers to what is left of each service that has not used them, or to which they have returned. */
function countSale(tx: Tx, columns: Columns, each: 1 | -1) {
  return tx.query(
    `with moved as (
       select * from unnest($1::int[], $2::int[], $3::int[]) as m(number_id, shelf_id, position)
     ), counted as (
       select st.service_id, st.shelf_id, count(*) as numbers
         from moved m join stock st on st.shelf_id = m.shelf_id and st.next_position <= m.position
        where not exists (select from taken_ahead t where t.service_id = st.service_id
                and t.shelf_id = m.shelf_id and t.position = m.position)
        group by 1, 2
       union all
       select r.service_id, r.shelf_id, count(*)
         from moved m join returned_numbers r on r.number_id = m.number_id group by 1, 2
     )
     update stock st set remaining = st.remaining + $4 * c.numbers
       from (select service_id, shelf_id, sum(numbers)::int as numbers from counted group by 1, 2) c
      where st.service_id = c.service_id and st.shelf_id = c.shelf_id`,
    [...columns, each],
  )
}

/** Numbers that had returned to sale return again as soon as they are active. */
async function letReturnedRest(tx: Tx, now: Date, ids: readonly number[]) {
  await tx.query(
    `with gone as (
       delete from returned_numbers where number_id = any($1)
       returning number_id, service_id, shelf_id)
     insert into resting_numbers (number_id, service_id, shelf_id, until)
     select number_id, service_id, shelf_id, $2 from gone
     on conflict do nothing`,
    [ids, now],
  )
}

/**
 * Withdraws a number from sale by an operator's decision, or restores it. Safe to repeat.
 * @returns its row, and its previous state
 * @throws not_found
 */
export function setNumberState(
  db: Database,
  now: Date,
  phone: string,
  state: NumberState,
): Promise<{ id: number; before: NumberState }> {
  return db.begin(async (tx) => {
    const [number] = await tx.query<{ id: number; state: NumberState }>(
      'select id, state from numbers where phone = $1 for no key update',
      [phone],
    )
    if (!number) throw new DomainError('not_found', `The number ${phone} is not in stock.`)
    const { id, state: before } = number
    await setSale(tx, now, [id], state === 'active' ? { state } : { state, by: 'operator' })
    return { id, before }
  })
}
