// Exchange rates: the value of one unit of the base currency. Set by an operator or by a feed.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { openCurrency } from '../ledger/ledger.ts'

/** The currency of offers' prices; rates give the value of one unit of it in other currencies. */
export const baseCurrency = 'USD'

export type Rate = {
  readonly currency: string
  /** A decimal. */
  readonly rate: string
  readonly updatedAt: Date
  /** On the base currency's row: when a feed was last fetched. */
  readonly fetchedAt: Date | null
}

/** One for each currency that is known: there are fewer than 200. */
export async function listRates(db: Queryable): Promise<Rate[]> {
  return db.query<Rate>(
    `select currency, trim_scale(rate)::text as rate, updated_at as "updatedAt",
            fetched_at as "fetchedAt" from rates order by currency`,
  )
}

/** Records that a feed was fetched. */
export async function noteFetch(tx: Tx, now: Date): Promise<void> {
  await tx.query('update rates set fetched_at = $2 where currency = $1', [baseCurrency, now])
}

/** Sets a rate from now on; prices of existing orders do not change.
 * @param rate a decimal greater than 0
 * @throws invalid_request */
export function setRate(db: Database, now: Date, currency: string, rate: string): Promise<void> {
  return db.begin((tx) => writeRate(tx, now, currency, rate))
}

export async function writeRate(tx: Tx, now: Date, currency: string, rate: string): Promise<void> {
  if (!/^\d{1,10}(\.\d{1,10})?$/.test(rate) || Number(rate) === 0)
    throw new DomainError('invalid_request', 'The rate must be a decimal number greater than 0.')
  if (currency === baseCurrency && Number(rate) !== 1)
    throw new DomainError(
      'invalid_request',
      `Offers are priced in ${baseCurrency}: its rate is always 1.`,
    )
  const [known] = await tx.query('select 1 as yes from currencies where code = $1', [currency])
  if (!known) throw new DomainError('invalid_request', `The currency ${currency} is unknown.`)
  await openCurrency(tx, currency)
  await tx.query(
    `insert into rates (currency, rate, decimals, escrow_id, updated_at)
     select c.code, $2, c.decimals, e.id, $3 from currencies c
       join ledger_accounts e on e.kind = 'escrow' and e.account_id is null and e.currency = c.code
      where c.code = $1
     on conflict (currency) do update set rate = excluded.rate, updated_at = excluded.updated_at`,
    [currency, rate, now],
  )
}
