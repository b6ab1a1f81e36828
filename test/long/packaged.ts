// What the tests of the package and of the image share: the environment of tools, sizes, a customer's calls.
import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const outputBytes = 16 * 1024 * 1024

/** What Numlet, the test runner, and the npm that started it read or set. */
const notAShells =
  /^(?:NUMLET_|DATABASE_URL$|PORT$|HOST$|VITEST|INIT_CWD$|NODE_(?!EXTRA)|npm_(?!config_(?:re|ca)))/i

/** Our environment as a shell has it, and the given. */
export function shellEnvironment(given: Readonly<Record<string, string>> = {}) {
  const ours = Object.entries(process.env).filter(([name]) => !notAShells.test(name))
  return { ...Object.fromEntries(ours), ...given }
}

/** Runs a tool to its end. @returns its stdout @throws with its stderr if it fails */
export async function tool(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { cwd, env = {} } = options
  const done = await run(command, args, {
    env: shellEnvironment(env),
    maxBuffer: outputBytes,
    ...(cwd === undefined ? {} : { cwd }),
  })
  return done.stdout
}

/** The key that a first start with demo data prints. */
export function keyIn(output: string): string {
  const [, key] = /Its key, shown this once:\s+(\S+)/.exec(output) ?? []
  if (key === undefined) throw new Error(`no key in:\n${output}`)
  return key
}

export type Order = { readonly id: string; readonly state: string; readonly code: string | null }

/** A customer's call of the native API. @throws when it is refused */
export async function call(url: string, key: string, path: string, body?: unknown): Promise<Order> {
  const response = await fetch(`${url}/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Order
}

/** The bytes of the files below a directory, each counted once. */
export async function sizeOf(directory: string): Promise<number> {
  const seen = new Set<number>()
  let bytes = 0
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const { ino, size } = await stat(join(entry.parentPath, entry.name))
    if (!seen.has(ino)) bytes += size
    seen.add(ino)
  }
  return bytes
}
