// The lines of a price file: what each of them asks for, or what is wrong with it.
import type { Catalog } from '../catalog/catalog.ts'
import { type Amount, parseAmount } from '../money.ts'
import { meant } from '../nearest.ts'
import type { OperatedOffer } from './offers.ts'

export const priceFileColumns = [
  'kind',
  'service',
  'country',
  'operator',
  'pool',
  'duration',
  'price',
  'state',
] as const
export type Column = (typeof priceFileColumns)[number]

/** One line of a file: its cells by column. */
export type PriceLine = {
  /** The line number, from 1. */
  readonly at: number
  readonly cells: Readonly<Partial<Record<Column, string>>>
}

export type LineProblem = { readonly at: number; readonly problem: string }

export type Wanted = Omit<OperatedOffer, 'id' | 'closed' | 'price' | 'active'> & {
  readonly at: number
  /** Null: unchanged. */
  readonly price: Amount | null
  readonly active: boolean | null
}

export const keyOf = (
  offer: Pick<
    OperatedOffer,
    'kind' | 'serviceId' | 'country' | 'operatorId' | 'pool' | 'durationS'
  >,
) =>
  [offer.kind, offer.serviceId, offer.country, offer.operatorId, offer.pool, offer.durationS].join(
    ' ',
  )

export function readLines(
  catalog: Catalog,
  lines: readonly PriceLine[],
  known: ReadonlyMap<string, OperatedOffer>,
) {
  const wanted: Wanted[] = []
  const problems: LineProblem[] = []
  const seen = new Map<string, number>()
  for (const line of lines) {
    const found = readLine(catalog, line)
    if (typeof found === 'string') {
      problems.push({ at: line.at, problem: found })
      continue
    }
    const key = keyOf(found)
    const before = seen.get(key)
    if (before !== undefined)
      problems.push({ at: line.at, problem: `names the same offer as line ${before}` })
    else if (found.price === null && !known.has(key))
      problems.push({ at: line.at, problem: 'has no price, and the offer does not exist yet' })
    else wanted.push(found)
    seen.set(key, line.at)
  }
  return { wanted, problems }
}

/** Parses a line, or says what is wrong with it. */
function readLine(catalog: Catalog, { at, cells }: PriceLine): Wanted | string {
  const { kind = '', country: code = '', operator: network = '', pool = '' } = cells
  if (kind !== 'activation' && kind !== 'rental')
    return `has the kind "${kind}": must be activation or rental`
  const service = catalog.service(cells.service ?? '')
  if (!service)
    return unknown(
      'service',
      cells.service ?? '',
      catalog.services.map((one) => one.slug),
    )
  const country = catalog.country(code.toUpperCase())
  if (!country) return unknown('country', code, [])
  const operator = catalog.operatorBySlug(country.code, network)
  const networks = catalog.operators.filter((one) => one.country === country.code)
  if (!operator)
    return unknown(
      `operator in ${country.code}`,
      network,
      networks.map((one) => one.slug),
    )
  if (!catalog.pools.some((one) => one.id === pool))
    return unknown(
      'pool',
      pool,
      catalog.pools.map((one) => one.id),
    )
  const durationS = durationOf(cells.duration ?? '')
  if (durationS === null || (kind === 'rental') !== durationS > 0)
    return kind === 'rental'
      ? 'needs a duration such as 3d or 12h'
      : 'has a duration, which only rentals can have'
  const price = cells.price ? parseAmount(cells.price) : null
  if (cells.price && price === null)
    return `has the price "${cells.price}": must be a decimal such as 0.35`
  const state = cells.state ?? ''
  if (!['', 'active', 'withdrawn'].includes(state))
    return `has the state "${state}": must be active or withdrawn`
  return {
    at,
    kind,
    serviceId: service.id,
    service: service.slug,
    country: country.code,
    operatorId: operator.id,
    operator: operator.slug,
    pool,
    durationS,
    price,
    active: state === '' ? null : state === 'active',
  }
}

const unknown = (what: string, word: string, known: readonly string[]) =>
  `names an unknown ${what}: "${word}".${meant(word, known)}`.replace(/\.$/, '')

export const hourS = 3_600

function durationOf(text: string): number | null {
  if (text === '') return 0
  const [, digits, unit] = /^([1-9]\d{0,3})([dh])$/.exec(text) ?? []
  return digits === undefined ? null : Number(digits) * (unit === 'd' ? 24 * hourS : hourS)
}
