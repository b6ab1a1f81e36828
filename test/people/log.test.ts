// What people type and carry is in no line of the log, at any level: passwords, tokens of sessions and links.
import { rmSync } from 'node:fs'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { toConfig } from '../../src/config.ts'
import { buildServer } from '../../src/roles.ts'
import { mailFolder, outbox } from '../harness/outbox.ts'
import { goodPassword, testUser } from '../harness/people.ts'
import { testServer } from '../harness/server.ts'

it('is not logged; a wrong password is, with the address it came from', async () => {
  const folder = mailFolder()
  const other = await testServer()
  const user = await testUser(other)
  const lines: string[] = []
  const memory = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const config = toConfig({ NUMLET_DATA: folder, NUMLET_RATE_LIMIT: '0' })
  const app = await buildApp(config, other.databaseUrl, pino({ level: 'debug' }, memory))
  const server = buildServer(app)
  const post = (url: string, payload: object, cookie = '') =>
    server.inject({
      ...{ method: 'POST', url, payload, remoteAddress: '127.0.0.1' },
      headers: { host: 'localhost', origin: 'http://localhost', cookie },
    })
  const { email } = user
  const wrong = 'seven red foxes on a hill'
  const begun = await post('/v1/session', { email, password: goodPassword })
  expect(begun.statusCode).toBe(201)
  const [cookie = ''] = String(begun.headers['set-cookie']).split(';')
  expect((await post('/v1/session', { email, password: wrong })).statusCode).toBe(401)
  expect((await post('/v1/user/password', { current: wrong, new: wrong }, cookie)).statusCode).toBe(
    401,
  )
  expect((await post('/v1/user/reset-requests', { email })).statusCode).toBe(202)
  const [mail] = await outbox({ ...other, app }, folder)()
  const token = mail?.token as string
  expect((await post('/v1/user/reset', { token, password: wrong })).statusCode).toBe(201)
  await server.close()
  await app.close()
  rmSync(folder, { recursive: true, force: true })
  const log = lines.join('')
  expect(log).toContain('a mail was written to a file')
  expect(lines.filter((line) => line.includes('authentication refused')).length).toBe(2)
  for (const secret of [goodPassword, wrong, token, cookie.split('=')[1] as string, email])
    expect(log).not.toContain(secret)
})
