// Times of handler_api platforms, of which most have no zone.
import { timeOf } from '../answers.ts'
import { textOf } from '../bodies.ts'
import type { HttpAnswer } from '../upstream.ts'

/** When an order ends. Times without a zone tell only how long it lasts: from now on. */
export function endOf({ at }: HttpAnswer, start: unknown, end: unknown): Date | null {
  const exact = timeOf(end)
  if (exact !== null) return exact
  const [from, to] = [start, end].map((value) => timeOf(`${textOf(value)?.replace(' ', 'T')}Z`))
  if (!from || !to || to <= from) return null
  return new Date(at.getTime() + (to.getTime() - from.getTime()))
}
