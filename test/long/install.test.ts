// B3 and B11: an installation that is broken off at any moment is made again, and a start installs what runs.
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive, processesIn } from '../../src/db/embedded/processes.ts'
import { eventually, signalEach } from '../harness/program.ts'
import { paths, root } from '../tidy/files.ts'
import { sizeOf } from './packaged.ts'

const patienceMs = 5 * 60_000
const megabyte = 1024 * 1024

let parent: string
let copy: string
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'numlet-install-'))
  // A blank in the path, as newcomers have it.
  copy = join(parent, 'a fresh copy')
  for (const path of paths.filter((one) => !/^(?:test|bench|docs)\//.test(one)))
    await cp(join(root, path), join(copy, path), { recursive: true })
  await cp(join(root, '.npmrc'), join(copy, '.npmrc'))
})
afterAll(() => rm(parent, { recursive: true, force: true }))

type Run = {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  output(): string
}

/** Runs run.mjs in a process group of its own, as a shell would. */
function runMjs(args: readonly string[]): Run {
  const { NUMLET_GUARD_FD: _, NODE_OPTIONS: __, ...env } = process.env
  const child = spawn(process.execPath, [join(copy, 'run.mjs'), ...args], {
    cwd: copy,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let written = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      written += text
    })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { child, ended, output: () => written }
}

const modules = (...path: string[]) => join(copy, 'node_modules', ...path)
const isThere = (path: string) => stat(path).then(Boolean, () => false)
/** npm and whatever it has started: they work in the checkout. */
const npmProcesses = (run: Run) => processesIn(copy).filter((pid) => pid !== run.child.pid)

async function halfInstalled(run: Run) {
  await eventually(async () => {
    if (run.child.exitCode !== null) throw new Error(`it ended:\n${run.output()}`)
    const names = await readdir(modules()).catch(() => [])
    return names.filter((name) => !name.startsWith('.')).length > 5 && npmProcesses(run).length > 0
  }, patienceMs)
}

describe.runIf(process.platform === 'linux')(
  'B3: a first start that is broken off in npm ci',
  () => {
    it.each([
      ['SIGINT to its group, as Ctrl-C does', (run: Run) => signalGroup(run, 'SIGINT')],
      ['SIGTERM', (run: Run) => run.child.kill('SIGTERM')],
      ['SIGHUP', (run: Run) => run.child.kill('SIGHUP')],
    ])('by %s: ends with 0, and npm with it', async (_, stop) => {
      const run = runMjs(['start'])
      await halfInstalled(run)
      stop(run)
      expect(await run.ended, run.output()).toBe(0)
      expect(run.output()).toContain('The installation was stopped; the next start does it again.')
      expect(npmProcesses(run)).toEqual([])
    })

    it('by SIGKILL, of npm as well: the next command installs everything, and what runs alone', async () => {
      const killed = runMjs(['start'])
      await halfInstalled(killed)
      const orphans = npmProcesses(killed)
      killed.child.kill('SIGKILL')
      await killed.ended
      // The lock is npm's, too: this one waits until that npm has ended by itself.
      const second = runMjs(['start'])
      await eventually(async () => !orphans.some(isAlive), patienceMs)
      await halfInstalled(second)
      signalEach(npmProcesses(second), 'SIGKILL')
      expect(await second.ended).toBe(1)
      expect(second.output()).toContain('npm could not install the dependencies')
      const last = runMjs(['--help'])
      expect(await last.ended, last.output()).toBe(0)
      expect(last.output()).toMatch(/^Usage: numlet/m)
      expect(last.output()).not.toMatch(/ENOTEMPTY|\n\s+at /)
    })
  },
)

describe('B11: what a start installs', () => {
  it('runs, and does not develop: less than 310 MB', async () => {
    const start = runMjs(['--help'])
    expect(await start.ended, start.output()).toBe(0)
    expect(await isThere(modules('fastify'))).toBe(true)
    for (const name of ['vitest', 'typescript', '@biomejs/biome', 'playwright-core'])
      expect(await isThere(modules(name)), name).toBe(false)
    expect(await sizeOf(modules())).toBeLessThan(310 * megabyte)
  })

  it('gets the tools added where they are needed, and keeps them', async () => {
    const before = await stat(modules('fastify', 'package.json'))
    const lock = await readFile(join(copy, 'package-lock.json'), 'utf8')
    const test = runMjs(['--test', '--version'])
    await test.ended
    expect(await isThere(modules('vitest')), test.output()).toBe(true)
    // A server that runs meanwhile keeps what it runs on.
    expect((await stat(modules('fastify', 'package.json'))).ino).toBe(before.ino)
    expect(await readFile(join(copy, 'package-lock.json'), 'utf8')).toBe(lock)
    const start = runMjs(['--help'])
    expect(await start.ended).toBe(0)
    expect(start.output()).not.toContain('Installing')
    expect(await isThere(modules('vitest'))).toBe(true)
  })

  it('is repaired where a package is missing, and named where one is damaged', async () => {
    await rm(modules('fastify', 'package.json'))
    const repaired = runMjs(['--help'])
    expect(await repaired.ended, repaired.output()).toBe(0)
    expect(repaired.output()).toContain('Installing dependencies')
    expect(await isThere(modules('fastify', 'package.json'))).toBe(true)
    await writeFile(modules('commander', 'index.js'), 'const {')
    await writeFile(modules('commander', 'esm.mjs'), 'import "./nothing.js"')
    const damaged = runMjs(['--help'])
    expect(await damaged.ended).toBe(1)
    expect(damaged.output()).toMatch(
      /^A part of this installation is missing \(.*\)\. Remove node_modules and start again\.\n$/,
    )
  })
})

function signalGroup(run: Run, signal: NodeJS.Signals) {
  process.kill(-(run.child.pid as number), signal)
}
