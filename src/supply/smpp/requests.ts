// Requests that wait for their responses.
import type { Pdu } from './codec/pdu.ts'

export type Requests = {
  /** A new sequence number. */
  nextSequence(): number
  /** Waits for the response with a sequence number. Fails if there is none in time. */
  wait(sequence: number, of: string, timeoutMs: number): Promise<Pdu>
  /** @returns false if nobody waits for the response */
  answer(pdu: Pdu): boolean
  /** Fails all that wait. */
  fail(reason: string): void
}

const maxSequence = 0x7fffffff

type Waiting = {
  readonly resolve: (pdu: Pdu) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

export function pendingRequests(): Requests {
  const waiting = new Map<number, Waiting>()
  let sequence = 0
  const take = (of: number): Waiting | undefined => {
    const one = waiting.get(of)
    clearTimeout(one?.timer)
    waiting.delete(of)
    return one
  }
  return {
    nextSequence() {
      sequence = sequence === maxSequence ? 1 : sequence + 1
      return sequence
    },
    wait: (of, name, timeoutMs) =>
      new Promise((resolve, reject) => {
        const giveUp = () => take(of)?.reject(new Error(`no answer to ${name} in time`))
        waiting.set(of, { resolve, reject, timer: setTimeout(giveUp, timeoutMs) })
      }),
    answer(pdu) {
      const one = take(pdu.sequence)
      one?.resolve(pdu)
      return one !== undefined
    },
    fail(reason) {
      for (const of of [...waiting.keys()]) take(of)?.reject(new Error(reason))
    },
  }
}
