// A5: GET / leads browsers to the dashboard, and is JSON for programs.
import { describe, expect, it } from 'vitest'
import { call, testServer } from '../harness/server.ts'

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

describe('A5: GET /', async () => {
  const server = await testServer()

  it('leads browsers to the dashboard', async () => {
    const response = await fetch(`${server.url}/`, {
      headers: { accept: browser },
      redirect: 'manual',
    })
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/app')
    expect(response.headers.get('vary')).toBe('accept')
  })

  it('names what is there, and each of these answers', async () => {
    const { body } = await call<Record<string, string>>(server, null, 'GET', '/')
    const { name: _, api: __, app: ___, ...links } = body
    expect(Object.values(links)).toEqual(
      expect.arrayContaining(['/docs', '/docs/errors', '/openapi.json', '/health/ready']),
    )
    for (const link of Object.values(links))
      expect((await call(server, null, 'GET', link)).status, link).toBe(200)
  })

  it.each(['application/json', '*/*', undefined])('is JSON for Accept: %s', async (accept) => {
    const reply = await call(server, null, 'GET', '/', undefined, accept ? { accept } : {})
    expect(reply).toMatchObject({
      status: 200,
      body: { name: 'Numlet', app: '/app', docs: '/docs', openapi: '/openapi.json', api: '/v1' },
    })
    expect(reply.headers.get('x-request-id')).toBeTruthy()
  })

  it('takes HEAD, and no other method', async () => {
    expect((await call(server, null, 'HEAD', '/')).status).toBe(200)
    const reply = await call(server, null, 'POST', '/')
    expect([404, 405]).toContain(reply.status)
  })
})
