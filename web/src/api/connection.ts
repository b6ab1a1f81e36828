// Whether the server answers: every request reports here, and the banner shows it.

type Listener = () => void

let isGone = false
let timer: ReturnType<typeof setTimeout> | undefined
let waitMs = 0
const listeners = new Set<Listener>()
const returns = new Set<Listener>()

const firstWaitMs = 1_000
const longestWaitMs = 10_000

export const connection = {
  isGone: () => isGone,
  subscribe(listener: Listener) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  /** Calls back whenever the server answers again. */
  onReturn(listener: Listener) {
    returns.add(listener)
    return () => void returns.delete(listener)
  },
  /** A request was answered. */
  answered() {
    clearTimeout(timer)
    waitMs = 0
    if (!isGone) return
    isGone = false
    for (const listener of [...listeners, ...returns]) listener()
  },
  /** A request got no answer. The server is asked until it answers. */
  lost() {
    if (!isGone) {
      isGone = true
      for (const listener of listeners) listener()
    }
    clearTimeout(timer)
    waitMs = Math.min(longestWaitMs, waitMs === 0 ? firstWaitMs : waitMs * 1.6)
    timer = setTimeout(() => void connection.tryNow(), waitMs)
  },
  async tryNow() {
    clearTimeout(timer)
    const answer = await fetch('/health/ready', { cache: 'no-store' }).catch(() => null)
    if (answer?.ok) connection.answered()
    else connection.lost()
  },
}

addEventListener('online', () => void connection.tryNow())
addEventListener('offline', () => connection.lost())
