// A5: GET / is a page for browsers and JSON for programs.
import { describe, expect, it } from 'vitest'
import { call, testServer } from '../harness/server.ts'

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

describe('A5: GET /', async () => {
  const server = await testServer()

  it('is a page for browsers, whose links lead somewhere', async () => {
    const { status, headers, body } = await call<string>(server, null, 'GET', '/', undefined, {
      accept: browser,
    })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('vary')).toBe('accept')
    const links = [...body.matchAll(/href="(\/[^"]*)"/g)].map(([, link]) => link as string)
    expect(links).toEqual(
      expect.arrayContaining(['/docs', '/docs/errors', '/openapi.json', '/health/ready']),
    )
    for (const link of links) expect((await call(server, null, 'GET', link)).status, link).toBe(200)
  })

  it.each(['application/json', '*/*', undefined])('is JSON for Accept: %s', async (accept) => {
    const reply = await call(server, null, 'GET', '/', undefined, accept ? { accept } : {})
    expect(reply).toMatchObject({
      status: 200,
      body: { name: 'Numlet', docs: '/docs', openapi: '/openapi.json', api: '/v1' },
    })
    expect(reply.headers.get('x-request-id')).toBeTruthy()
  })

  it('takes HEAD, and no other method', async () => {
    expect((await call(server, null, 'HEAD', '/')).status).toBe(200)
    const reply = await call(server, null, 'POST', '/')
    expect([404, 405]).toContain(reply.status)
  })
})
