// The files in deploy/: systemd accepts the units and finds them confined, and the containers fit together.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { read, root } from '../tidy/files.ts'

const units = ['numlet.service', 'numlet-worker.service']
/** Of 100; 20 is "OK" in systemd's own words. */
const highestExposure = '20'

const found = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
const skipped = (command: string, what: string) => {
  const isThere = found(command)
  if (!isThere) process.stderr.write(`No ${command}: ${what} is not tested.\n`)
  return !isThere
}

describe('the systemd units', () => {
  it.skipIf(skipped('systemd-analyze', 'what systemd says of the units'))(
    'are accepted by systemd, and expose little',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'numlet-units-'))
      onTestFinished(() => rm(folder, { recursive: true, force: true }))
      await mkdir(join(folder, 'bin'))
      for (const name of units) {
        const file = join(folder, name)
        // systemd looks whether the program is there.
        const text = read(`deploy/systemd/${name}`)
        const node = '/opt/numlet/node_modules/.bin/node'
        expect(text).toContain(`ExecStart=${node} `)
        await writeFile(
          file,
          text.replace(`ExecStart=${node} `, `ExecStart="${process.execPath}" `),
        )
        const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
        expect({ name, ...outcomeOf(verified) }).toEqual({ name, status: 0, said: '' })
        const options = ['security', '--offline=true', `--threshold=${highestExposure}`, file]
        const { status, stdout } = spawnSync('systemd-analyze', options, { encoding: 'utf8' })
        expect(status, stdout).toBe(0)
      }
    },
  )

  it('are confined in the same way', () => {
    const [server, worker] = units.map(
      (name) => read(`deploy/systemd/${name}`).split('\n# It needs the network')[1],
    )
    expect(server).toContain('ProtectSystem=strict')
    expect(worker).toBe(server)
  })

  it('and the examples of their environment name variables that there are', () => {
    const listed = read('docs/operating.md')
    for (const file of ['deploy/numlet.env.example', 'deploy/systemd/numlet.env.example']) {
      const names = [...read(file).matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name as string)
      expect(names.length).toBeGreaterThan(1)
      expect(names.filter((name) => !listed.includes(`| \`${name}\` |`))).toEqual([])
    }
  })
})

type Service = {
  readonly image: string
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly networks: readonly string[]
  readonly secrets?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
}
type Compose = {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

describe('compose.yaml', () => {
  const compose = parse(read('deploy/compose.yaml'), { merge: true, strict: true }) as Compose
  const services = Object.entries(compose.services)
  const ours = ['server', 'worker', 'migrate']

  it('has a server, a worker, PostgreSQL 18 and Caddy', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...ours, 'caddy', 'database'].sort())
    expect(ours.map((name) => compose.services[name]?.command)).toEqual([
      ['serve'],
      ['work'],
      ['migrate'],
    ])
    expect(compose.services.database?.image).toMatch(/postgres:18/)
  })

  it('names only volumes, networks, secrets and services that it has', () => {
    for (const [name, service] of services) {
      const volumes = (service.volumes ?? []).map((one) => one.split(':')[0] as string)
      const named = volumes.filter((one) => !one.startsWith('.'))
      expect(Object.keys(compose.volumes), name).toEqual(expect.arrayContaining(named))
      expect(Object.keys(compose.networks), name).toEqual(
        expect.arrayContaining([...service.networks]),
      )
      const secrets = [...(service.secrets ?? [])]
      expect(Object.keys(compose.secrets), name).toEqual(expect.arrayContaining(secrets))
      for (const other of Object.keys(service.depends_on ?? {}))
        expect(Object.keys(compose.services), name).toContain(other)
    }
  })

  it('publishes Caddy and incoming mail, and keeps the database to itself', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((one) => [name, one]))
    expect(published).toEqual([
      ['server', '25:2525'],
      ['caddy', '80:80'],
      ['caddy', '443:443'],
      ['caddy', '443:443/udp'],
    ])
    expect(compose.services.database?.networks).toEqual(['back'])
    expect(compose.networks.back).toEqual({ internal: true })
  })

  it('has no secret in it, and a health check of each service that stays', () => {
    const texts = services.flatMap(([, { environment = {} }]) => Object.entries(environment))
    expect(texts.filter(([name]) => /PASSWORD$|KEY|SECRET|DATABASE_URL/.test(name))).toEqual([])
    for (const name of ['database', 'caddy'])
      expect(compose.services[name]?.healthcheck?.test?.length, name).toBeGreaterThan(0)
    // Ours have the image's; a worker answers it on the port for metrics.
    expect(compose.services.server?.healthcheck).toBeUndefined()
    expect(compose.services.worker?.environment?.NUMLET_METRICS_PORT).toMatch(/^\d+$/)
  })

  it('runs our containers read-only and without any capability', () => {
    for (const name of ours)
      expect(compose.services[name], name).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
  })

  it.skipIf(skipped('caddy', 'the Caddyfile (Debian: apt-get install caddy)'))(
    'has a Caddyfile that Caddy accepts',
    () => {
      const file = join(root, 'deploy/Caddyfile')
      const domain = { NUMLET_DOMAIN: 'numlet.example.com' }
      const validated = spawnSync(
        'caddy',
        ['validate', '--adapter', 'caddyfile', '--config', file],
        {
          env: { ...process.env, ...domain },
          encoding: 'utf8',
        },
      )
      expect(validated.status, validated.stderr).toBe(0)
      const formatted = spawnSync('caddy', ['fmt', file], { encoding: 'utf8' })
      expect(formatted.stdout).toBe(read('deploy/Caddyfile'))
    },
  )
})

function outcomeOf({
  status,
  stdout,
  stderr,
}: {
  status: number | null
  stdout: string
  stderr: string
}) {
  return { status, said: stdout + stderr }
}
