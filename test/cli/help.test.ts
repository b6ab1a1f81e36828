// B4: every command explains itself. The whole tree of commands is walked, and each one's help is asked for.
import type { Command } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { run, wholeProgram } from '../../src/cli/program.ts'
import { run as runProgram } from './program.ts'

const tree = await wholeProgram()

function* pathsOf(command: Command, path: readonly string[] = []): Generator<readonly string[]> {
  yield path
  for (const child of command.commands) yield* pathsOf(child, [...path, child.name()])
}

function commandAt(path: readonly string[]): Command {
  let command = tree
  for (const name of path) command = command.commands.find((one) => one.name() === name) as Command
  return command
}

/** What a command line prints, run in this process: a process each would take minutes. */
async function printed(args: readonly string[]) {
  const said = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text)
      return true
    }),
  )
  try {
    return { code: await run(args), ...said }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

/** A plain English phrase: begins with a capital, says something, and ends without a full stop. */
const phrase = /^(?:[A-Z]|`|-)[^\n]{3,110}[^.\n]$/

describe('B4: --help', () => {
  it('exits with 0 for every command, and prints its usage', async () => {
    const paths = [...pathsOf(tree)]
    expect(paths.length).toBeGreaterThan(60)
    for (const path of paths) {
      const name = ['numlet', ...path].join(' ')
      const { code, stdout, stderr } = await printed([...path, '--help'])
      expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: '' })
      expect(stdout).toContain(`Usage: ${name}`)
    }
  })

  it('describes every command, argument and option', () => {
    for (const path of pathsOf(tree)) {
      const command = commandAt(path)
      const name = ['numlet', ...path].join(' ')
      if (path.length > 0) expect(command.description(), name).toMatch(phrase)
      for (const { name: argument, description } of command.registeredArguments.map((one) => ({
        name: one.name(),
        description: one.description,
      })))
        expect(description, `${name} <${argument}>`).toMatch(phrase)
      for (const option of command.options)
        expect(option.description, `${name} ${option.flags}`).toMatch(phrase)
    }
  })

  it('shows defaults that JSON cannot write, through the real program', async () => {
    const nowhere = { DATABASE_URL: 'postgres://127.0.0.1:1/none' }
    const { code, stdout } = await runProgram(['domains', 'add', '--help'], nowhere)
    expect(code).toBe(0)
    expect(stdout).toMatch(/--fee <usd>[^-]*\(default:\s+0\)/)
    expect(stdout).toMatch(/--session <seconds>[^-]*\(default:\s+1200\)/)
  })

  it('offers --json wherever something is printed, and --reason wherever something is changed', () => {
    const silent = ['start', 'serve', 'work']
    const readers = new Set(
      'list show find get astray export extract check verify key test unreadable'.split(' '),
    )
    const nouns = 'batches batch stats silent banned balance simulate sources'
    for (const verb of nouns.split(' ')) readers.add(verb)
    for (const path of pathsOf(tree)) {
      const command = commandAt(path)
      if (command.commands.length > 0 || silent.includes(path[0] as string)) continue
      const flags = command.options.map((option) => option.long)
      const name = path.join(' ')
      if (name !== 'codes extract') expect(flags, name).toContain('--json')
      if (path.length === 2 && !readers.has(path[1] as string))
        expect(flags, name).toContain('--reason')
    }
  })
})
