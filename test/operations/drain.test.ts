// What a server does with long polls, streams, mail and idle connections while it drains.
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { talkTo, testMailServer } from '../harness/mail.ts'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
const { key } = await testCustomer(server.db)
const mail = await testMailServer(server)

it('answers long polls early, and those that come later within the drain', {
  timeout: 300_000,
}, async () => {
  const order = (
    await call(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' })
  ).body
  const poll = () => call(server, key, 'GET', `/v1/orders/${order.id}?wait=60`)
  const abort = new AbortController()
  const stream = await fetch(`${server.url}/v1/events`, {
    headers: { authorization: `Bearer ${key}` },
    signal: abort.signal,
  })
  const polls = Array.from({ length: 20 }, poll)
  await eventually(async () => server.app.events.watch.count() === polls.length)
  const begun = performance.now()
  server.app.events.watch.closeWithin(2_000)
  const later = poll()
  for (const answer of await Promise.all([...polls, later])) {
    expect(answer.status).toBe(200)
    expect(answer.body.state).toBe('waiting')
  }
  // Far less than the 60 seconds that they wanted to wait.
  expect(performance.now() - begun).toBeLessThan(45_000)
  const text = await stream.text()
  expect(text).toMatch(/^retry: \d+\n\n/)
  expect(text).toMatch(/\nretry: \d+\n\n$/)
})

it('takes no new mail, and ends a conversation with 421 after the current one is stored', async () => {
  const idle = await talkTo(mail)
  const busy = await talkTo(mail)
  const order = (
    await call<{ id: string; email: string }>(server, key, 'POST', '/v1/orders', {
      kind: 'email',
      site: 'example.com',
    })
  ).body
  for (const talk of [idle, busy]) await talk.say('EHLO client.example.com')
  await busy.say('MAIL FROM:<noreply@example.com>')
  expect(await busy.say(`RCPT TO:<${order.email}>`)).toMatch(/^250/)
  expect(await busy.say('DATA')).toMatch(/^354/)
  mail.drain()
  const next = connect(mail.port, '127.0.0.1')
  const [greeting] = await once(next, 'data')
  expect(String(greeting)).toMatch(/^421 /)
  next.destroy()
  const stored = await busy.say(
    'From: noreply@example.com\r\nSubject: Your code\r\n\r\nYour code is 482913.\r\n.',
  )
  expect(stored).toMatch(/^250/)
  expect(await busy.say('MAIL FROM:<noreply@example.com>')).toMatch(/^421 /)
  const said = idle.hear()
  await mail.stop()
  expect(await said).toMatch(/^421 /)
})

it('is quiet only when no request is in progress and none has just arrived', async () => {
  const { drainable } = await import('../../src/http/drain.ts')
  const { createServer } = await import('../../src/http/server.ts')
  const rig = createServer({ log: server.app.log })
  const drain = drainable(rig)
  const gate = Promise.withResolvers<void>()
  rig.get('/slow', async () => {
    await gate.promise
    return { done: true }
  })
  const url = await rig.listen({ host: '127.0.0.1', port: 0 })
  const answer = fetch(`${url}/slow`)
  await eventually(async () => drain.underWay() === 1)
  let isQuiet = false
  drain.begin()
  const quiet = drain.quiet(60_000).then(() => {
    isQuiet = true
  })
  expect(isQuiet).toBe(false)
  gate.resolve()
  const { headers, status } = await answer
  expect(status).toBe(200)
  expect(headers.get('connection')).toBe('close')
  await quiet
  await rig.close()
})
