// The command line in the tests’ own process: all but the start of Node, which takes a second a command.
import { vi } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { isRead, type Outcome, operator } from './program.ts'

/** Output and environment are the process's: commands go one after the other. */
let running: Promise<unknown> = Promise.resolve()

/** A command line on a database. Like `numletOn`, without a process for each. */
export const insideOn =
  (url: string, env: Readonly<Record<string, string>> = {}) =>
  (...args: string[]): Promise<Outcome> => {
    const next = running.then(() =>
      inside(args, { DATABASE_URL: url, NUMLET_OPERATOR: operator, ...env }),
    )
    running = next.catch(() => undefined)
    return next
  }

async function inside(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  for (const name of Object.keys(process.env)) if (isRead(name)) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const said = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text)
      return true
    }),
  )
  const before = process.exitCode
  process.exitCode = undefined
  try {
    return { code: await run(args), ...said }
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
    vi.unstubAllEnvs()
  }
}
