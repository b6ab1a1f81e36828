// Stop signals, handled from the first moment of a start.

/** A stop signal that came before the program was ready. */
export class StoppedEarly extends Error {
  override readonly name = 'StoppedEarly'
  constructor() {
    super('stopped before the start was complete')
  }
}

export type Stop = {
  /** Aborted at the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal
  /** Resolves at that signal. */
  readonly asked: Promise<NodeJS.Signals>
  /** Resolves when the process should stop at once: at SIGINT or SIGHUP, or at a second signal. */
  readonly urgent: Promise<void>
  /** Waits for a step of the start. @throws StoppedEarly if a signal comes first */
  during<T>(step: Promise<T>): Promise<T>
}

/** Handles stop signals from now on. */
export function hearStop(): Stop {
  const controller = new AbortController()
  const { signal } = controller
  const asked = Promise.withResolvers<NodeJS.Signals>()
  const urgent = Promise.withResolvers<void>()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      if (signal.aborted || name !== 'SIGTERM') urgent.resolve()
      asked.resolve(name)
      controller.abort(new StoppedEarly())
    })
  return {
    signal,
    asked: asked.promise,
    urgent: urgent.promise,
    during: (step) => unlessAborted(signal, step),
  }
}

function unlessAborted<T>(signal: AbortSignal, step: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    step.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
