// Gets the dependencies: for `npm start` what runs, for the tests the tools, too. Needs only Node 20 and npm.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const waitPatienceMs = 15 * 60 * 1000
/** How long npm may take to undo what it has begun. */
const undoPatienceMs = 10_000

/** Installs what is missing in a checkout.
 * @param guardIn where run-guard.mjs is
 * @param name what is installed, in words
 * @param node gives the Node that npm runs on: it leaves out optional packages that want a newer one
 * @param needsDev whether the tools of development are needed, too
 * @param stop a promise of the signal that stops it
 * @returns the signal that stopped it, or null when everything is there
 * @throws Error whose message says what to do */
export async function ensureInstalled({
  root,
  guardIn = root,
  name = 'the dependencies',
  node = () => process.execPath,
  needsDev,
  say,
  stop,
}) {
  if (isInstalled(root, needsDev)) return null
  const lock = await takeLock(root, say, stop, 'installs the dependencies')
  if (typeof lock === 'string') return lock
  try {
    // Whoever held the lock before us may have done it.
    if (isInstalled(root, needsDev)) return null
    return await install({ root, guardIn, name, node, needsDev, say, stop, lock })
  } finally {
    lock.close()
  }
}

const modulesOf = (root) => join(root, 'node_modules')
/** Written last: it names the package-lock.json that was installed whole. */
const stampOf = (root) => join(modulesOf(root), '.numlet-installed')

/**
 * Whether an installation was finished, and each package that is needed is there in its version. npm writes a
 * list of its own when it is done; our stamp says the same. Neither is there after one that was broken off.
 */
function isInstalled(root, needsDev) {
  const lock = readText(join(root, 'package-lock.json'))
  if (lock === null) throw new Error('package-lock.json is missing: this is not a whole checkout')
  const isFinished =
    readText(stampOf(root))?.startsWith(digest(lock)) ||
    toJson(readText(join(modulesOf(root), '.package-lock.json')))?.packages
  if (!isFinished) return false
  return Object.entries(toJson(lock)?.packages ?? {}).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    const version = toJson(readText(join(root, path, 'package.json')))?.version
    if (version === entry.version) return true
    const isDev = entry.dev || entry.devOptional
    return (isDev && !needsDev) || (entry.optional && !isForUs(entry))
  })
}

/** Whether this machine needs an optional package. Those without a platform come with others. */
function isForUs({ os, cpu, libc }) {
  if (!os || !cpu) return false
  const isGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime)
  return (
    [os].flat().includes(process.platform) &&
    [cpu].flat().includes(process.arch) &&
    (!libc || [libc].flat().includes(isGlibc ? 'glibc' : 'musl'))
  )
}

async function install({ root, guardIn, name, node, needsDev, say, stop, lock }) {
  const startedAt = Date.now()
  const isOwn = guardIn === root
  // What runs may be in use by a server at this moment: the tools are added to it, and it is left as it is.
  const isAddition = needsDev && isInstalled(root, false)
  say(
    isAddition
      ? 'Installing the tools of development ...'
      : `Installing ${isOwn ? 'dependencies' : name} (once) ...`,
  )
  const args = [
    ...(isAddition ? ['install', '--no-save'] : ['ci']),
    ...['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--include=optional'],
    needsDev ? '--include=dev' : '--omit=dev',
  ]
  // What is half there is not told apart from what is whole by npm's own list.
  if (!isAddition) rmSync(stampOf(root), { force: true })
  const { code, signal } = await runNpm(args, { root, guardIn, node: node(), stop, lock })
  if (signal) {
    say('The installation was stopped; the next start does it again.')
    return signal
  }
  if (code !== 0)
    throw new Error(
      `npm could not install ${name}: see above.${isOwn ? ' Nothing was started.' : ''} ` +
        'Check the network (npm ping) and the room on the disk, then start again.',
    )
  dropHeaders(root)
  writeFileSync(stampOf(root), digest(readText(join(root, 'package-lock.json'))))
  if (!isInstalled(root, needsDev))
    throw new Error(
      'npm has ended, and packages are missing in node_modules. Remove node_modules and start again.',
    )
  const tookS = Math.round((Date.now() - startedAt) / 1000)
  say(isOwn ? `Dependencies installed in ${tookS} s.` : `Installed in ${tookS} s.`)
  return null
}

/**
 * Runs npm to its end, in a process group of its own. Whoever stops us stops it first: a signal is handed on,
 * and should we be killed, the pipe that we hold closes (run-guard.mjs). It holds our lock, too: nobody else
 * begins before it is gone.
 */
async function runNpm(args, { root, guardIn, node, stop, lock }) {
  const [command, ...prefix] = npmCommand(node)
  const isUnix = process.platform !== 'win32'
  const guard = pathToFileURL(join(guardIn, 'run-guard.mjs')).href
  const options = `${process.env.NODE_OPTIONS ?? ''} --import=${guard}`.trim()
  const env =
    node === process.execPath
      ? process.env
      : { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(command, [...prefix, ...args], {
    cwd: root,
    shell: !isUnix && prefix.length === 0,
    detached: isUnix,
    // stdout is the command's own: a --json line and nothing else.
    stdio: ['ignore', 2, 2, 'pipe', isUnix ? lock._handle.fd : 'ignore'],
    env: isUnix ? { ...env, NODE_OPTIONS: options, NUMLET_GUARD_FD: '3' } : env,
  })
  const ended = new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`npm cannot be run: ${error.message}`)))
    child.once('exit', (code) => resolve({ code, signal: null }))
  })
  const signal = await Promise.race([stop.then((name) => name), ended.then(() => null)])
  if (signal === null) return ended
  endGroup(child, 'SIGTERM')
  const timer = setTimeout(() => endGroup(child, 'SIGKILL'), undoPatienceMs)
  await ended
  clearTimeout(timer)
  endGroup(child, 'SIGKILL')
  return { code: null, signal }
}

/** Sends a signal to a program and those that it has started. */
export function endGroup(child, signal) {
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

/** The npm that started us, else the one on the PATH. */
function npmCommand(node) {
  const own = process.env.npm_execpath
  return own?.endsWith('.js') ? [node, own] : ['npm']
}

/** The packaged Node brings the headers for compiling addons, a third of its size: nothing here compiles. */
function dropHeaders(root) {
  for (const name of readdirSync(modulesOf(root)))
    if (/^node-(?:linux|darwin|win)-/.test(name))
      rmSync(join(modulesOf(root), name, 'include'), { recursive: true, force: true })
}

/** A name that one process can hold at a time and that the system takes back when it ends.
 * @param what what its holder does, for those who wait */
export async function takeLock(root, say, stop, what) {
  const name = `numlet-install-${digest(root).slice(0, 16)}`
  const path =
    process.platform === 'linux'
      ? `\0${name}`
      : process.platform === 'win32'
        ? `\\\\.\\pipe\\${name}`
        : join(tmpdir(), name)
  const deadline = Date.now() + waitPatienceMs
  for (let hasSaid = false; Date.now() < deadline; hasSaid = true) {
    const server = await listen(path)
    if (server) return server
    if (!hasSaid) say(`Another process ${what}; waiting for it ...`)
    if (!path.startsWith('\0') && !(await isListening(path))) rmSync(path, { force: true })
    const signal = await Promise.race([pause(250), stop])
    if (signal) return signal
  }
  throw new Error(
    'Another process has been installing the dependencies for too long. Look for npm.',
  )
}

function listen(path) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)))
    server.listen(path, () => resolve(server))
  })
}

function isListening(path) {
  if (!existsSync(path)) return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
  })
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function toJson(text) {
  try {
    return text === null ? null : JSON.parse(text)
  } catch {
    return null // written in part
  }
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex')
}
