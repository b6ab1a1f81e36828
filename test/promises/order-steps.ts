// The steps that the test of orders against their model takes, as fast-check commands.
import fc from 'fast-check'
import { services } from './market.ts'
import type { ModelSelection, OrderModel } from './order-model.ts'

type OrderStep<Kind extends string> = {
  readonly kind: Kind
  /** Which one, from the newest back. */
  readonly order: number
  /** Asked by another account than its own. */
  readonly stranger: boolean
  /** Asked a second time at once, as clients do that got no answer. */
  readonly again: boolean
}

export type Step =
  | {
      readonly kind: 'buy'
      readonly customer: number
      readonly offer: number | null
      readonly selection: ModelSelection
      readonly quantity: number
    }
  | OrderStep<'cancel'>
  | OrderStep<'finish'>
  | OrderStep<'resend'>
  | OrderStep<'replace'>
  | OrderStep<'claim'>
  | {
      readonly kind: 'message'
      /** For which of the orders, from the newest back; null: for that phone and service. */
      readonly at: number | null
      readonly phone: number
      readonly service: number
      readonly code: string | null
    }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | {
      readonly kind: 'close'
      readonly service: number
      readonly closed: boolean
      readonly country: boolean
    }
  | {
      readonly kind: 'limit'
      readonly customer: number
      readonly open: number | null
      readonly day: number | null
    }

const mostlyNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
const service = fc.constantFrom(services.whatsapp, services.telegram)
const customer = fc.constantFrom(0, 0, 1)

// An operator is one of a country, and Drama has no pool 2.
const place = fc.constantFrom<Pick<ModelSelection, 'country' | 'operator'>>(
  { country: null, operator: null },
  { country: null, operator: null },
  { country: 'US', operator: null },
  { country: 'GB', operator: null },
  { country: 'US', operator: 'Film' },
  { country: 'GB', operator: 'Drama' },
)

const buy = fc.record({
  kind: fc.constant('buy' as const),
  customer,
  offer: mostlyNull(fc.nat({ max: 5 })),
  selection: fc
    .record({
      service,
      place,
      pool: mostlyNull(fc.constantFrom('1', '2')),
      area: mostlyNull(fc.constantFrom('201', '202')),
      maxPrice: mostlyNull(fc.constantFrom(1_500n, 3_000n, 4_500n)),
    })
    .map(({ place, ...selection }): ModelSelection => ({ ...place, ...selection })),
  quantity: fc.constantFrom(1, 1, 1, 2, 3, 5),
})

const onOrder = fc.record({
  kind: fc.constantFrom('cancel', 'finish', 'resend', 'resend', 'resend', 'replace', 'claim'),
  order: fc.nat({ max: 2 }),
  stranger: fc.constantFrom(false, false, false, false, false, false, true),
  again: fc.boolean(),
})

const message = fc.record({
  kind: fc.constant('message' as const),
  at: fc.option(fc.nat({ max: 2 }), { nil: null, freq: 4 }),
  phone: fc.nat({ max: 9 }),
  service,
  code: fc.option(fc.stringMatching(/^[1-9]\d{5}$/), { nil: null, freq: 4 }),
})

const others: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('wait' as const),
    seconds: fc.constantFrom(1, 119, 120, 121, 600, 1_200, 86_400),
  }),
  fc.record({ kind: fc.constant('sweep' as const) }),
  fc.record({
    kind: fc.constant('close' as const),
    service,
    closed: fc.constantFrom(false, false, false, false, true),
    country: fc.constantFrom(false, false, false, false, true),
  }),
  fc.record({
    kind: fc.constant('limit' as const),
    customer,
    open: mostlyNull(fc.integer({ min: 1, max: 4 })),
    day: mostlyNull(fc.integer({ min: 1, max: 8 })),
  }),
)

const step = fc.oneof(
  { weight: 4, arbitrary: buy },
  { weight: 4, arbitrary: onOrder as fc.Arbitrary<Step> },
  { weight: 4, arbitrary: message },
  { weight: 3, arbitrary: others },
)

/** Commands that take a step, on the model and for real. */
export const steps = (
  take: (model: OrderModel, step: Step) => Promise<void>,
): fc.Arbitrary<fc.AsyncCommand<OrderModel, null>> =>
  step.map((one) => ({
    check: () => true,
    run: (model) => take(model, one),
    toString: () =>
      JSON.stringify(one, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)),
  }))

const anywhere: ModelSelection = {
  ...{ service: services.whatsapp, country: null, operator: null, pool: null },
  ...{ area: null, maxPrice: null },
}
const buying = (selection: Partial<ModelSelection>, more = {}): Step => ({
  ...{ kind: 'buy', customer: 0, offer: null, selection: { ...anywhere, ...selection } },
  ...{ quantity: 1, ...more },
})
const newest = (kind: 'cancel' | 'finish' | 'resend' | 'replace' | 'claim'): Step => ({
  ...{ kind, order: 0, stranger: false, again: false },
})
const twice = (step: Step) => ({ ...step, again: true }) as Step
const closing = (closed: boolean, country: boolean): Step => ({
  ...{ kind: 'close', service: services.whatsapp, closed, country },
})
const limiting = (open: number | null, day: number | null): Step => ({
  ...{ kind: 'limit', customer: 0, open, day },
})
const inGb = { country: 'GB' }

/** Steps that meet every answer, in a market that nobody has bought from. */
export const everyAnswerMet: readonly Step[] = [
  buying({ ...inGb, pool: '2' }), // offer_not_found
  buying({ maxPrice: 1_500n }), // price_above_maximum
  buying({ pool: '1' }, { customer: 1, quantity: 3 }), // insufficient_balance
  limiting(1, null),
  buying(inGb), // the first of three
  buying(inGb), // too_many_open_orders
  limiting(null, 1),
  buying(inGb), // daily_limit_reached
  limiting(null, null),
  closing(true, false),
  buying(inGb), // service_closed
  closing(false, true),
  buying(inGb), // country_closed
  closing(false, false),
  newest('cancel'), // cancel_cooldown
  newest('finish'), // order_not_finishable
  newest('resend'), // order_not_resendable
  twice(newest('replace')), // by the second of three, then order_not_replaceable
  { kind: 'message', at: 0, phone: 0, service: services.whatsapp, code: '482913' },
  newest('cancel'), // order_not_cancellable
  twice(newest('resend')), // then resend_pending
  twice(newest('finish')), // then already
  buying(inGb), // the third of three
  { kind: 'wait', seconds: 121 },
  twice(newest('cancel')), // then already
  newest('claim'), // order_not_claimable
  { kind: 'message', at: 0, phone: 0, service: services.whatsapp, code: '482914' },
  twice(newest('claim')), // then already
  { kind: 'message', at: 0, phone: 0, service: services.whatsapp, code: '482915' },
  buying(inGb), // out_of_stock
  buying({ country: 'US', pool: '2' }, { quantity: 2 }), // all that there are
  newest('replace'), // out_of_stock
  { kind: 'wait', seconds: 1_200 },
  { kind: 'sweep' },
]
