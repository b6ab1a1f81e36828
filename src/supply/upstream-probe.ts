// Tries the settings of an upstream supplier: asks for the balance, which buys nothing.
import { formatAmount } from '../core/money.ts'
import type { Probe, Settings } from './supplier.ts'
import type { BalanceReading, Upstream } from './upstream.ts'
import { readBalance, refusalText } from './upstream-readings.ts'

/** A probe that asks for the balance. Never fails. */
export const probeOf =
  (upstream: Pick<Upstream, 'balance'>) =>
  async (settings: Settings): Promise<Probe> =>
    probeIn(await readBalance(upstream, settings), settings)

/** What a balance says of the settings. */
function probeIn(reading: BalanceReading, { currency = '' }: Settings): Probe {
  if (reading.kind === 'unknown') return { ok: false, detail: reading.why }
  if (reading.kind === 'no') return { ok: false, detail: refusalText('the balance', reading) }
  const told = reading.currency ?? currency
  const detail = `the balance is ${formatAmount(reading.amount, reading.decimals)} ${told}`
  return told === currency
    ? { ok: true, detail }
    : { ok: false, detail: `${detail}, but the setting currency is ${currency}` }
}
