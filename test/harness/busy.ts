// What work costs in CPU time, and for how long it holds the event loop: other load does not count.

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

/** @returns the CPU time (ms) that this thread spent while `work` ran */
export async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = cpuMs()
  await work()
  return cpuMs() - before
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
