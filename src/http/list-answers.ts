// Lists that are the same for many readers: built once for all who wait, in pieces, as bytes with an ETag.
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { jsonInPieces } from './pieces.ts'
import { networkOf } from './rates.ts'
import { atMost, type ShareWork, workQueue } from './work-queue.ts'

type Answer = { readonly body: Buffer; readonly etag: string }

/** How many requests a list counts as that is put together from the offers of all countries. */
export const wholeListWeight = 4

/** All lists together use two of the database's connections, so that orders get the others. */
const inTurn = atMost(2)

export type ShareAnswer = (
  request: FastifyRequest,
  reply: FastifyReply,
  /** The list, which has its own queue, and everything that the response depends on. */
  name: readonly [list: string, ...dependsOn: readonly unknown[]],
  make: () => Promise<object>,
) => Promise<void>

/** Returns a function that answers with JSON, shared with all requests for the same data at that time. */
export function shareAnswers(): ShareAnswer {
  const queues = new Map<string, ShareWork<Answer>>()
  const queueOf = (list: string) => {
    const queue = queues.get(list) ?? workQueue<Answer>()
    queues.set(list, queue)
    return queue
  }
  return async (request, reply, name, make) => {
    const share = queueOf(name[0])
    const work = () => inTurn(async () => answerOf(await make()))
    const { body, etag } = await share(readerOf(request), JSON.stringify(name), work)
    reply.headers({ etag, vary: 'authorization' })
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache')
    if (request.headers['if-none-match']?.includes(etag)) reply.code(304).send()
    else reply.type('application/json; charset=utf-8').send(body)
  }
}

const readerOf = ({ caller, ip }: FastifyRequest) =>
  caller ? `account ${caller.accountId}` : `address ${networkOf(ip)}`

async function answerOf(value: object): Promise<Answer> {
  const body = Buffer.from(await jsonInPieces(value))
  const hash = createHash('sha1').update(body).digest('base64url')
  return { body, etag: `"${hash}"` }
}
