// How long the event loop is held, in CPU time between two of its turns: other load does not count.

const turnMs = 5

/** @returns the longest CPU time (ms) between two turns of this thread while `work` ran */
export async function longestTurnMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let before = cpuMs()
  const turn = () => {
    const now = cpuMs()
    longest = Math.max(longest, now - before)
    before = now
  }
  const timer = setInterval(turn, turnMs)
  try {
    await work()
  } finally {
    clearInterval(timer)
    turn()
  }
  return longest
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
