// Asks for the second factor again, over the page, where a request needs one of the last minutes.
import { onSecondFactorWanted } from '../api/client.ts'

type Listener = () => void

let answerOf: ((isGiven: boolean) => void) | null = null
let asked: Promise<boolean> | null = null
const listeners = new Set<Listener>()
const tell = () => {
  for (const listener of listeners) listener()
}

/** Requests wait for one answer: if it is given they are sent again, else they stay refused. */
onSecondFactorWanted(() => {
  asked ??= new Promise((resolve) => {
    answerOf = resolve
    tell()
  })
  return asked
})

/** Whether somebody is asked for the second factor over the page. */
export const secondFactor = {
  isAsked: () => answerOf !== null,
  subscribe(listener: Listener) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  answer(isGiven: boolean) {
    answerOf?.(isGiven)
    answerOf = null
    asked = null
    tell()
  },
}
