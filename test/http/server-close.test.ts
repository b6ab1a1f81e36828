// A server that closes waits for answers under way, and for nothing else.
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { toConfig } from '../../src/config.ts'
import { createServer } from '../../src/http/server.ts'
import { openLog } from '../../src/log.ts'

it('ends connections without a request, and finishes what it is answering', async () => {
  const config = toConfig({ NUMLET_LOG: 'silent' })
  const server = createServer({ log: openLog(config.logLevel) })
  let answer = () => {}
  const asked = new Promise<void>((resolve) => {
    server.get('/slow', async () => {
      resolve()
      await new Promise<void>((release) => {
        answer = release
      })
      return { done: true }
    })
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const quiet = connect(port, '127.0.0.1')
  const half = connect(port, '127.0.0.1')
  half.write('GET /slow HTTP/1.1\r\nhost: x')
  await Promise.all([once(quiet, 'connect'), once(half, 'connect')])
  const reply = fetch(`http://127.0.0.1:${port}/slow`)
  await asked
  const ended = Promise.all([once(quiet, 'close'), once(half, 'close')])
  for (const socket of [quiet, half]) socket.resume().on('error', () => {})
  const closed = server.close()
  await ended
  answer()
  expect(await (await reply).json()).toEqual({ done: true })
  await closed
})
