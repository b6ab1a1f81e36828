// Builds the web application if web/dist is missing or was made from other sources. Needs Node 20 and npm.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { endGroup, ensureInstalled, takeLock } from './run-install.mjs'

/** How long the build may take to end when it is told to. */
const endPatienceMs = 5_000
/** What is no source of the build. */
const isMade = (name) => /^(?:node_modules|dist|dist\.new)$/.test(name)

/** Installs and builds what is missing. A package has no sources: what it holds is built.
 * @param node a promise of the Node that builds
 * @param stop a promise of the signal that stops it
 * @returns the signal that stopped it, or null when everything is built
 * @throws Error whose message says why it could not be built */
export async function ensureWeb({ root, node, say, stop }) {
  const web = join(root, 'web')
  if (!existsSync(join(web, 'package.json')) || isBuilt(web)) return null
  const name = 'the dashboard’s tools'
  const signal = await ensureInstalled({
    root: web,
    guardIn: root,
    name,
    node,
    needsDev: true,
    say,
    stop,
  })
  if (signal !== null) return signal
  const lock = await takeLock(join(web, 'build'), say, stop, 'builds the dashboard')
  if (typeof lock === 'string') return lock
  try {
    return isBuilt(web) ? null : await build({ root, web, node, say, stop })
  } finally {
    lock.close()
  }
}

async function build({ root, web, node, say, stop }) {
  const startedAt = Date.now()
  say('Building the dashboard ...')
  const isUnix = process.platform !== 'win32'
  const guard = pathToFileURL(join(root, 'run-guard.mjs')).href
  const child = spawn(node(), ['--import', guard, join(web, 'build.mjs'), digestOf(web)], {
    cwd: web,
    detached: isUnix,
    // stdout is the command's own.
    stdio: ['ignore', 2, 2, 'pipe'],
    env: isUnix ? { ...process.env, NUMLET_GUARD_FD: '3' } : process.env,
  })
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  const signal = await Promise.race([stop, ended.then(() => null)])
  if (signal !== null) {
    endGroup(child, 'SIGTERM')
    const timer = setTimeout(() => endGroup(child, 'SIGKILL'), endPatienceMs)
    await ended
    clearTimeout(timer)
    say('The build was stopped; the next start does it again.')
    return signal
  }
  if ((await ended) !== 0) throw new Error('its build failed: see above')
  say(`Dashboard built in ${Math.max(1, Math.round((Date.now() - startedAt) / 1000))} s.`)
  return null
}

function isBuilt(web) {
  try {
    return readFileSync(join(web, 'dist', 'built-from'), 'utf8') === digestOf(web)
  } catch {
    return false
  }
}

/** A hash of all sources by name and content: times of files say nothing after a checkout. */
function digestOf(web) {
  const hash = createHash('sha256')
  for (const path of filesIn(web, '').sort())
    hash
      .update(`${path}\n`)
      .update(readFileSync(join(web, path)))
      .update('\n')
  return hash.digest('hex')
}

function filesIn(web, folder) {
  return readdirSync(join(web, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return folder === '' && isMade(entry.name) ? [] : filesIn(web, path)
    return [path]
  })
}
