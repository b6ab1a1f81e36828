// The program as an operator starts it: what it says, on which address it serves, and how it ends.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { main } from '../cli/program.ts'
import { eventually } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

/** A first start takes a second or two; a machine busy with other tests may need much longer. */
export const patienceMs = 120_000
vi.setConfig({ testTimeout: 2 * patienceMs })

export type Started = {
  readonly child: ChildProcess
  /** Everything that it has written so far. */
  output(): string
  /** Waits for words in the output. @throws when it ends first, or says them not in time */
  says(words: RegExp): Promise<RegExpExecArray>
  /** Waits for the line that it serves. @returns its address */
  ready(): Promise<string>
  readonly ended: Promise<number | null>
}

/** Starts `numlet start`, or another command, with nothing of our own environment but the given.
 * @param options.file run.mjs, to start as npm does */
export function startNumlet(
  env: Readonly<Record<string, string>>,
  options: { args?: readonly string[]; file?: string; uid?: number; gid?: number } = {},
): Started {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const { args = ['start'], file = main, ...user } = options
  return startCommand([process.execPath, file, ...args], {
    ...user,
    env: {
      PATH,
      HOME,
      NODE_COMPILE_CACHE,
      PORT: '0',
      NUMLET_SMTP_PORT: '0',
      NUMLET_LOG: 'silent',
      ...env,
    },
  })
}

/** Starts Numlet by any command, which is killed at the end of the test unless it has ended. */
export function startCommand(
  [command = '', ...args]: readonly string[],
  options: SpawnOptions,
): Started {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let written = ''
  let hasEnded = false
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      hasEnded = true
      resolve(code)
    }),
  )
  onTestFinished(async () => {
    if (!hasEnded) child.kill('SIGKILL')
    await ended
  })
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      written += text
    })
  const says = (words: RegExp) =>
    eventually(async () => {
      const found = words.exec(written)
      if (found === null && hasEnded) throw new Error(`it ended without ${words}:\n${written}`)
      return found
    }, patienceMs).catch((error) => {
      throw new Error(`${error.message}, waiting for ${words}:\n${written}`)
    })
  return {
    child,
    output: () => written,
    says,
    ready: async () => (await says(/^Numlet is ready on (http:\S+)$/m))[1] as string,
    ended,
  }
}

/** A data directory that does not exist yet. */
export async function newDataDir(): Promise<string> {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  return join(scratch, 'data')
}

/** A port that another program listens on, as long as the test runs. */
export async function takenPort(): Promise<string> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return String((server.address() as { port: number }).port)
}

/** One call; null when nobody listens. */
export async function ask(url: string, path: string) {
  const response = await fetch(`${url}${path}`).catch(() => null)
  if (response === null) return null
  return { status: response.status, headers: response.headers, text: await response.text() }
}
