// A request with a missing or wrong key is logged with its address; the documented filter finds the line.
import { readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { toConfig } from '../../src/config.ts'
import { buildServer } from '../../src/roles.ts'
import { testCustomer, testServer } from '../harness/server.ts'

const guide = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8')
const [, failregex = ''] = /^failregex = (.+)$/m.exec(guide) ?? []
const filter = new RegExp(failregex.replace('<HOST>', '(?<host>[^"]+)'))

it('is found by the documented filter, at the level info, and other requests are not', async () => {
  const { db, databaseUrl } = await testServer()
  const { key } = await testCustomer(db)
  const lines: string[] = []
  const memory = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const app = await buildApp(toConfig({}), databaseUrl, pino({ level: 'info' }, memory))
  const server = buildServer(app)
  const wrong = `nl${'x'.repeat(30)}`
  const asked: [string, string, string | null][] = [
    ['203.0.113.7', '/v1/balance', wrong],
    ['203.0.113.8', '/otpzap/api/v1/balance', null],
    ['2001:db8::9', `/stubs/handler_api.php?action=getBalance&api_key=${wrong}`, null],
    ['203.0.113.10', '/v1/balance', key],
    ['203.0.113.11', '/v1/nothing', null],
  ]
  for (const [remoteAddress, url, bearer] of asked)
    await server.inject({
      method: 'GET',
      url,
      remoteAddress,
      headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
    })
  await server.inject({ method: 'POST', url: '/api/callback', remoteAddress: '203.0.113.12' })
  await server.close()
  await app.close()
  expect(lines.map((line) => filter.exec(line)?.groups?.host ?? line)).toEqual([
    '203.0.113.7',
    '203.0.113.8',
    '2001:db8::9',
    '203.0.113.12',
  ])
  expect(lines.join('')).not.toContain(wrong.slice(2, 14))
})
