// Host names that belong to one dialect: its documented URLs work whole there, over real sockets.
import { describe, expect, it } from 'vitest'
import { ConfigError, toConfig as configOf } from '../../src/config.ts'
import { dialectsWithHosts } from '../../src/dialects/all.ts'
import { buildServer } from '../../src/roles.ts'
import { sendRaw } from '../harness/raw.ts'
import { serverOn, testCustomer, testServer } from '../harness/server.ts'

const tied = {
  NUMLET_HOSTS: 'api.example.com=whichotp, Sim.Example=fivesim, stubs.example=handler-api',
}

describe('a host that is a dialect’s', async () => {
  const server = await testServer({ env: tied })
  const behindProxy = await serverOn(server.databaseUrl, { ...tied, NUMLET_TRUST_PROXY: '1' })
  const untied = await serverOn(server.databaseUrl)
  const { key } = await testCustomer(server.db)
  const get = (path: string, headers: Record<string, string>, at: { url: string } = server) =>
    sendRaw(at, { method: 'GET', path, key, headers })
  const balance = { status: 200, body: { balance: 100, currency: 'USD' } }
  const nothing = { status: 404, body: { error: 'Not found' } }

  it.each(['api.example.com', 'API.Example.COM', 'api.example.com:8443', 'api.example.com.'])(
    '%s serves the documented path',
    async (host) => {
      expect(await get('/api/v1/balance', { host })).toMatchObject(balance)
      expect(await get('/api/v1/balance/?a=b', { host })).toMatchObject(balance)
    },
  )

  it('takes the whole path of the platform as well', async () => {
    expect(await get('/whichotp/api/v1/balance', { host: 'api.example.com' })).toMatchObject(
      balance,
    )
  })

  it('serves another dialect on another host', async () => {
    const profile = await get('/v1/user/profile', { host: 'sim.example' })
    expect(profile).toMatchObject({ status: 200, body: { balance: 100 } })
  })

  it('serves a protocol whose path is one file', async () => {
    const headers = { host: 'stubs.example' }
    expect(await get('/stubs/handler_api.php?action=getBalance', headers)).toMatchObject({
      status: 200,
      body: 'BAD_KEY',
    })
    expect((await get('/v1/balance', headers)).status).toBe(404)
  })

  it('serves nothing else, and says so in the dialect’s words', async () => {
    for (const path of ['/', '/v1/balance', '/fivesim/v1/user/profile', '/metrics', '/docs', '//'])
      expect(await get(path, { host: 'api.example.com' }), path).toMatchObject(nothing)
    const wrongMethod = await sendRaw(server, {
      method: 'DELETE',
      path: '/api/v1/balance',
      key,
      headers: { host: 'api.example.com' },
    })
    expect(wrongMethod).toMatchObject({ status: 405, body: { error: 'Method not allowed' } })
    expect(wrongMethod.headers.get('allow')).toBe('GET, HEAD')
  })

  it('is asked for its health like any other', async () => {
    const headers = { host: 'api.example.com' }
    expect(await get('/health/live', headers)).toMatchObject({ status: 200 })
    expect(await get('/health/ready', headers)).toMatchObject({ status: 200 })
  })

  it('takes messages of suppliers, who may have been given that name', async () => {
    const reply = await sendRaw(server, {
      method: 'POST',
      path: '/api/callback',
      headers: { host: 'api.example.com', 'content-type': 'application/json' },
      body: '{}',
    })
    expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })

  it('changes nothing on other hosts', async () => {
    for (const host of ['127.0.0.1', 'example.com', 'x.api.example.com', 'api.example.com.evil'])
      expect(await get('/v1/balance', { host }), host).toMatchObject({ status: 200 })
    expect(await get('/api/v1/balance', { host: 'example.com' })).toMatchObject({ status: 404 })
    expect(await get('/api/v1/balance', { host: 'api.example.com' }, untied)).toMatchObject({
      status: 404,
    })
  })

  it('believes X-Forwarded-Host behind a proxy of one’s own, and nowhere else', async () => {
    const headers = { host: 'inner:8080', 'x-forwarded-host': 'evil.example, api.example.com' }
    expect(await get('/api/v1/balance', headers, behindProxy)).toMatchObject(balance)
    expect(await get('/api/v1/balance', headers)).toMatchObject({ status: 404 })
    const forged = { host: 'api.example.com', 'x-forwarded-host': 'sim.example' }
    expect(await get('/api/v1/balance', forged)).toMatchObject(balance)
  })
})

describe('NUMLET_HOSTS', async () => {
  const toConfig = (env: Record<string, string>) => configOf(env, dialectsWithHosts)
  const problemsOf = (value: string) => {
    try {
      toConfig({ NUMLET_HOSTS: value })
    } catch (error) {
      return (error as ConfigError).problems
    }
    return []
  }

  it('is a list of host names and dialects', () => {
    expect([...toConfig({ NUMLET_HOSTS: 'A.example=whichotp, b.example=OTPZap,' }).hosts]).toEqual([
      ['a.example', 'whichotp'],
      ['b.example', 'otpzap'],
    ])
    expect(toConfig({}).hosts.size).toBe(0)
    expect(toConfig({ NUMLET_HOSTS: '' }).hosts.size).toBe(0)
  })

  it.each([
    'api.example.com',
    'api.example.com=',
    '=whichotp',
    'api.example.com=native',
    'api.example.com=whichotp=otpzap',
    'api.example.com:8080=whichotp',
    'http://api.example.com=whichotp',
    '-a.example=whichotp',
    'a..example=whichotp',
    'a.example=whichotp,A.example=otpzap',
  ])('says in one line what is wrong with %s', (value) => {
    const problems = problemsOf(value)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^NUMLET_HOSTS must be a list like [^\n]+$/)
  })

  it('says everything wrong at once, beside what else is wrong', () => {
    expect(() => toConfig({ NUMLET_HOSTS: 'a=b,c', PORT: 'x' })).toThrow(ConfigError)
    expect(problemsOf('a=b,c')[0]).toMatch(/"a=b" names none of .*; "c" is not HOST=DIALECT/)
  })

  it('knows every dialect of others that is mounted', async () => {
    const { app } = await testServer()
    for (const name of dialectsWithHosts)
      buildServer({ ...app, config: { ...app.config, hosts: new Map([['a.example', name]]) } })
  })
})
