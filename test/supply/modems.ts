// The scripts of deploy/ for programs that have modems, run as these programs run them, with a real server
// that can be out of reach.
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { canRunCommand } from '../harness/programs.ts'
import { type TestServer, testSupplier } from '../harness/server.ts'

export const scripts = fileURLToPath(new URL('../../deploy/', import.meta.url))

/** Whether the programs that the scripts need are there. */
export const canRunScripts =
  canRunCommand('curl --version', 'curl', 'the scripts for modems') &&
  canRunCommand('iconv --version', 'libc-bin', 'the scripts for modems')

/** Copies a script and what it calls into a folder, as the documents say: the programs split a path at its
 * blanks. @returns the script's path */
export async function installScript(folder: string, script: string): Promise<string> {
  const installed = join(folder, basename(script))
  await cp(join(scripts, script), installed)
  await cp(join(scripts, 'modems/deliver.sh'), join(folder, 'deliver.sh'))
  return installed
}

/** How the way to the server behaves: `open`, `closed` (nobody answers), or `deaf` (the request arrives, its
 * answer is lost). */
type Way = 'open' | 'closed' | 'deaf'

export type Modems = {
  readonly server: TestServer
  readonly settings: string
  readonly spool: string
  readonly folder: string
  /** The way from now on. */
  set(way: Way): void
  /** The number of connections that were tried. */
  tries(): number
  /** Overwrites settings: their names and values. */
  configure(settings: Readonly<Record<string, string>>): Promise<void>
  /** Runs a script of deploy/ to its end; fails if it fails. */
  run(
    script: string,
    args: readonly string[],
    env?: Record<string, string>,
    input?: string,
  ): Promise<void>
  /** What waits in the spool, by the ends of the names. */
  waiting(): Promise<readonly string[]>
  /** The texts that the server has of a number, in the order in which they came. */
  texts(phone: string): Promise<readonly string[]>
}

let opened = 0

/** A supplier of a server with the settings of the scripts, for the running test. */
export async function openModems(
  server: TestServer,
  numbers: Readonly<Record<string, string>>,
): Promise<Modems> {
  const { secret } = await testSupplier(server.db, `modems-${++opened}`)
  const door = await openDoor(Number(new URL(server.url).port))
  const folder = await mkdtemp(join(tmpdir(), 'numlet-modems-'))
  const [settings, spool] = [join(folder, 'modems.conf'), join(folder, 'spool')]
  const url = `http://127.0.0.1:${door.port}/api/callback`
  const defaults = { url, secret, spool, ...prefixed(numbers) }
  const configure = (changed: Readonly<Record<string, string>>) =>
    writeFile(settings, linesOf({ ...defaults, ...changed }))
  await configure({})
  await mkdir(spool)
  // A sender that still runs finds nothing more to send, and ends.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return {
    server,
    settings,
    spool,
    folder,
    set: door.set,
    tries: door.tries,
    configure,
    run: (script, args, env = {}, input = '') =>
      runScript(script, args, { ...env, NUMLET_MODEMS: settings }, input),
    waiting: async () => (await readdir(spool)).filter((name) => name !== 'sending').map(endOf),
    texts: async (phone) => {
      const rows = await server.db.query<{ text: string }>(
        'select text from messages where phone = $1 order by id',
        [phone],
      )
      return rows.map(({ text }) => text)
    },
  }
}

const endOf = (name: string) => name.slice(name.indexOf('.'))

const prefixed = (numbers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(numbers).map(([modem, phone]) => [`number.${modem}`, phone]))

const linesOf = (settings: Readonly<Record<string, string>>) =>
  ['# of a test', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`), ''].join(
    '\n',
  )

function runScript(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
  input: string,
) {
  const { PATH = '' } = process.env
  const child: ChildProcess = spawn('sh', [join(scripts, script), ...args], {
    env: { PATH, ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  // A script that needs no input does not read it.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    // Not `close`: a sender in the background may hold what it inherited.
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}: ${errors}`)),
    )
  })
}

/** A port that leads to another one, as long as the way is open. */
async function openDoor(target: number) {
  let [way, tries]: [Way, number] = ['open', 0]
  const sockets = new Set<Socket>()
  const door = createServer((inside) => {
    tries++
    const outside = connect(target, '127.0.0.1')
    for (const one of [inside, outside]) {
      sockets.add(one)
      one.on('error', () => {})
      one.once('close', () => {
        sockets.delete(one)
        inside.destroy()
        outside.destroy()
      })
    }
    if (way === 'closed') return inside.destroy()
    inside.pipe(outside)
    if (way === 'deaf') outside.once('data', () => inside.destroy())
    else outside.pipe(inside)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    door.close()
  })
  const address = door.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    tries: () => tries,
    set(other: Way) {
      way = other
    },
  }
}

/** A message as the scripts put it into the spool. */
export async function spooled(modems: Modems): Promise<readonly unknown[]> {
  const names = (await readdir(modems.spool)).filter((name) => /\.json/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(modems.spool, name), 'utf8'))),
  )
}
