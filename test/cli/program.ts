// Runs the real program, as an operator would, and hands back all that it said.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export type Outcome = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** The variables that Numlet reads: a developer's own must not change what a test finds. */
export const isRead = (name: string) => /^(NUMLET_|DATABASE_URL$|PORT$|HOST$)/.test(name)

/** The environment of a command: ours without what Numlet reads, then the given. */
function environment(given: Readonly<Record<string, string>>) {
  const ours = Object.entries(process.env).filter(
    ([name]) => !isRead(name) && !/^(NODE_OPTIONS$|VITEST)/.test(name),
  )
  return { ...Object.fromEntries(ours), ...given }
}

export function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { env: environment(env) })
    const said = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said.stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...said }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/** Who types the commands of tests. */
export const operator = 'tester'

/** The program on one database: `numlet(['accounts', 'list'])`. */
export const numletOn =
  (url: string) =>
  (args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}) =>
    run(args, { DATABASE_URL: url, NUMLET_OPERATOR: operator, ...env }, input)

/** What one JSON line says; throws when stdout is anything else. */
export function jsonOf(outcome: Outcome) {
  if (!/^[^\n]+\n$/.test(outcome.stdout))
    throw new Error(`not one line (exit ${outcome.code}): ${outcome.stdout}${outcome.stderr}`)
  return JSON.parse(outcome.stdout)
}
