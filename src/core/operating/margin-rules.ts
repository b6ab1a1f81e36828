// Operators' verbs on margin rules: what the numbers of other platforms are sold for.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { getSupplier } from '../inventory/suppliers.ts'
import { formatAmount } from '../money.ts'
import { type By, logged } from '../operator-log.ts'
import type { Margin } from '../supply/margin.ts'
import { dropMarginRule, putMarginRule } from '../supply/margin-rules.ts'

/** What a rule is for, by names; null: all of them. */
export type RuledPlace = {
  readonly supplier: string | null
  readonly service: { readonly id: number; readonly slug: string } | null
  readonly country: string | null
}

/** The highest percentage: a hundred times the cost. */
const maxPercent = 10_000n * 10_000n

/** Sets the margin of a place as a whole; prices follow with the next sync. Safe to repeat.
 * @throws not_found, invalid_request */
export async function setMarginRule(
  db: Database,
  by: By,
  place: RuledPlace,
  margin: Margin,
): Promise<void> {
  const { percent, floor, cap } = margin
  if (percent > maxPercent)
    throw new DomainError('invalid_request', 'The percentage must be at most 10000.')
  if (floor !== null && cap !== null && floor > cap)
    throw new DomainError('invalid_request', 'The floor must not be above the cap.')
  await logged(
    db,
    by,
    async (_within, tx) =>
      putMarginRule(
        tx,
        { ...(await namedIn(tx, place)), serviceId: place.service?.id ?? null },
        margin,
      ),
    (before) => entryOf('supplier.rule', place, before, margin),
  )
}

/** Deletes the margin rule of a place. @throws not_found if there is none */
export async function deleteMarginRule(db: Database, by: By, place: RuledPlace): Promise<void> {
  await logged(
    db,
    by,
    async (_within, tx) => {
      const named = await namedIn(tx, place)
      const before = await dropMarginRule(tx, { ...named, serviceId: place.service?.id ?? null })
      if (!before) throw new DomainError('not_found', 'There is no rule for exactly that.')
      return before
    },
    (before) => entryOf('supplier.unrule', place, before, undefined),
  )
}

async function namedIn(tx: Parameters<typeof getSupplier>[0], { supplier, country }: RuledPlace) {
  const supplierId = supplier === null ? null : (await getSupplier(tx, supplier)).id
  return { supplierId, country }
}

function entryOf(
  action: string,
  { supplier, service, country }: RuledPlace,
  before: Margin | undefined,
  after: Margin | undefined,
) {
  return {
    action,
    ...(supplier === null ? {} : { subject: { type: 'supplier', id: supplier } as const }),
    detail: {
      service: service?.slug ?? null,
      country,
      before: before ? shownMargin(before) : null,
      after: after ? shownMargin(after) : null,
    },
  }
}

/** A margin as text, for people. */
export const shownMargin = ({ percent, fixed, floor, cap, rounding }: Margin) => ({
  percent: formatAmount(percent, 0),
  fixed: formatAmount(fixed, 2),
  floor: floor === null ? null : formatAmount(floor, 2),
  cap: cap === null ? null : formatAmount(cap, 2),
  round: rounding,
})
