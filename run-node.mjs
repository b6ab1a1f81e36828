// Runs a program with Node 24 and hands signals on to it: in a checkout (run.mjs) and a package (numlet.mjs).
import { spawn, spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Where this installation is: the checkout, or the package. */
export const root = realpathSync(dirname(fileURLToPath(import.meta.url)))

const guard = pathToFileURL(join(root, 'run-guard.mjs')).href
const parentPollMs = 500
/** Ctrl-C reaches us from the terminal and again from npm. A second one by the user comes later. */
const sameSignalMs = 500
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Node 24 from the dependencies, if it runs on this machine; otherwise the running Node, if new enough. */
export function pickNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${os}-${process.arch}`
  const packaged = packagedNode(name)
  if (packaged !== null && spawnSync(packaged, ['--version']).status === 0) return packaged
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const packagedOne = packaged
    ? `the packaged one (${packaged}) does not run here`
    : `there is no packaged one for ${os}-${process.arch}`
  return fail(
    `Numlet needs Node 24: this is Node ${process.versions.node}, and ${packagedOne}. ` +
      'Install Node 24 or later (https://nodejs.org) and start again.',
  )
}

/** Its path, whether or not it runs; null if the package is not installed. */
function packagedNode(name) {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    return join(dirname(manifest), process.platform === 'win32' ? 'bin/node.exe' : 'bin/node')
  } catch {
    return null
  }
}

/**
 * Runs a program to its end and returns its exit code. The program gets a new session, so that each stop
 * signal reaches it once, through this process, whatever the terminal and npm also send. If this process is
 * killed, the pipe that it holds closes, and the program stops by itself (run-guard.mjs).
 */
export function run(node, [program, ...args], { cwd, modules }) {
  return new Promise((resolve) => {
    const child = spawn(node, ['--import', guard, join(root, program), ...args], {
      cwd,
      detached: process.platform !== 'win32',
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: environment(modules),
    })
    const stopListening = forwardSignals(child)
    child.once('error', (error) => fail(`${node} cannot be run: ${error.message}`))
    child.once('exit', (code, signal) => {
      stopListening()
      resolve(signal ? 128 + constants.signals[signal] : code)
    })
  })
}

function environment(modules) {
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
export function watchParent(onGone) {
  if (!process.env.npm_lifecycle_event) return () => {}
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, parentPollMs)
  return () => clearInterval(timer)
}

/** Writes a line for the user, to stderr. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** Says why it cannot go on, and ends the process. */
export function fail(line) {
  say(line)
  process.exit(1)
}
