// A key in the query stands in no log line, whatever becomes of the request.
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { buildApp } from '../../../src/app.ts'
import { toConfig } from '../../../src/config.ts'
import { buildServer } from '../../../src/roles.ts'
import { testCustomer, testServer } from '../../harness/server.ts'

const base = '/zapotp/account/api/v1'

it('logs requests without the keys in their queries', async () => {
  const { db, databaseUrl } = await testServer()
  const { key } = await testCustomer(db)
  let written = ''
  const memory = new Writable({
    write(chunk, _encoding, done) {
      written += chunk
      done()
    },
  })
  const config = toConfig({ NUMLET_RATE_LIMIT: '3' })
  const app = await buildApp(config, databaseUrl, pino({ level: 'trace' }, memory))
  const server = buildServer(app)
  const statuses: number[] = []
  for (const path of ['/user', '/user.php', '/sms', '/orders', '/nothing', '/%zz']) {
    const url = `${base}${path}?api_key=${key}`
    statuses.push((await server.inject({ method: 'GET', url })).statusCode)
  }
  await server.close()
  await app.close()
  expect(statuses).toEqual([200, 200, 400, 429, 404, 400])
  expect(written).toContain(`${base}/user.php`)
  expect(written).not.toContain(key)
  expect(written).not.toContain(key.slice(2, 14))
})
