// A supplier whose certificate only its own authority vouches for, as its setting `ca` says.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { selfSigned } from '../../../src/supply/smtp/certificate.ts'
import { askingDesk, numletPeer } from './peer.ts'

it('is asked for numbers if the authority is given, and not without', async () => {
  const peer = await numletPeer()
  const { db, supplierId, buy, work, read, advance } = await askingDesk(peer)
  const files = selfSigned('localhost', new Date())
  const server = createServer({ key: files.key, cert: files.cert }, async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const { host: _, connection: __, ...headers } = request.headers
    const answer = await fetch(`${peer.url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(request.method === 'GET' ? {} : { body }),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())
  const url = `https://localhost:${(server.address() as AddressInfo).port}`
  const set = (settings: object) =>
    db.query('update suppliers set config = $2 where id = $1', [
      supplierId,
      { url, currency: 'USD', ...settings },
    ])
  await set({})
  const unheard = await buy()
  await work()
  expect(await read(unheard)).toMatchObject({ state: 'failed' })
  advance(30)
  await work()
  await set({ ca: files.cert })
  const heard = await buy()
  await work()
  expect(await read(heard)).toMatchObject({ state: 'waiting' })
})
