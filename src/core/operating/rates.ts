// Operators' verb on exchange rates.
import type { Database } from '../../db/database.ts'
import { listRates, setRate } from '../catalog/rates.ts'
import { type By, logged } from '../operator-log.ts'

/** Sets the value of one US dollar in a currency. @throws invalid_request */
export async function changeRate(
  db: Database,
  now: Date,
  by: By,
  currency: string,
  value: string,
): Promise<void> {
  await logged(
    db,
    by,
    async (within) => {
      const before = (await listRates(within)).find((one) => one.currency === currency)
      await setRate(within, now, currency, value)
      return before?.rate ?? null
    },
    (before) => ({
      action: 'rate.set',
      subject: { type: 'rate', id: currency },
      detail: { before: { rate: before }, after: { rate: value } },
    }),
  )
}
