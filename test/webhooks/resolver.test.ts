// S3: a zone whose name servers do not answer holds up nobody else.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { LookupFailure } from '../../src/core/webhooks/destination.ts'
import { openResolver, parseHosts } from '../../src/push/resolver.ts'
import { openSender } from '../../src/push/sender.ts'
import { openNameServer } from '../harness/name-server.ts'
import { eventually } from '../harness/program.ts'
import { allowLocal, openReceiver, testEngine, testHook } from '../harness/receiver.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

const publicIpv4 = '93.184.215.14'
const publicIpv6 = '2606:2800:21f:cb07:6820:80da:af6b:8b2c'

const names = await openNameServer({
  'alive.test': [publicIpv4, publicIpv6],
  'four.test': [publicIpv4],
  'six.test': [publicIpv6],
  'empty.test': [],
  'broken.test': 'broken',
  'local.test': ['127.0.0.1'],
  '*.dead.test': 'silent',
})
const scratch = await newScratch()
afterAll(() => dropScratch(scratch))

/** Look-ups of dead zones end after this time; a busy machine may add to it. */
const timeoutMs = 1_500
const options = { servers: [names.address], timeoutMs }

const outcome = (found: Promise<readonly string[]>) =>
  found.catch((error: unknown) => {
    if (error instanceof LookupFailure) return error.kind
    throw error
  })

describe('S3: a look-up', () => {
  const resolve = openResolver(options)

  it('finds the addresses of both families', async () => {
    expect(await resolve('alive.test')).toEqual([publicIpv4, publicIpv6])
    expect(await resolve('ALIVE.test.')).toEqual([publicIpv4, publicIpv6])
    expect(await resolve('four.test')).toEqual([publicIpv4])
    expect(await resolve('six.test')).toEqual([publicIpv6])
    expect(await resolve('192.0.2.7')).toEqual(['192.0.2.7'])
  })

  it('tells a name that does not exist from one that cannot be looked up now', async () => {
    expect(await outcome(resolve('missing.test'))).toBe('not_found')
    expect(await outcome(resolve('empty.test'))).toBe('not_found')
    expect(await outcome(resolve('broken.test'))).toBe('no_answer')
    expect(await outcome(resolve('a.dead.test'))).toBe('no_answer')
    const nobody = openResolver({ servers: ['127.0.0.1:9'], timeoutMs })
    expect(await outcome(nobody('alive.test'))).toBe('no_answer')
  })

  it('is shared by all who ask for the same host at the same time', async () => {
    const before = names.asked.length
    await Promise.all(Array.from({ length: 50 }, () => resolve('alive.test')))
    // One query a family.
    expect(names.asked.length - before).toBe(2)
  })

  it('never asks a name server for localhost', async () => {
    const before = names.asked.length
    expect(await resolve('localhost')).toContain('127.0.0.1')
    expect(await resolve('app.localhost')).toEqual(['127.0.0.1', '::1'])
    expect(names.asked).toHaveLength(before)
  })

  it('reads the hosts file first, and again when it has changed', async () => {
    const hostsFile = join(scratch, 'hosts')
    await writeFile(
      hostsFile,
      '# ours\n10.1.2.3 Inside.test alias # two\n::1\tinside.test\nbad x\n',
    )
    const listed = openResolver({ ...options, hostsFile })
    expect(await listed('inside.test')).toEqual(['10.1.2.3', '::1'])
    expect(await listed('alias')).toEqual(['10.1.2.3'])
    expect(await outcome(listed('x'))).toBe('not_found')
    await writeFile(hostsFile, '10.9.9.9 inside.test\n')
    await eventually(async () => (await listed('inside.test'))[0] === '10.9.9.9')
    await rm(hostsFile)
    await eventually(async () => (await outcome(listed('inside.test'))) === 'not_found')
  })

  it('leaves out of the hosts file what is no address', () => {
    expect([...parseHosts('fe80::1%lo0 a\n1.2.3 b\n#1.1.1.1 c\n\n127.0.0.1\n').keys()]).toEqual([])
  })
})

describe('S3: beside zones whose name servers do not answer', async () => {
  const server = await testServer({ resolver: options })
  const hook = (key: string, host: string) =>
    call<{ code?: string; detail?: string; retry_after?: number }>(
      server,
      key,
      'POST',
      '/v1/webhooks',
      { url: `https://${host}/hook`, events: ['*'] },
    )

  it('others create webhooks, and the owner learns what is wrong, a few at a time', async () => {
    const [owner, other] = await Promise.all([testCustomer(server.db), testCustomer(server.db)])
    const dead = Array.from({ length: 20 }, (_, n) => hook(owner.key, `h${n}.dead.test`))
    const [innocent] = await Promise.all([hook(other.key, 'alive.test')])
    expect(innocent.status).toBe(201)
    const answers = await Promise.all(dead)
    const failed = answers.filter(({ body }) => body.code === 'host_lookup_failed')
    const refused = answers.filter(({ body }) => body.code === 'rate_limited')
    expect(failed.length + refused.length).toBe(20)
    expect(failed.length).toBeGreaterThanOrEqual(1)
    expect(refused.length).toBeGreaterThanOrEqual(1)
    for (const { status, body } of failed) {
      expect(status).toBe(422)
      expect(body.detail).toMatch(/h\d+\.dead\.test cannot be looked up right now/)
      expect(body.retry_after).toBeGreaterThan(0)
    }
    for (const { status, body } of refused) {
      expect(status).toBe(429)
      expect(body.retry_after).toBeGreaterThan(0)
    }
    expect((await hook(owner.key, 'missing.test')).body).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('missing.test'),
    })
    // Once its look-ups have ended, the account may go on.
    expect((await hook(owner.key, 'alive.test')).status).toBe(201)
  })
})

describe('S3: webhooks to zones whose name servers do not answer', async () => {
  const server = await testServer({ env: allowLocal, resolver: options })
  const sender = openSender({ network: server.app.webhooks.network })
  afterAll(() => sender.close())
  const engine = testEngine(server.app, { sender })

  it('leave the webhooks of others on their way, and say why they failed', async () => {
    const receiver = await openReceiver()
    const fine = await testHook(server, {
      url: receiver.url.replace('127.0.0.1', 'local.test'),
    })
    const stuck = await testHook(server, { url: 'https://once.example.com/hook' })
    await server.db.query(
      `update webhook_endpoints set url = 'https://a.dead.test/' where url like '%once.%'`,
    )
    const test = ({ key, id }: typeof fine) => call(server, key, 'POST', `/v1/webhooks/${id}/test`)
    for (let one = 0; one < 10; one++) await test(stuck)
    await engine.turn()
    await test(fine)
    await engine.turn()
    await eventually(async () => receiver.received.length === 1)
    await engine.idle()
    const { body } = await call<{ data: { attempts: { error: string }[] }[] }>(
      server,
      stuck.key,
      'GET',
      `/v1/webhooks/${stuck.id}/deliveries`,
    )
    const errors = body.data.flatMap(({ attempts }) => attempts.map(({ error }) => error))
    expect(errors.length).toBeGreaterThan(0)
    expect(new Set(errors)).toEqual(new Set(['name servers do not answer']))
  })
})
