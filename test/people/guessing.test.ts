// Guessing passwords: slowed down by address and by network, on all servers, and told to the user once.
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { passwords } from '../../src/core/people/password.ts'
import { mailFolder, outbox } from '../harness/outbox.ts'
import { goodPassword, testBrowser, testUser } from '../harness/people.ts'
import { serverOn, type TestServer, testServer } from '../harness/server.ts'

const folder = mailFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const guess = (server: Pick<TestServer, 'url'>, email: string, password = 'a wrong password') =>
  testBrowser(server).ask('POST', '/v1/session', { email, password })

describe('guessing', async () => {
  const server = await testServer({ env: { NUMLET_DATA: folder } })
  const sent = outbox(server, folder)

  it('of one address is slowed down more and more, and told once', async () => {
    const { email } = await testUser(server)
    const waits: number[] = []
    for (let tries = 0; tries < 12; tries++) {
      expect((await guess(server, email)).status).toBe(401)
      const refused = await guess(server, email)
      if (tries < 4) {
        expect(refused.status).toBe(401)
        tries++
        continue
      }
      expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } })
      const waitS = Number(refused.headers.get('retry-after'))
      waits.push(waitS)
      // Also with the right password: who guesses learns nothing while they wait.
      expect((await guess(server, email, goodPassword)).status).toBe(429)
      server.advance(waitS)
    }
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    expect(waits.at(-1)).toBeGreaterThanOrEqual(64)
    const mails = (await sent()).filter(({ to }) => to === email)
    expect(mails.map(({ subject }) => subject)).toEqual([
      'Somebody is guessing your password at Numlet',
    ])
    expect((await guess(server, email, goodPassword)).status).toBe(201)
    expect((await guess(server, email)).status).toBe(401)
  })

  it('of many at once checks no more than some at a time', async () => {
    const { email } = await testUser(server)
    const other = await serverOn(server.databaseUrl, { NUMLET_DATA: folder })
    server.advance(24 * 3600)
    other.advance(40 * 3600)
    const before = server.app.people.passwords.runs() + other.app.people.passwords.runs()
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, i) => guess(i % 2 ? other : server, email)),
    )
    const runs = server.app.people.passwords.runs() + other.app.people.passwords.runs() - before
    expect(runs).toBe(replies.filter(({ status }) => status === 401).length)
    expect(runs).toBeLessThanOrEqual(6)
    expect(replies.every(({ status }) => status === 401 || status === 429)).toBe(true)
  })
})

describe('guessing from one network', async () => {
  const server = await testServer({ env: { NUMLET_DATA: folder } })

  it('is slowed down, and addresses of nobody count like those of users', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 21; i++)
      statuses.push((await guess(server, `nobody${i}@example.com`)).status)
    expect(statuses.slice(0, 20).every((status) => status === 401)).toBe(true)
    expect(statuses[20]).toBe(429)
    const { email } = await testUser(server)
    expect((await guess(server, email, goodPassword)).status).toBe(429)
    server.advance(2)
    expect((await guess(server, email, goodPassword)).status).toBe(201)
  })

  it('of an address of nobody is slowed down like that of a user', async () => {
    server.advance(48 * 3600)
    const { email } = await testUser(server)
    const tried = async (one: string) => {
      const all = []
      for (let i = 0; i < 7; i++) all.push((await guess(server, one)).status)
      return all
    }
    const ofUser = await tried(email)
    expect(ofUser).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect(await tried('nobody-at-all@example.com')).toEqual(ofUser)
  })
})

describe('a flood of passwords', () => {
  it('waits in a queue with an end', async () => {
    const checker = passwords({ maxRunning: 1, maxWaiting: 3 })
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => checker.matches('a wrong password', null)),
    )
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(6)
    for (const one of refused) expect(one).toMatchObject({ reason: { code: 'rate_limited' } })
    expect(checker.runs()).toBe(4)
    expect(await checker.matches('a wrong password', null)).toBe(false)
  })
})
