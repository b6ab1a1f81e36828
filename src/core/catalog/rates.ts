// Rates: what one unit of the base currency is worth in another. An operator sets them.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { openCurrency } from '../ledger/ledger.ts'

export type Rate = { readonly currency: string; readonly rate: string; readonly updatedAt: Date }

export async function listRates(db: Queryable): Promise<Rate[]> {
  const rows = await db.query<{ currency: string; rate: string; updated_at: Date }>(
    'select currency, trim_scale(rate)::text as rate, updated_at from rates order by currency',
  )
  return rows.map((row) => ({ currency: row.currency, rate: row.rate, updatedAt: row.updated_at }))
}

/** Sets a rate from now on; prices of orders that were made stay what they were.
 * @param rate a decimal above nothing
 * @throws invalid_request */
export function setRate(db: Database, currency: string, rate: string): Promise<void> {
  return db.begin((tx) => writeRate(tx, currency, rate))
}

export async function writeRate(tx: Tx, currency: string, rate: string): Promise<void> {
  if (!/^\d{1,10}(\.\d{1,10})?$/.test(rate) || Number(rate) === 0)
    throw new DomainError('invalid_request', 'A rate is a decimal number above 0.')
  const [known] = await tx.query('select 1 as yes from currencies where code = $1', [currency])
  if (!known) throw new DomainError('invalid_request', `There is no currency ${currency}.`)
  await openCurrency(tx, currency)
  await tx.query(
    `insert into rates (currency, rate, decimals, escrow_id)
     select c.code, $2, c.decimals, e.id from currencies c
       join ledger_accounts e on e.kind = 'escrow' and e.account_id is null and e.currency = c.code
      where c.code = $1
     on conflict (currency) do update set rate = excluded.rate, updated_at = now()`,
    [currency, rate],
  )
}
