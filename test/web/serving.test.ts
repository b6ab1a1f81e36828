// /app: what the server makes of the built web application, and what it says without one.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webApp } from '../../src/http/web-app.ts'
import { readWebFiles } from '../../src/http/web-files.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

const page = `<!doctype html><title>Pages</title>${'<!-- some text -->'.repeat(50)}`
const script = 'export const answer = 42\n'

describe('/app', () => {
  let scratch = ''
  let server: FastifyInstance
  beforeAll(async () => {
    scratch = await newScratch()
    const built = join(scratch, 'dist')
    await mkdir(join(built, 'assets'), { recursive: true })
    await writeFile(join(scratch, 'secret.js'), 'a file outside')
    await writeFile(join(built, 'index.html'), page)
    await writeFile(join(built, 'index.html.br'), 'packed by brotli')
    await writeFile(join(built, 'index.html.gz'), 'packed by gzip')
    await writeFile(join(built, 'assets/main-x1.js'), script)
    await writeFile(join(built, 'built-from'), 'a hash')
    server = Fastify()
    webApp(server, readWebFiles(built))
  })
  afterAll(async () => {
    await server.close()
    await dropScratch(scratch)
  })

  const get = (url: string, headers: Record<string, string> = {}) =>
    server.inject({ method: 'GET', url, headers })

  it('is the page at every address below it, never to be framed and with nothing inline', async () => {
    for (const url of ['/app', '/app/', '/app/orders/ord_1', '/app/a/b/c?next=/x']) {
      const answer = await get(url)
      expect([url, answer.statusCode, answer.body]).toEqual([url, 200, page])
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(answer.headers['cache-control']).toBe('no-cache')
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(answer.headers['referrer-policy']).toBe('no-referrer')
      expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin')
      const policy = String(answer.headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
    }
  })

  it('has files by their names: kept for good where these have a hash', async () => {
    const answer = await get('/app/assets/main-x1.js')
    expect([answer.statusCode, answer.body]).toEqual([200, script])
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(answer.headers['cache-control']).toContain('immutable')
    const etag = String(answer.headers.etag)
    const again = await get('/app/assets/main-x1.js', { 'if-none-match': etag })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    const head = await server.inject({ method: 'HEAD', url: '/app/assets/main-x1.js' })
    expect([head.statusCode, head.body]).toEqual([200, ''])
  })

  it('sends what was packed when it was built, to those who take it', async () => {
    const sent = async (accepted: string) => {
      const answer = await get('/app', { 'accept-encoding': accepted })
      expect(answer.headers.vary).toBe('accept-encoding')
      return [answer.headers['content-encoding'], answer.body]
    }
    expect(await sent('gzip, deflate, br')).toEqual(['br', 'packed by brotli'])
    expect(await sent('gzip')).toEqual(['gzip', 'packed by gzip'])
    expect(await sent('br;q=0, gzip;q=0.5')).toEqual(['gzip', 'packed by gzip'])
    expect(await sent('identity')).toEqual([undefined, page])
  })

  it('answers 404 for parts that are gone, and for whatever is outside', async () => {
    const outside = [
      '/app/assets/main-old.js',
      '/app/assets/',
      '/app/built-from.js',
      '/app/../secret.js',
      '/app/%2e%2e/secret.js',
      '/app/..%2fsecret.js',
      '/app/assets/..%2f..%2fsecret.js',
      '/app/assets/..%5c..%5csecret.js',
      '/app//secret.js',
    ]
    for (const url of outside) {
      const answer = await get(url)
      expect([url, answer.statusCode]).toEqual([url, 404])
      expect(answer.body).not.toContain('a file outside')
    }
  })

  it('says so where it was not built, and where the API is', async () => {
    const bare = Fastify()
    webApp(bare, readWebFiles(join(scratch, 'nothing')))
    for (const url of ['/app', '/app/buy']) {
      const answer = await bare.inject({ method: 'GET', url })
      expect(answer.statusCode).toBe(503)
      expect(answer.body).toContain('The dashboard is not built')
      expect(answer.body).toContain('href="/docs"')
    }
    await bare.close()
  })
})
