// How a talk with a supplier ended, for the engine.
import type { Ended } from '../../engine/work.ts'
import type { NoClass } from '../upstream.ts'

type Result = { readonly kind: string; readonly class?: NoClass; readonly ref?: string | null }

/** Nothing was sent, or nothing that could be read has come. */
const silent = ['unreached', 'unknown', 'no_answer']

/** How a talk ended with a result. One that is still asking others has answered. */
export function endedBy(result: Result): Ended {
  const outcome = result.class ?? result.kind
  const isAsking = result.kind === 'unknown' && typeof result.ref === 'string'
  return { outcome, answered: isAsking || !silent.includes(outcome) }
}
