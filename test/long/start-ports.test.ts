// B1: ports are taken before anything is made, and a key of the demo can be had again.

import { stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { jsonOf, run } from '../cli/program.ts'
import { freePort } from '../harness/ports.ts'
import { ask, newDataDir, startNumlet, takenPort } from '../start/program.ts'

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

describe('B1: a first start whose port is taken', () => {
  it.each([
    ['PORT', 'set PORT (another port; 0 picks a free one)'],
    [
      'NUMLET_SMTP_PORT',
      'set NUMLET_SMTP_PORT (another port; 0 picks a free one, off takes no mail)',
    ],
  ])('%s: makes nothing, and says which variable to set', async (variable, advice) => {
    const dataDir = await newDataDir()
    const port = await takenPort()
    const start = startNumlet({ NUMLET_DATA: dataDir, [variable]: port })
    expect(await start.ended).toBe(1)
    expect(start.output()).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program. Stop that one, or ${advice}.\n`,
    )
    expect(await isThere(dataDir)).toBe(false)
  })
})

it('B1: the default port of mail, if taken and not asked for, costs the mail and is told', async () => {
  const server = createServer()
  const isOurs = await new Promise((resolve) => {
    server.once('error', () => resolve(false)) // another program has it already: that is as good
    server.listen(2525, '127.0.0.1', () => resolve(true))
  })
  if (isOurs) onTestFinished(() => void server.close())
  const start = startNumlet({
    NUMLET_DATA: await newDataDir(),
    NUMLET_DEMO: '0',
    NUMLET_SMTP_PORT: '',
  })
  await start.says(/Port 2525 is in use .* takes no mail\. Set NUMLET_SMTP_PORT/)
  await start.ready()
})

it('B1: while it is set up, it answers that it lives and what is missing', async () => {
  const port = String(await freePort())
  const url = `http://127.0.0.1:${port}`
  const smtpPort = String(await freePort())
  const start = startNumlet({
    NUMLET_DATA: await newDataDir(),
    NUMLET_DEMO: '0',
    PORT: port,
    NUMLET_SMTP_PORT: smtpPort,
  })
  await start.says(/Setting up the database/)
  expect(await ask(url, '/health/live')).toMatchObject({ status: 200, text: '{"status":"live"}' })
  const ready = await ask(url, '/health/ready')
  expect(ready?.status).toBe(503)
  expect(JSON.parse(ready?.text ?? '')).toEqual({
    status: 'not ready',
    missing: ['the database is starting'],
  })
  const other = await ask(url, '/v1/balance')
  expect(other?.status).toBe(503)
  expect(other?.headers.get('retry-after')).toBe('2')
  expect(other?.headers.get('content-type')).toBe('application/problem+json')
  expect(JSON.parse(other?.text ?? '')).toMatchObject({ code: 'unavailable', status: 503 })
  expect(await greeting(Number(smtpPort))).toMatch(/^421 4\.3\.2 The server is starting/)
  expect(await start.ready()).toBe(url)
  expect(await ask(url, '/health/ready')).toMatchObject({ status: 200 })
  expect(await greeting(Number(smtpPort))).toMatch(/^220 /)
  // Where mail comes in stands before the line that says that everything serves.
  expect(start.output()).toMatch(
    new RegExp(`smtp://127\\.0\\.0\\.1:${smtpPort}\n[^]*Numlet is ready on ${url}\n`),
  )
})

function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', reject)
    socket.once('data', (data) => {
      resolve(String(data))
      socket.destroy()
    })
  })
}

it('B1: `demo key` makes a new key of the demo’s account; the next start says so', async () => {
  const dataDir = await newDataDir()
  const first = startNumlet({ NUMLET_DATA: dataDir })
  const url = await first.ready()
  const outcome = await run(['demo', 'key', '--json'], { NUMLET_DATA: dataDir })
  const { key, ...rest } = jsonOf(outcome)
  expect(rest).toEqual({})
  const balance = await fetch(`${url}/v1/balance`, { headers: { authorization: `Bearer ${key}` } })
  expect(await balance.json()).toMatchObject({ balance: '100.00' })
  const lines = jsonOf(await run(['log', '--json'], { NUMLET_DATA: dataDir }))
  expect(lines).toContainEqual(expect.objectContaining({ action: 'key.create' }))
  first.child.kill('SIGINT')
  expect(await first.ended).toBe(0)
  const next = startNumlet({ NUMLET_DATA: dataDir })
  await next.says(/New key: npm run -s numlet -- demo key/)
  await next.ready()
})

it('B1: without a demo `demo key` says so', async () => {
  const dataDir = await newDataDir()
  const env = { NUMLET_DATA: dataDir, NUMLET_DEMO: '0' }
  const start = startNumlet(env)
  await start.ready()
  const outcome = await run(['demo', 'key', '--json'], env)
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toMatch(/^There is no demo account\./)
})
