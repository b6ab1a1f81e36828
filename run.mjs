// Makes a fresh clone run: gets the dependencies, picks Node 24, runs a command with it. Needs only Node 20 and npm.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureInstalled } from './run-install.mjs'

const root = realpathSync(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const guard = pathToFileURL(join(root, 'run-guard.mjs')).href
const parentPollMs = 500
/** Ctrl-C reaches us from the terminal and again from npm. A second one by the user comes later. */
const sameSignalMs = 500
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

const biome = 'node_modules/@biomejs/biome/bin/biome'
const vitest = ['node_modules/vitest/vitest.mjs', 'run']
/** Commands that need the development tools. */
const developing = ['--test', '--test-long', '--bench', '--check', '--format']

/** The programs of a command line, run one after the other. */
function programsFor([command, ...rest]) {
  if (command === '--test') return [[...vitest, ...rest]]
  if (command === '--test-long') return [[...vitest, '--config', 'vitest.long.config.ts', ...rest]]
  if (command === '--bench') return [['bench/main.ts', ...rest]]
  if (command === '--format') return [[biome, 'check', '--write', '.', ...rest]]
  if (command === '--check')
    return [
      [biome, 'check', '.'],
      ['node_modules/typescript/bin/tsc', '-p', '.'],
      [...vitest, ...rest],
    ]
  return [['src/main.ts', ...(command === undefined ? [] : [command]), ...rest]]
}

async function main(args) {
  await install(args[0], developing.includes(args[0]))
  const node = pickNode()
  for (const program of programsFor(args)) {
    const code = await run(node, program)
    if (code !== 0) return code
  }
  return 0
}

/** Installs missing dependencies. If stopped, the process exits, with 0 if a start was to be stopped. */
async function install(command, needsDev) {
  const stop = hearStop()
  try {
    const signal = await ensureInstalled({ root, needsDev, say, stop: stop.asked })
    if (signal !== null) process.exit(command === 'start' ? 0 : 128 + constants.signals[signal])
  } catch (error) {
    fail(error.code ? `Cannot create node_modules (${error.message}).` : error.message)
  } finally {
    stop.end()
  }
}

function hearStop() {
  let tell = () => {}
  const asked = new Promise((resolve) => {
    tell = resolve
  })
  for (const signal of stopSignals) process.on(signal, tell)
  const stopWatching = watchParent(() => tell('SIGTERM'))
  return {
    asked,
    end() {
      stopWatching()
      for (const signal of stopSignals) process.off(signal, tell)
    },
  }
}

// The runtime

/** Node 24 from the dependencies, if it runs on this machine; otherwise the running Node, if new enough. */
function pickNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  const packaged = join(modules, `node-${os}-${process.arch}`, binary)
  if (spawnSync(packaged, ['--version']).status === 0) return packaged
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const packagedOne = existsSync(packaged)
    ? `the packaged one (${packaged}) does not run here`
    : `there is no packaged one for ${os}-${process.arch}`
  return fail(
    `Numlet needs Node 24: this is Node ${process.versions.node}, and ${packagedOne}. ` +
      'Install Node 24 or later (https://nodejs.org) and start again.',
  )
}

/**
 * Runs a program to its end and returns its exit code. The program gets a new session, so that each stop
 * signal reaches it once, through this process, whatever the terminal and npm also send. If this process is
 * killed, the pipe that it holds closes, and the program stops by itself (run-guard.mjs).
 */
function run(node, [program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(node, ['--import', guard, join(root, program), ...args], {
      // A tool works on the whole repository; file names in a command are relative to the caller's directory.
      cwd: program.startsWith('src/') ? process.cwd() : root,
      detached: process.platform !== 'win32',
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: environment(),
    })
    const stopListening = forwardSignals(child)
    child.once('error', (error) => fail(`${node} cannot be run: ${error.message}`))
    child.once('exit', (code, signal) => {
      stopListening()
      resolve(signal ? 128 + constants.signals[signal] : code)
    })
  })
}

function environment() {
  // Otherwise the PostgreSQL driver would look for a native module that is not installed.
  const { NODE_PG_FORCE_NATIVE: _, ...given } = process.env
  // Compiled code is kept, so that later commands start in about half the time.
  const ours = { NODE_COMPILE_CACHE: join(modules, '.cache', 'node'), ...given }
  return process.platform === 'win32' ? ours : { ...ours, NUMLET_GUARD_FD: '3' }
}

function forwardSignals(child) {
  const lastAt = {}
  const forward = (signal) => {
    const isRepeated = Date.now() - (lastAt[signal] ?? 0) < sameSignalMs
    lastAt[signal] = Date.now()
    if (!isRepeated) child.kill(signal)
  }
  for (const signal of stopSignals) process.on(signal, forward)
  const stopWatching = watchParent(() => forward('SIGINT'))
  return () => {
    stopWatching()
    for (const signal of stopSignals) process.off(signal, forward)
  }
}

/** Calls back when the npm that started us has ended without a signal to us: nothing else would stop us. */
function watchParent(onGone) {
  if (!process.env.npm_lifecycle_event) return () => {}
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, parentPollMs)
  return () => clearInterval(timer)
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

function fail(line) {
  say(line)
  process.exit(1)
}

process.exitCode = await main(process.argv.slice(2))
