// S1: the parts of `npm start` are killed, one or all: the next one goes on, and nothing is lost.
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAlive } from '../../src/db/embedded/processes.ts'
import { jsonOf, run } from '../cli/program.ts'
import { newDataDir, startNumlet } from '../start/program.ts'
import { root } from '../tidy/files.ts'

type Whole = { readonly runMjs: ChildProcess; readonly serverPid: number }

/** Starts as `npm start` does: run.mjs, and the server that it runs. */
async function startWhole(env: Record<string, string>): Promise<Whole> {
  const whole = startNumlet(env, { file: join(root, 'run.mjs') })
  await whole.ready()
  const refused = await run(['start'], { ...env, PORT: '0', NUMLET_SMTP_PORT: '0' })
  const serverPid = Number(/another Numlet \(process (\d+)\)/.exec(refused.stderr)?.[1])
  expect(serverPid, refused.stderr).toBeGreaterThan(0)
  return { runMjs: whole.child, serverPid }
}

const cases: readonly (readonly [string, (whole: Whole) => void])[] = [
  ['run.mjs', ({ runMjs }) => runMjs.kill('SIGKILL')],
  ['the server', ({ serverPid }) => process.kill(serverPid, 'SIGKILL')],
  [
    'run.mjs and the server',
    ({ runMjs, serverPid }) => {
      runMjs.kill('SIGKILL')
      process.kill(serverPid, 'SIGKILL')
    },
  ],
]

describe('S1: after kill -9 of', () => {
  it.each(cases)('%s the next start is ready, with everything', async (_, kill) => {
    const env = { NUMLET_DATA: await newDataDir(), NUMLET_DEMO: '0' }
    const whole = await startWhole(env)
    const made = await run(['accounts', 'create', '--email', 'kept@example.com', '--json'], env)
    const { account_id } = jsonOf(made)
    kill(whole)
    const next = startNumlet(env)
    await next.ready()
    expect(isAlive(whole.serverPid)).toBe(false)
    const shown = jsonOf(await run(['accounts', 'list', '--json'], env))
    expect(shown).toMatchObject([{ account_id }])
    expect(await run(['audit', '--json'], env)).toMatchObject({ code: 0 })
  })
})
