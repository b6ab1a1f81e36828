// A worker thread that loads the reference page and its script, and sends them to docs-page.ts.
//
// They come from Scalar's plugin, run on a private server that nobody can reach: its handlers trust the Host
// header and do not support caching or policies.
import { parentPort } from 'node:worker_threads'
import scalar from '@scalar/fastify-api-reference'
import Fastify from 'fastify'

export type LoadedAssets = { readonly page: string; readonly script: string }

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

async function load(): Promise<LoadedAssets> {
  const inner = Fastify()
  await inner.register(scalar, { routePrefix: '/docs', configuration })
  const page = (await inner.inject('/docs/')).body
  const script = (await inner.inject('/docs/js/scalar.js')).body
  // The page is served at /docs and at /docs/.
  const rooted = page.replace('src="js/scalar.js"', 'src="/docs/scalar.js"')
  if (rooted === page)
    throw new Error('the reference page refers to its script in an unexpected way')
  return { page: rooted, script }
}

parentPort?.postMessage(await load())
