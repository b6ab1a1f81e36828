// Converts the parameters of getNumber to selections of the core.
import type { Service } from '../../core/catalog/catalog.ts'
import { DomainError } from '../../core/error.ts'
import { type Amount, amountAsNumber, formatAmount } from '../../core/money.ts'
import { anyNumber, type Selection } from '../../core/orders/buying/selection.ts'
import { type Call, isSet } from './call.ts'
import { amountIn, settledBy } from './choice.ts'
import { refused } from './errors.ts'
import { lotsAt, operatorFor, sumOf } from './market.ts'
import { findCountry, findService, listed } from './names.ts'

const maxExceptions = 20
const maxAreas = 20
/** The most statements that one purchase may run. */
const maxSelections = 40

/** The country if a call names none: that of the key, that of the platform, or any. */
export async function countryWanted({ app, caller, ask }: Call): Promise<string | null> {
  const named = await findCountry(app, ask)
  return named?.code ?? caller.defaultCountry ?? app.settings().default_country
}

/** The selections of a purchase in the order in which they are tried: for each area code, and in it for each
 * chosen offer, cheapest first.
 * @throws service_not_found, country_not_found, out_of_stock and the protocol's own refusals */
export async function selectionsIn(call: Call): Promise<Selection[]> {
  assertSms(call)
  const service = await findService(call.app, call.ask.get('service'))
  const selection = await selectionOf(call, 'activation', service)
  const maxPrice = await maxPriceIn(call, service.id, selection.country)
  const settled = await settledBy(call, { ...selection, maxPrice, exclude: exceptionsIn(call) })
  const areas = areasIn(call)
  if (areas.length === 0) return settled
  const ofEach = settled.slice(0, Math.max(1, Math.floor(maxSelections / areas.length)))
  return areas.flatMap((area) => ofEach.map((one) => ({ ...one, area }))).slice(0, maxSelections)
}

/** The selection of a service in the country and from the operator that the call names.
 * @throws country_not_found */
export async function selectionOf(
  call: Call,
  kind: 'activation' | 'rental',
  { id: serviceId }: Pick<Service, 'id'>,
): Promise<Selection & { readonly serviceId: number }> {
  const country = await countryWanted(call)
  const operatorId = country === null ? null : await operatorFor(call, { kind, serviceId, country })
  return { ...anyNumber, serviceId, country, operatorId }
}

/** Numbers for calls are never in stock. @throws out_of_stock */
export function assertSms({ ask }: Call): void {
  const type = ask.get('activationType') ?? '0'
  const flags = ['forward', 'verification', 'incomingCall'].some((name) => isSet(ask.get(name)))
  const forwards = listed(ask.get('multiForward')).some((one) => one !== '0')
  if (type !== '0' || flags || forwards)
    throw new DomainError('out_of_stock', 'Numbers for calls are not available.')
}

/** @throws the protocol's refusal of an invalid price, which names the lowest price */
async function maxPriceIn(
  call: Call,
  serviceId: number,
  country: string | null,
): Promise<Amount | null> {
  const text = call.ask.get('maxPrice') ?? call.ask.get('max_price')
  if (text === undefined) return null
  const amount = amountIn(text)
  if (amount === null) throw await belowTheLowest(call, serviceId, country)
  return amount
}

/** The refusal of a maximum price, with the lowest price that is available. */
export async function belowTheLowest(
  call: Call,
  serviceId: number,
  country: string | null,
): Promise<DomainError> {
  const lots = await lotsAt(call, { serviceId, country: country ?? undefined })
  const { price, stock } = sumOf(lots)
  if (stock === 0) return new DomainError('out_of_stock', 'No number is available.')
  return new DomainError(
    'price_above_maximum',
    'Nothing is in stock at or below your maximum price.',
    { value: formatAmount(price, call.caller.decimals), info: { min: amountAsNumber(price) } },
  )
}

function exceptionsIn({ ask }: Call): string[] {
  const prefixes = listed(ask.get('phoneException'))
  if (prefixes.length > maxExceptions || !prefixes.every((one) => /^\d{1,12}$/.test(one)))
    throw refused('The prefixes to exclude must be digits, at most 20 of them.', {
      token: 'WRONG_EXCEPTION_PHONE',
      hero: [422],
    })
  return prefixes
}

/** @throws out_of_stock for text that cannot be an area code */
function areasIn({ ask }: Call): string[] {
  const areas = listed(ask.get('areas'))
  if (areas.length > maxAreas || !areas.every((one) => /^\d{1,6}$/.test(one)))
    throw new DomainError('out_of_stock', 'No number is available in these areas.')
  return areas
}
