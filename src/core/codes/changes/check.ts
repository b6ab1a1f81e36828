// Which answers change when nothing of a message's meaning does.
import { extractCode } from '../extract.ts'
import { type LabelledMessage, outcomeOf, sourceOf } from '../labelled.ts'
import { changeNames, variationsOf } from './changes.ts'

type Departure = {
  readonly id: string
  readonly change: string
  /** What should be found, which is what is found in the message as it was. */
  readonly before: string | null
  readonly after: string | null
  readonly text: string
}

type Total = { readonly change: string; readonly tried: number; readonly kept: number }

export type Check = {
  /** Messages that are answered rightly as they are. Only these are changed. */
  readonly right: number
  readonly messages: number
  readonly tried: number
  readonly kept: number
  readonly totals: readonly Total[]
  readonly departures: readonly Departure[]
}

/** Changes each message that is answered rightly in all harmless ways, and looks at the answers. */
export function checkChanges(
  messages: readonly LabelledMessage[],
  names: readonly string[],
  codeIn: (message: LabelledMessage) => string | null = (message) =>
    extractCode(sourceOf(message)).code,
): Check {
  const counts = new Map(changeNames.map((change) => [change, { tried: 0, kept: 0 }]))
  const departures: Departure[] = []
  let right = 0
  for (const [turn, message] of messages.entries()) {
    if (outcomeOf(codeIn(message), message.expected) !== 'exact') continue
    right++
    for (const { change, message: changed } of variationsOf(message, names, turn)) {
      const after = codeIn(changed)
      const count = counts.get(change)
      const isKept = outcomeOf(after, changed.expected) === 'exact'
      if (count) {
        count.tried++
        if (isKept) count.kept++
      }
      if (isKept) continue
      const { id, text, expected: before } = changed
      departures.push({ id, change, before, after, text })
    }
  }
  const totals = [...counts].map(([change, count]) => ({ change, ...count }))
  const sum = (of: (total: Total) => number) => totals.reduce((all, total) => all + of(total), 0)
  const [tried, kept] = [sum((total) => total.tried), sum((total) => total.kept)]
  return { right, messages: messages.length, tried, kept, totals, departures }
}
