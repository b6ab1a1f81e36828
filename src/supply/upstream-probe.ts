// Tries the settings of an upstream supplier: asks for the balance, which buys nothing.
import { formatAmount } from '../core/money.ts'
import { converse } from './conversation.ts'
import { send } from './http-client.ts'
import type { Probe, Settings } from './supplier.ts'
import type { BalanceReading, NoClass, Upstream } from './upstream.ts'

const timeoutMs = 10_000

/** A probe that asks for the balance. Never fails. */
export const probeOf =
  ({ balance }: Pick<Upstream, 'balance'>) =>
  async (settings: Settings): Promise<Probe> => {
    const sending = { timeoutMs, now: () => new Date(), ca: settings.ca }
    return probeIn(await converse(balance(settings), (request) => send(request, sending)), settings)
  }

/** What a balance says of the settings. */
function probeIn(reading: BalanceReading, { currency = '' }: Settings): Probe {
  if (reading.kind === 'unknown') return { ok: false, detail: reading.why }
  if (reading.kind === 'no') return { ok: false, detail: refusals[reading.class] }
  const told = reading.currency ?? currency
  const detail = `the balance is ${formatAmount(reading.amount, reading.decimals)} ${told}`
  return told === currency
    ? { ok: true, detail }
    : { ok: false, detail: `${detail}, but the setting currency is ${currency}` }
}

const refusals: Readonly<Record<NoClass, string>> = {
  key: 'the platform refuses the key',
  busy: 'the platform asks to wait: too many requests',
  unreached: 'the platform cannot be reached, or its certificate is not trusted',
  empty: 'the platform answers to the balance as to an order',
  price: 'the platform answers to the balance as to an order',
  name: 'the platform answers to the balance as to an order',
  dry: 'the platform answers to the balance as to an order',
}
