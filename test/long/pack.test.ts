// The npm package: what it holds, and that it runs with npx from a folder that has nothing else.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processesIn } from '../../src/db/embedded/processes.ts'
import { eventually } from '../harness/program.ts'
import { patienceMs, startCommand } from '../start/program.ts'
import { paths, root } from '../tidy/files.ts'
import { call, keyIn, type Order, shellEnvironment, sizeOf, tool } from './packaged.ts'

type Packed = {
  readonly filename: string
  readonly files: readonly { readonly path: string; readonly mode: number }[]
}

const megabyte = 1024 * 1024

let folder: string
let packed: Packed
let key: string
let order: Order
const env = shellEnvironment({ PORT: '0', NUMLET_SMTP_PORT: '0', NUMLET_DRAIN_S: '0' })
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'numlet-pack-'))
  const said = await tool('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root })
  packed = (JSON.parse(said) as Packed[])[0] as Packed
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
  const archive = `./${packed.filename}`
  await tool('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', archive], {
    cwd: folder,
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const installed = (...path: string[]) => join(folder, 'node_modules', ...path)

describe('the package', () => {
  it('holds what runs, compiled, and nothing that develops', () => {
    const names = packed.files.map(({ path }) => path)
    expect(names).toContain('dist/main.js')
    expect(names).toContain('LICENSE')
    expect(names.filter((name) => !/^dist\/|^[^/]+$/.test(name))).toEqual([])
    const isSource = /(?<!\.d)\.ts$|^dist.*\.md$|\.test\.|package-lock/
    expect(names.filter((name) => isSource.test(name))).toEqual([])
    // Only the entry `numlet/codes` is imported by others.
    const types = names.filter((name) => name.endsWith('.d.ts'))
    expect(types).toContain('dist/codes.d.ts')
    expect(types.filter((name) => !/^dist\/codes\.d\.ts$|^dist\/core\/codes\//.test(name))).toEqual(
      [],
    )
  })

  it('has everything that the program reads beside its code', () => {
    const names = new Set(packed.files.map(({ path }) => path))
    // The lists of words are in a module of their own.
    const beside = paths.filter(
      (path) => /^src\/.*\.(?!ts$|md$)\w+$/.test(path) && !path.includes('/codes/words/'),
    )
    expect(beside.length).toBeGreaterThan(20)
    expect(beside.filter((path) => !names.has(path.replace(/^src/, 'dist')))).toEqual([])
  })

  it('starts threads and children by names that are right in it', async () => {
    const compiled = packed.files.map(({ path }) => path).filter((path) => path.endsWith('.js'))
    const wrong = []
    for (const path of compiled)
      if (/new URL\(['"`][^'"`]*\.ts['"`]/.test(await readFile(installed('numlet', path), 'utf8')))
        wrong.push(path)
    // The extension is that of import.meta.url, as in src/isolation/serve.ts.
    expect(wrong).toEqual([])
  })

  it('installs less than 360 MB, most of it Node and PostgreSQL, and no tools', async () => {
    const [whole, own] = [await sizeOf(installed()), await sizeOf(installed('numlet'))]
    expect(whole).toBeLessThan(360 * megabyte)
    expect(own).toBeLessThan(8 * megabyte)
    for (const name of ['vitest', 'typescript', '@biomejs/biome', '@cyclonedx/cyclonedx-npm'])
      await expect(readFile(installed(name, 'package.json')), name).rejects.toThrow('ENOENT')
  })

  it('says its commands', async () => {
    const help = await tool('npx', ['--no-install', 'numlet', '--help'], { cwd: folder })
    expect(help).toMatch(/^Usage: numlet/m)
  })

  it('starts with npx, sells a number, and delivers its code', async () => {
    const start = startCommand(['npx', '--no-install', 'numlet', 'start'], { cwd: folder, env })
    const url = await start.ready()
    key = keyIn(start.output())
    order = await call(url, key, '/orders', { service: 'whatsapp', country: 'US' })
    expect(order.state).toBe('waiting')
    const received = await call(url, key, `/orders/${order.id}?wait=60`)
    expect(received).toMatchObject({ state: 'received', code: expect.stringMatching(/^\d{4,8}$/) })
    // The page is loaded by a thread, and an inbox's pattern read by a child: each has a compiled file.
    expect((await fetch(`${url}/docs`)).status).toBe(200)
    const inbox = { kind: 'email', site: 'example.com', regex: '[0-9]+' }
    expect(await call(url, key, '/orders', inbox)).toMatchObject({ state: 'waiting' })
    // npx hands the signal to its shell and no further; the program sees that npx is gone.
    start.child.kill('SIGTERM')
    await start.ended
    await eventually(async () => processesIn(folder).length === 0, patienceMs)
  })

  it('goes on from the same folder by its own command, and ends on SIGTERM with 0', async () => {
    const start = startCommand([installed('.bin', 'numlet'), 'start'], { cwd: folder, env })
    const url = await start.ready()
    expect(await call(url, key, `/orders/${order.id}`)).toMatchObject({ state: 'received' })
    start.child.kill('SIGTERM')
    expect(await start.ended, start.output()).toBe(0)
    expect(start.output()).not.toMatch(/recover|was not stopped/i)
    expect(await readFile(join(folder, 'data/postgres/PG_VERSION'), 'utf8')).toBe('18\n')
  })
})
