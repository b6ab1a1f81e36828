// What operators ask of other platforms at the moment: balances and price lists.
import { converse } from './conversation.ts'
import { send } from './http-client.ts'
import type { Settings } from './supplier.ts'
import type { BalanceReading, NoClass, PriceListReading, Talk, Upstream } from './upstream.ts'

/** Of one request. A price list of every country is long. */
const timeoutsMs = { balance: 10_000, priceList: 60_000 } as const

/** Asks for the balance, which buys nothing. Never fails. */
export const readBalance = (
  upstream: Pick<Upstream, 'balance'>,
  settings: Settings,
): Promise<BalanceReading> => conversation(upstream.balance(settings), settings, timeoutsMs.balance)

/** Asks for the price list. Never fails. */
export const readPriceList = (
  upstream: Pick<Upstream, 'priceList'>,
  settings: Settings,
): Promise<PriceListReading> =>
  conversation(upstream.priceList(settings), settings, timeoutsMs.priceList)

function conversation<T>(talk: Talk<T>, settings: Settings, timeoutMs: number): Promise<T> {
  const sending = { timeoutMs, now: () => new Date(), ca: settings.ca }
  return converse(talk, (request) => send(request, sending))
}

/** Why a platform says nothing, for operators. `what`: what it was asked for. */
export function refusalText(what: string, reading: { kind: 'no'; class: NoClass }): string {
  const texts: Readonly<Record<NoClass, string>> = {
    key: 'the platform refuses the key',
    busy: 'the platform asks to wait: too many requests',
    unreached: 'the platform cannot be reached, or its certificate is not trusted',
    empty: `the platform answers to ${what} as to an order`,
    price: `the platform answers to ${what} as to an order`,
    name: `the platform answers to ${what} as to an order`,
    dry: `the platform answers to ${what} as to an order`,
  }
  return texts[reading.class]
}
