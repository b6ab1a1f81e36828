// Runs turns until it is stopped: when woken, and at intervals.
import type { App } from '../app.ts'
import { retryDelayMs } from '../trouble.ts'

/** The pause between two turns with work: what ends meanwhile makes room for more at once. */
export const breathMs = 10

export type Loop = {
  /** Has a turn soon. */
  wake(): void
  start(): void
  /** Begins no other turn, and waits for the one that runs. */
  stop(): Promise<void>
}

export type Turns = {
  /** The name of its failures in the log. */
  readonly trouble: string
  /** The pause after a turn that was not made, or failed; longer if it goes on. */
  readonly pollMs: number
  /** @returns the pause until the next turn, unless it is woken */
  turn(): Promise<number>
}

/** Runs turns, one after the other, while this node may use its database. */
export function loopOf(app: App, { trouble, pollMs, turn }: Turns): Loop {
  let isStopped = true
  let isWanted = false
  let failures = 0
  let running: Promise<void> | null = null
  let resting: { timer: NodeJS.Timeout; mayBeWoken: boolean } | null = null
  const round = async (): Promise<void> => {
    isWanted = false
    if (app.node.refusal() !== null) return rest(pollMs, false)
    try {
      const restMs = await turn()
      failures = 0
      app.troubles.worked(trouble)
      rest(isWanted ? breathMs : restMs, !isWanted && restMs > breathMs)
    } catch (error) {
      app.troubles.caught(trouble, error)
      rest(retryDelayMs(++failures, pollMs), false)
    }
  }
  const rest = (ms: number, mayBeWoken: boolean) => {
    if (!isStopped) resting = { timer: setTimeout(go, ms), mayBeWoken }
  }
  const go = () => {
    if (resting) clearTimeout(resting.timer)
    resting = null
    running = round()
  }
  return {
    wake() {
      isWanted = true
      if (resting?.mayBeWoken) go()
    },
    start() {
      isStopped = false
      go()
    },
    async stop() {
      isStopped = true
      if (resting) clearTimeout(resting.timer)
      resting = null
      await running
    },
  }
}
