// Large documents that do not change while the server runs: kept as bytes, plain and compressed.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

export type Asset = {
  readonly type: string
  readonly plain: Buffer
  readonly zipped: Buffer
  readonly etag: string
}

const zip = promisify(gzip)

export async function assetOf(type: string, text: string): Promise<Asset> {
  const plain = Buffer.from(text)
  const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
  return { type, plain, zipped: await zip(plain), etag: `"${hash}"` }
}

/** Answers with an asset: compressed if the client takes that, and 304 if it has it. */
export function sendAsset(asset: Asset, request: FastifyRequest, reply: FastifyReply) {
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
