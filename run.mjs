// Makes a fresh clone run: gets the dependencies, picks Node 24, runs a command with it. Needs only Node 20 and npm.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = realpathSync(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.numlet-installed')
const guard = pathToFileURL(join(root, 'run-guard.mjs')).href
const installPatienceMs = 15 * 60 * 1000
const parentPollMs = 500
/** Ctrl-C reaches us from the terminal and again from npm; a second one by hand comes later than this. */
const sameSignalMs = 500
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

const vitest = ['node_modules/vitest/vitest.mjs', 'run']

/** The programs a command line stands for, run one after the other. */
function programsFor([command, ...rest]) {
  if (command === '--test') return [[...vitest, ...rest]]
  if (command === '--bench') return [['bench/main.ts', ...rest]]
  if (command === '--check')
    return [
      ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
      ['node_modules/typescript/bin/tsc', '-p', '.'],
      [...vitest, ...rest],
    ]
  return [['src/main.ts', ...(command === undefined ? [] : [command]), ...rest]]
}

async function main(args) {
  const needsDev = args[0] === '--test' || args[0] === '--check'
  await ensureInstalled(needsDev)
  const node = pickNode()
  for (const program of programsFor(args)) {
    const code = await run(node, program)
    if (code !== 0) return code
  }
  return 0
}

// Dependencies

async function ensureInstalled(needsDev) {
  if (isInstalled(needsDev)) return
  const lock = await takeLock()
  try {
    // Whoever held the lock before us may have done it.
    if (!isInstalled(needsDev)) install(needsDev)
  } finally {
    lock.close()
  }
}

/** Our stamp names the lock file we installed; without one (npm was run by hand) the packages are compared. */
function isInstalled(needsDev) {
  const wanted = readText(join(root, 'package-lock.json'))
  if (wanted === null) return fail('package-lock.json is missing: this is not a whole checkout')
  const stamp = readText(stampFile)
  if (stamp === `${digest(wanted)} dev` || (stamp === digest(wanted) && !needsDev)) return true
  const hidden = readText(join(modules, '.package-lock.json'))
  if (hidden === null) return false
  const found = JSON.parse(hidden).packages
  return Object.entries(JSON.parse(wanted).packages).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    if (found[path]) return found[path].version === entry.version
    return (entry.dev && !needsDev) || (entry.optional && !isForUs(entry))
  })
}

/** Whether an optional package is one this machine cannot do without. Those without a platform come with others. */
function isForUs({ os, cpu, libc }) {
  if (!os || !cpu) return false
  const isGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime)
  return (
    [os].flat().includes(process.platform) &&
    [cpu].flat().includes(process.arch) &&
    (!libc || [libc].flat().includes(isGlibc ? 'glibc' : 'musl'))
  )
}

function install(needsDev) {
  say('Installing dependencies (once) ...')
  const startedAt = Date.now()
  const [command, ...prefix] = npmCommand()
  const wantsDev = needsDev || process.env.NODE_ENV !== 'production'
  const args = [
    ...['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    ...['--include=optional', wantsDev ? '--include=dev' : '--omit=dev'],
  ]
  const result = spawnSync(command, [...prefix, ...args], {
    cwd: root,
    shell: process.platform === 'win32' && prefix.length === 0,
    // stdout is the command's own: a --json line and nothing else.
    stdio: ['ignore', 2, 2],
  })
  if (result.error) fail(`npm cannot be run: ${result.error.message}`)
  if (result.signal) process.exit(128 + constants.signals[result.signal])
  if (result.status !== 0) fail('npm ci failed, see above; nothing was started')
  const wanted = readText(join(root, 'package-lock.json'))
  writeFileSync(stampFile, wantsDev ? `${digest(wanted)} dev` : digest(wanted))
  say(`Dependencies installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`)
}

/** The npm that started us, else the one on the PATH. */
function npmCommand() {
  const own = process.env.npm_execpath
  return own?.endsWith('.js') ? [process.execPath, own] : ['npm']
}

/** A name that one process can hold at a time and that the system takes back when it ends, however it ends. */
async function takeLock() {
  const name = `numlet-install-${digest(root).slice(0, 16)}`
  const path =
    process.platform === 'linux'
      ? `\0${name}`
      : process.platform === 'win32'
        ? `\\\\.\\pipe\\${name}`
        : join(tmpdir(), name)
  const deadline = Date.now() + installPatienceMs
  for (let hasSaid = false; Date.now() < deadline; hasSaid = true) {
    const server = await listen(path)
    if (server) return server
    if (!hasSaid) say('Another process installs the dependencies; waiting for it ...')
    if (!path.startsWith('\0') && !(await isListening(path))) rmSync(path, { force: true })
    await pause(250)
  }
  return fail('another process has been installing the dependencies for too long')
}

function listen(path) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)))
    server.listen(path, () => resolve(server))
  })
}

function isListening(path) {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
  })
}

// The runtime

/** Node 24 from the dependencies, if this machine runs it; else our own, if it is new enough. */
function pickNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  const packaged = join(modules, `node-${os}-${process.arch}`, binary)
  if (spawnSync(packaged, ['--version']).status === 0) return packaged
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return fail(
    `Numlet needs Node 24: this is Node ${process.versions.node}, and there is no packaged one for ` +
      `${os}-${process.arch}. Install Node 24 or later (https://nodejs.org) and start again.`,
  )
}

/**
 * Runs a program to its end and answers its exit code. It gets a session of its own, so that each
 * stop signal reaches it once, through us, whoever else the terminal and npm sent it to. Should we
 * be killed, the pipe that we hold closes, and it stops by itself (run-guard.mjs).
 */
function run(node, [program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(node, ['--import', guard, join(root, program), ...args], {
      // A tool is for the whole repository; a command's file names are meant from where we were called.
      cwd: program.startsWith('src/') ? process.cwd() : root,
      detached: process.platform !== 'win32',
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: process.platform === 'win32' ? process.env : { ...process.env, NUMLET_GUARD_FD: '3' },
    })
    const stopListening = forwardSignals(child)
    child.once('error', (error) => fail(`${node} cannot be run: ${error.message}`))
    child.once('exit', (code, signal) => {
      stopListening()
      resolve(signal ? 128 + constants.signals[signal] : code)
    })
  })
}

function forwardSignals(child) {
  const lastAt = {}
  const forward = (signal) => {
    const isRepeated = Date.now() - (lastAt[signal] ?? 0) < sameSignalMs
    lastAt[signal] = Date.now()
    if (!isRepeated) child.kill(signal)
  }
  for (const signal of stopSignals) process.on(signal, forward)
  const stopWatching = watchParent(() => forward('SIGTERM'))
  return () => {
    stopWatching()
    for (const signal of stopSignals) process.off(signal, forward)
  }
}

/** Calls back when the npm that started us is gone without having told us: nobody would stop us then. */
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

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex')
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

function fail(line) {
  say(line)
  process.exit(1)
}

process.exitCode = await main(process.argv.slice(2))
