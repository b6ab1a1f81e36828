// Exchange rates from a feed that the operator configures: JSON with a base currency and the value of one
// unit.
import { z } from 'zod'
import { baseCurrency, listRates, noteFetch, writeRate } from '../../core/catalog/rates.ts'
import type { Database } from '../../db/database.ts'

/** `{base: "EUR", rates: {USD: 1.08, ...}}`; some feeds use `base_code` or `conversion_rates`. */
const feed = z
  .object({
    base: z.string().optional(),
    base_code: z.string().optional(),
    rates: z.record(z.string(), z.number()).optional(),
    conversion_rates: z.record(z.string(), z.number()).optional(),
  })
  .transform((body) => ({
    base: body.base ?? body.base_code ?? '',
    rates: body.rates ?? body.conversion_rates ?? {},
  }))
  .refine(({ base }) => /^[A-Z]{3}$/.test(base), 'the base currency is missing')

const timeoutMs = 10_000
const maxBytes = 1024 * 1024
const fetchEveryMs = 12 * 60 * 60 * 1000
const retryEveryMs = 60 * 60 * 1000
/** A feed's error must not reprice a catalog: larger changes are left to the operator. */
const maxMove = 0.25
const rateDecimals = 10

/**
 * The value of one unit of the base currency, from a feed with any base. Currencies without a plausible
 * rate are omitted; if the feed does not have the base currency, the result is empty.
 */
export function ratesFrom(body: unknown): Map<string, number> {
  const { base, rates } = feed.parse(body)
  const all = new Map(Object.entries({ ...rates, [base]: 1 }))
  const ours = all.get(baseCurrency)
  const found = new Map<string, number>()
  if (ours === undefined || !(ours > 0)) return found
  for (const [currency, rate] of all) {
    const converted = rate / ours
    if (currency !== baseCurrency && Number.isFinite(converted) && converted > 0)
      found.set(currency, converted)
  }
  return found
}

/**
 * Fetches the feed if the last fetch was half a day ago, and stores plausible rates. No transaction is open
 * while the feed is requested.
 * @returns the number of stored rates
 */
export async function fetchRates(
  db: Database,
  now: Date,
  url: string,
  /** Called for each currency whose rate was ignored. */
  implausible: (currency: string) => void,
): Promise<number> {
  const known = new Map((await listRates(db)).map((rate) => [rate.currency, rate]))
  const last = known.get(baseCurrency)?.fetchedAt?.getTime() ?? 0
  if (now.getTime() - last < fetchEveryMs) return 0
  const fetched = await ask(url)
    .then(ratesFrom)
    .catch(async (error: unknown) => {
      // @NOTE feeds count requests: a failing one is requested again after an hour
      await db.begin((tx) => noteFetch(tx, new Date(now.getTime() - fetchEveryMs + retryEveryMs)))
      throw error
    })
  const currencies = await db.query<{ code: string }>('select code from currencies')
  const writable = currencies.flatMap(({ code }) => {
    const rate = fetched.get(code)
    const before = known.get(code)
    if (rate === undefined) return []
    if (before && Math.abs(rate / Number(before.rate) - 1) > maxMove) {
      implausible(code)
      return []
    }
    const text = rate.toFixed(rateDecimals)
    return Number(text) > 0 ? [[code, text] as const] : []
  })
  await db.begin(async (tx) => {
    for (const [code, rate] of writable) await writeRate(tx, now, code, rate)
    await noteFetch(tx, now)
  })
  return writable.length
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'error',
    headers: { accept: 'application/json' },
  })
  if (!response.ok)
    throw new Error(`the exchange rate feed answered with status ${response.status}`)
  const text = await response.text()
  if (text.length > maxBytes) throw new Error('the exchange rate feed is too large')
  return JSON.parse(text)
}
