// The steps that the test of orders with another Numlet's numbers takes, as fast-check commands.
import fc from 'fast-check'
import type { Fault } from '../supply/upstream/between.ts'

/** What happens to an ask, and what the customer does next: waits for 5 or for 20 seconds, or cancels. */
export type BuyStep = {
  readonly kind: 'buy'
  readonly fault: Fault
  readonly next: 'wait' | 'wait long' | 'cancel'
  /** Whether the customer wants no number that there is. */
  readonly isPicky?: boolean
}
type Lost = 'none' | 'lose request' | 'lose answer'
/** `order`: which one of those that it can be about, from the newest back. */
export type Step =
  | BuyStep
  | { readonly kind: 'code'; readonly order: number; readonly fault: Lost }
  | {
      readonly kind: 'cancel'
      readonly order: number
      readonly fault: Lost | 'code first'
      readonly verb?: 'cancel' | 'ban'
    }
  | { readonly kind: 'rebuy'; readonly order: number }
  | { readonly kind: 'finish'; readonly order: number; readonly fault: Lost }
  | {
      readonly kind: 'replace'
      readonly order: number
      readonly fault: 'none' | 'lose answer' | 'dear'
    }
  | { readonly kind: 'late'; readonly order: number }
  | { readonly kind: 'claim'; readonly order: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'sell'; readonly isOn: boolean }
  | { readonly kind: 'show'; readonly stock: number }
  | { readonly kind: 'pay' }
  | { readonly kind: 'silence' }

const order = fc.nat(5)
const lost = fc.constantFrom<Lost>('none', 'none', 'lose request', 'lose answer')
const asked = fc.constantFrom<Fault>(
  ...(['none', 'none', 'none', 'lose request', 'lose answer', 'lose answer'] as const),
  ...(['hang', 'twice', 'replay', 'dear', 'no number'] as const),
)

const buy = fc.record<BuyStep>({
  kind: fc.constant('buy'),
  fault: asked,
  next: fc.constantFrom('wait', 'wait', 'wait long', 'cancel'),
  isPicky: fc.constantFrom(false, false, false, false, false, true),
})

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: buy },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('code' as const), order, fault: lost }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('cancel' as const),
      order,
      fault: fc.oneof(lost, fc.constant('code first' as const)),
      verb: fc.constantFrom('cancel' as const, 'cancel' as const, 'ban' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rebuy' as const), order }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const), order, fault: lost }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('replace' as const),
      order,
      fault: fc.constantFrom('none', 'none', 'lose answer', 'dear'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), order }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claim' as const), order }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.constantFrom(5, 30, 125, 700),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('sell' as const), isOn: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('show' as const), stock: fc.constantFrom(0, 1000) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'pay' as const }) },
)

/** One of each sort, in an order in which each has something to do. */
export const everyStep: readonly Step[] = [
  { kind: 'pay' },
  { kind: 'pay' },
  ...(['none', 'twice', 'hang', 'lose answer', 'no number', 'replay', 'dear'] as const).map(
    (fault): Step => ({ kind: 'buy', fault, next: 'wait' }),
  ),
  { kind: 'code', order: 0, fault: 'none' },
  { kind: 'code', order: 0, fault: 'lose answer' },
  { kind: 'finish', order: 0, fault: 'lose answer' },
  { kind: 'pay' },
  { kind: 'rebuy', order: 0 },
  { kind: 'buy', fault: 'none', next: 'wait', isPicky: true },
  { kind: 'pay' },
  { kind: 'buy', fault: 'none', next: 'wait' },
  { kind: 'wait', seconds: 125 },
  { kind: 'cancel', order: 0, fault: 'lose answer', verb: 'ban' },
  { kind: 'buy', fault: 'lose answer', next: 'wait long' },
  { kind: 'buy', fault: 'lose answer', next: 'cancel' },
  { kind: 'buy', fault: 'lose request', next: 'wait' },
  { kind: 'buy', fault: 'lose request', next: 'wait long' },
  { kind: 'wait', seconds: 125 },
  { kind: 'cancel', order: 0, fault: 'code first' },
  { kind: 'cancel', order: 0, fault: 'lose answer' },
  { kind: 'cancel', order: 0, fault: 'lose request' },
  { kind: 'wait', seconds: 700 },
  { kind: 'wait', seconds: 700 },
  { kind: 'sell', isOn: false },
  { kind: 'buy', fault: 'none', next: 'wait' },
  { kind: 'show', stock: 0 },
  { kind: 'buy', fault: 'none', next: 'wait' },
  { kind: 'show', stock: 1000 },
  { kind: 'sell', isOn: true },
  { kind: 'buy', fault: 'none', next: 'wait' },
  { kind: 'late', order: 0 },
  { kind: 'claim', order: 0 },
  { kind: 'pay' },
  { kind: 'buy', fault: 'none', next: 'wait' },
  { kind: 'late', order: 0 },
  { kind: 'pay' },
  { kind: 'pay' },
  { kind: 'buy', fault: 'none', next: 'wait' },
  ...(['none', 'lose answer', 'dear'] as const).map(
    (fault): Step => ({ kind: 'replace', order: 0, fault }),
  ),
  ...Array.from({ length: 8 }, (): Step => ({ kind: 'buy', fault: 'none', next: 'wait' })),
  { kind: 'silence' },
]
