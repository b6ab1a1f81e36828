// Exchange rates that have moved since a supplier's products were priced: at their prices, sales might lose
// money, or be too dear. Nothing of the supplier is for sale until its rules have run again, or an operator
// says so.
import type { Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { restockOf } from './source-news.ts'

/**
 * Takes the stock of suppliers whose rate has moved off the shelves. From the moment on that the rate is
 * written, sources_for does not choose them. Safe to repeat.
 * @returns the names of all such suppliers
 */
export async function noteRateMoves(tx: Tx, now: Date): Promise<readonly string[]> {
  const moved = await tx.query<{ id: number }>(
    `update suppliers p set rate_moved_at = $1
       from rates r
      where r.currency = p.currency and p.rate_moved_at is null and rate_has_moved(p.priced_rate, r.rate)
     returning p.id`,
    [now],
  )
  await restockOf(
    tx,
    now,
    moved.map(({ id }) => id),
  )
  const names = await tx.query<{ name: string }>(
    `select name from suppliers where rate_moved_at is not null and state <> 'off' order by name limit 1000`,
  )
  return names.map(({ name }) => name)
}

/** A rate by which a supplier's products are priced, and the one that holds. */
export type Repriced = {
  readonly currency: string
  readonly before: string | null
  readonly after: string
}

/** Notes that the prices of a supplier's products are right at the rate that holds: an operator says so, or
 * its rules have just made them. @throws not_found, invalid_request if there is no rate */
export async function acceptRate(
  tx: Tx,
  name: string,
): Promise<Repriced & { readonly id: number }> {
  const [row] = await tx.query<Repriced & { id: number }>(
    `update suppliers p set priced_rate = r.rate, rate_moved_at = null
       from suppliers b, rates r
      where p.name = $1 and b.id = p.id and r.currency = p.currency
     returning p.id, p.currency, trim_scale(b.priced_rate)::text as before,
       trim_scale(r.rate)::text as after`,
    [name],
  )
  if (row) return row
  const [known] = await tx.query('select 1 as yes from suppliers where name = $1', [name])
  if (!known) throw new DomainError('not_found', `There is no supplier ${name}.`)
  throw new DomainError(
    'invalid_request',
    `${name} has no currency with a rate: its numbers are not sold by one.`,
  )
}
