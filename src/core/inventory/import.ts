// Adding numbers to the stock.
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import type { Database, Tx } from '../../db/database.ts'
import { openStock } from '../catalog/set-offers.ts'
import { countLines, type Refused } from './batches.ts'

export type NumberBatch = {
  readonly supplierId: number
  readonly country: string
  readonly operatorId: number
  readonly pool: string
  /** E.164, validated. */
  readonly phones: readonly string[]
  /** What the numbers belong to, and the lines between them that are not imported. */
  readonly batch?: { readonly id: number; readonly refused: Refused }
}

export type Imported = {
  readonly imported: number
  /** Numbers that were already in stock, from any supplier. */
  readonly known: readonly string[]
  readonly offersMade: number
}

const numbersAStatement = 10_000

/** Why a text is not an E.164 number of the country; null if it is one.
 * @param callingCode the country's calling code, digits */
export function phoneProblem(text: string, callingCode: string): string | null {
  if (!/^\+[1-9]\d{5,14}$/.test(text)) return 'is not in E.164 form (+ and 6 to 15 digits)'
  if (!text.startsWith(`+${callingCode}`)) return `does not begin with +${callingCode}`
  const parsed = parsePhoneNumberFromString(text)
  // @NOTE only "possible" is required: fictional numbers and new ranges are not in any numbering plan
  if (!parsed?.isPossible()) return 'is too short or too long for its country'
  return null
}

/** The area code as buyers know it: in the North American plan the three digits after +1. */
const areaOf = (phone: string) => (phone.startsWith('+1') ? phone.slice(2, 5) : '')

/**
 * Adds numbers to their shelves in random order and makes them available: a service that has a price in this
 * country, but none on such a shelf, gets an offer at its lowest price there.
 */
export async function importNumbers(db: Database, batch: NumberBatch): Promise<Imported> {
  const known: string[] = []
  let imported = 0
  let offersMade = 0
  for (let start = 0; start < batch.phones.length; start += numbersAStatement) {
    const phones = batch.phones.slice(start, start + numbersAStatement)
    const result = await db.begin(async (tx) => {
      const fresh = await insertNumbers(tx, batch, phones)
      const offers = await offerShelves(tx, batch, fresh)
      if (batch.batch) {
        const known = phones.length - fresh.length
        const refused = start === 0 ? batch.batch.refused : { count: 0, named: [] }
        await countLines(tx, batch.batch.id, { added: fresh.length, known, refused })
      }
      return { fresh, offers }
    })
    const added = new Set(result.fresh.map((row) => row.phone))
    imported += added.size
    offersMade += result.offers
    known.push(...phones.filter((phone) => !added.has(phone)))
  }
  return { imported, known, offersMade }
}

type FreshNumber = { id: number; phone: string; shelf_id: number }

async function insertNumbers(
  tx: Tx,
  batch: NumberBatch,
  phones: readonly string[],
): Promise<FreshNumber[]> {
  await tx.query(
    `insert into shelves (country, operator_id, pool, area)
     select $1, $2, $3, a from unnest($4::text[]) as a group by a order by a on conflict do nothing`,
    [batch.country, batch.operatorId, batch.pool, phones.map(areaOf)],
  )
  const shelves = await tx.query<{ id: number; area: string; next_position: number }>(
    `select id, area, next_position from shelves
      where country = $1 and operator_id = $2 and pool = $3 and area = any($4)
      order by id for no key update`,
    [batch.country, batch.operatorId, batch.pool, phones.map(areaOf)],
  )
  const fresh = await tx.query<FreshNumber>(
    `insert into numbers (phone, supplier_id, batch_id, shelf_id, position)
     select p.phone, $1, $7, s.id, s.next_position - 1
            + row_number() over (partition by s.id order by random())
       from unnest($2::text[], $3::text[]) as p(phone, area)
       join unnest($4::int[], $5::text[], $6::int[]) as s(id, area, next_position) using (area)
     on conflict (phone) do nothing returning id, phone, shelf_id`,
    [
      batch.supplierId,
      phones,
      phones.map(areaOf),
      shelves.map((shelf) => shelf.id),
      shelves.map((shelf) => shelf.area),
      shelves.map((shelf) => shelf.next_position),
      batch.batch?.id ?? null,
    ],
  )
  await tx.query(
    `update shelves sh set next_position = 1 + coalesce(
       (select max(n.position) from numbers n where n.shelf_id = sh.id), 0) where sh.id = any($1)`,
    [shelves.map((shelf) => shelf.id)],
  )
  return fresh
}

/** Adds the new numbers to the stock of every service sold on their shelves. */
async function offerShelves(tx: Tx, batch: NumberBatch, fresh: readonly FreshNumber[]) {
  if (fresh.length === 0) return 0
  // A reserved pool sells only what the operator offers there.
  const offers = await tx.query(
    `insert into offers (kind, service_id, country, operator_id, pool, price)
     select 'activation', s.id, $1, $2, $3, coalesce(
              (select min(o.price) from offers o where o.service_id = s.id and o.country = $1
                  and o.kind = 'activation' and o.pool = $3),
              (select min(o.price) from offers o where o.service_id = s.id and o.country = $1
                  and o.kind = 'activation'),
              s.default_price)
       from services s
      where s.test is null and coalesce(s.default_price,
              (select min(o.price) from offers o where o.service_id = s.id and o.country = $1
                  and o.kind = 'activation')) is not null
        and not exists (select from pools p where p.id = $3 and p.reserved)
     on conflict (service_id, country, kind, operator_id, pool, duration) do nothing
     returning 1 as yes`,
    [batch.country, batch.operatorId, batch.pool],
  )
  await tx.query(
    `update stock st set remaining = st.remaining + f.numbers
       from (select shelf_id, count(*)::int as numbers from unnest($1::int[]) as shelf_id group by 1) f
      where st.shelf_id = f.shelf_id`,
    [fresh.map((row) => row.shelf_id)],
  )
  await openStock(
    tx,
    fresh.map((row) => row.shelf_id),
  )
  return offers.length
}
