// /docs: Scalar's reference page for /openapi.json, which works offline and contacts no other host.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

type Asset = {
  readonly type: string
  readonly plain: string
  readonly zipped: Buffer
  readonly etag: string
}

type Assets = { readonly page: Asset; readonly script: Asset; readonly policy: string }

const zip = promisify(gzip)

/** Everything that would contact another host is switched off. The page's policy forbids it as well. */
const configuration = {
  url: '/openapi.json',
  pageTitle: 'Numlet API',
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  defaultOpenAllTags: true,
  showDeveloperTools: 'never' as const,
  documentDownloadType: 'json' as const,
  authentication: { preferredSecurityScheme: 'key' },
  favicon: 'data:,',
}

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

function sendAsset(asset: Asset, request: FastifyRequest, reply: FastifyReply) {
  reply.headers({
    'content-type': asset.type,
    'cache-control': 'no-cache',
    etag: asset.etag,
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  })
  if (request.headers['if-none-match']?.includes(asset.etag)) return reply.code(304).send()
  const takesGzip = /\bgzip\b(?!;q=0)/.test(String(request.headers['accept-encoding'] ?? ''))
  if (!takesGzip) return reply.send(asset.plain)
  return reply.header('content-encoding', 'gzip').send(asset.zipped)
}

/**
 * Takes the page and the script from Scalar's plugin, run on a private server that nobody can reach: its
 * handlers trust the Host header and do not support caching or policies.
 */
async function loadAssets(): Promise<Assets> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const inner = Fastify()
  try {
    await inner.register(scalar, { routePrefix: '/docs', configuration })
    const page = (await inner.inject('/docs/')).body
    const script = (await inner.inject('/docs/js/scalar.js')).body
    // The page is served at /docs and at /docs/.
    const rooted = page.replace('src="js/scalar.js"', 'src="/docs/scalar.js"')
    if (rooted === page)
      throw new Error('the reference page refers to its script in an unexpected way')
    return {
      page: await assetOf('text/html; charset=utf-8', rooted),
      script: await assetOf('text/javascript; charset=utf-8', script),
      policy: policyFor(rooted),
    }
  } finally {
    await inner.close()
  }
}

const assetOf = async (type: string, plain: string): Promise<Asset> => ({
  type,
  plain,
  zipped: await zip(plain),
  etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
})

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
