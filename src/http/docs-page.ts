// /docs: Scalar's reference page for /openapi.json, which works offline and contacts no other host.
import { createHash } from 'node:crypto'
import { extname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Asset, assetOf, sendAsset } from './asset.ts'
import type { LoadedAssets } from './docs-assets.ts'
import { resultOf } from './worker.ts'

type Assets = { readonly page: Asset; readonly script: Asset; readonly policy: string }

/** Serves the page. Its script has 4 MB, which are loaded on the first request. */
export async function docsPage(server: FastifyInstance) {
  let loading: Promise<Assets> | undefined
  const assets = () => {
    loading ??= loadAssets()
    return loading
  }
  server.get('/docs', { schema: { hide: true } }, async (request, reply) => {
    const { page, policy } = await assets()
    reply.headers({
      'content-security-policy': policy,
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    })
    return sendAsset(page, request, reply)
  })
  server.get('/docs/scalar.js', { schema: { hide: true } }, async (request, reply) =>
    sendAsset((await assets()).script, request, reply),
  )
}

/** Loads them in a thread of its own: that would hold the event loop for a quarter of a second. */
async function loadAssets(): Promise<Assets> {
  const program = new URL(`./docs-assets${extname(import.meta.url)}`, import.meta.url)
  const { page, script } = await resultOf<LoadedAssets>(program)
  return {
    page: await assetOf('text/html; charset=utf-8', page),
    script: await assetOf('text/javascript; charset=utf-8', script),
    policy: policyFor(page),
  }
}

/** Only the content of the page may run. Scalar adds inline styles, hence `unsafe-inline` for styles. */
function policyFor(page: string): string {
  const hashes = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)]
    .filter(([, inline]) => inline !== '')
    .map(([, inline = '']) => `'sha256-${createHash('sha256').update(inline).digest('base64')}'`)
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
