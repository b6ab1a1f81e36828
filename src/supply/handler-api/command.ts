// Cancel, finish, resend and ban at a handler_api platform.
import { done, mapped, reading, retryAfterOf } from '../answers.ts'
import type { Settings } from '../supplier.ts'
import type { CommandVerb, CommandVerdict, HttpAnswer, Step, Talk } from '../upstream.ts'
import { readOrder } from './order.ts'
import { commandRental, isRental } from './rent.ts'
import { requestFor } from './request.ts'
import { refusalOfAny, saidIn } from './words.ts'

/** The family's numbers. It has no ban: a used number is cancelled. */
const steps = { cancel: '8', finish: '6', resend: '3', ban: '8' } as const satisfies Record<
  CommandVerb,
  string
>

const yes = {
  cancel: 'ACCESS_CANCEL',
  finish: 'ACCESS_ACTIVATION',
  resend: 'ACCESS_RETRY_GET',
  ban: 'ACCESS_CANCEL',
} as const satisfies Record<CommandVerb, string>

type Command = { readonly ref: string; readonly verb: CommandVerb }

/** Gives a command. Whatever is no plain yes is followed by reading the order. */
export const command = (settings: Settings, wanted: Command): Talk<CommandVerdict> =>
  isRental(wanted.ref) ? commandRental(settings, wanted) : commandActivation(settings, wanted)

const commandActivation = (settings: Settings, { ref, verb }: Command): Talk<CommandVerdict> => ({
  request: requestFor(settings, 'setStatus', { id: ref, status: steps[verb] }),
  read: reading((answer): Step<CommandVerdict> => {
    const verdict = readCommand(answer, verb)
    if (verdict !== null) return done(verdict)
    const state = mapped(readOrder(settings, ref), (found) => ({
      kind: 'state' as const,
      reading: found,
    }))
    return { next: state }
  }),
})

/** What an answer to a command means; null: the state of the order decides. */
export function readCommand(answer: HttpAnswer, verb: CommandVerb): CommandVerdict | null {
  const said = saidIn(answer)
  if (said.word === yes[verb] || answer.status === 204) return { kind: 'done' }
  if (said.word === 'EARLY_CANCEL_DENIED') {
    const retryAfterS = retryAfterOf(answer)
    return { kind: 'too_early', ...(retryAfterS === undefined ? {} : { retryAfterS }) }
  }
  return refusalOfAny(answer, said)
}
