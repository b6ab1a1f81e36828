// How far a supplier of other platforms' numbers may be asked: settings whose values the claims of requests
// read, and which therefore are columns as well.
import { type Amount, parseAmount } from '../money.ts'

/** What holds unless an operator says otherwise. There is no limit of a day then. */
export const defaultLimits = { maxAsking: 20, askTimeoutMs: 5_000 } as const

/** The keys of these settings. Their values are no secrets: the operator log has them. */
export const limitKeys = ['max_asking', 'daily_limit', 'ask_timeout_ms'] as const

type Limited = { readonly config: Readonly<Record<string, string>> }

export type SupplierLimits = {
  /** Requests under way at the same time. */
  readonly maxAsking: number
  readonly askTimeoutMs: number
  /** The most that numbers of one day may cost, in the supplier's currency; null: any amount. */
  readonly dailyLimit: Amount | null
}

/** The limits in a supplier's settings, which were checked when they were given. */
export const limitsIn = ({ config }: Limited): SupplierLimits => ({
  maxAsking: Number(config.max_asking ?? defaultLimits.maxAsking),
  askTimeoutMs: Number(config.ask_timeout_ms ?? defaultLimits.askTimeoutMs),
  dailyLimit: parseAmount(config.daily_limit ?? ''),
})

/** The values of those limits that an operator has set, for the log. */
export const limitTexts = ({ config }: Limited) =>
  Object.fromEntries(limitKeys.map((key) => [key, config[key] ?? null]))
