// /docs: Scalar's reference page over /openapi.json, made to work offline and to reach nobody else.
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

/** Everything that would ask another host is switched off; the page's policy forbids it as well. */
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

/** Serves the page. Its script is 4 MB: nothing of it is loaded before somebody looks. */
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
 * Takes page and script from Scalar's plugin, which runs on a server of its own that nobody reaches: its
 * handlers trust the Host header and know neither caching nor policies.
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
    if (rooted === page) throw new Error('the reference page names its script in another way')
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

/** Only what the page holds may run. Scalar writes its styles into the page, hence their `unsafe-inline`. */
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
