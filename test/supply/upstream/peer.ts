// Two real Numlets: one that is asked for numbers, and one that asks it. What passes between them is noted.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import { productText } from '../../../src/core/supply/product.ts'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'
import { supplyEngine } from './engines.ts'
import { askPatiently, openUpstream, purchaseOf, upstreamDesk } from './market.ts'

/** Another Numlet, of the demo, with an account for us. */
export async function numletPeer(env: Readonly<Record<string, string>> = {}) {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0', ...env } })
  const { key, accountId } = await testCustomer(server.db, { credit: '1000' })
  const { secret } = await testSupplier(server.db)
  const send = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })
  return { ...server, key, accountId, send }
}

export type Passed = { readonly path: string; readonly method: string; readonly status: number }

/** A proxy that notes what passes, and answers by itself what it is told to. */
export async function noting(target: string) {
  const passed: Passed[] = []
  let answer: { status: number; headers: Record<string, string>; path: RegExp } | null = null
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      const { method = 'GET', url = '' } = request
      if (answer?.path.test(url)) {
        passed.push({ path: url, method, status: answer.status })
        return void response.writeHead(answer.status, answer.headers).end()
      }
      const { host: _, connection: __, ...headers } = request.headers
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      try {
        const got = await fetch(`${target}${url}`, {
          method,
          headers: headers as Record<string, string>,
          signal: gone.signal,
          ...(method === 'GET' ? {} : { body: Buffer.concat(parts) }),
        })
        passed.push({ path: url, method, status: got.status })
        const type = got.headers.get('content-type') ?? ''
        const after = got.headers.get('retry-after')
        response.writeHead(got.status, {
          'content-type': type,
          ...(after === null ? {} : { 'retry-after': after }),
        })
        for await (const piece of got.body ?? []) response.write(piece)
        response.end()
      } catch {
        response.destroy()
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    /** Answers what fits the path by itself; null: lets everything through. */
    answer(by: typeof answer) {
      answer = by
    },
  }
}

/** A Numlet whose WhatsApp numbers are those of another one. */
export async function askingDesk(peer: Awaited<ReturnType<typeof numletPeer>>) {
  const between = await noting(peer.url)
  const desk = await upstreamDesk(1, 'Any')
  const { app, db, accountId, offerId, advance } = desk
  const product = { service: 'whatsapp', country: 'GB', operator: null, pool: null }
  const { supplierId, name } = await openUpstream(db, app.now(), {
    ...{ offerId, stock: 1_000, cost: 5_000n, product: productText(product) as string },
  })
  await db.query(`update suppliers set kind = 'numlet', config = $2, secrets = $3 where id = $1`, [
    supplierId,
    { url: between.url, currency: 'USD' },
    { api_key: `plain:${peer.key}` },
  ])
  await askPatiently(db)
  const engineOf = (of: typeof app) => supplyEngine(of, () => numletKind)
  const engine = engineOf(app)
  /** Has done what is due. */
  const work = async () => {
    await app.supply.tidyUp(app.now())
    while ((await engine.turn()) > 0) await engine.idle()
  }
  /** Lets seconds pass on both sides, one after the other. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      advance(1)
      peer.advance(1)
      await work()
    }
  }
  const buy = async () => {
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [order] = 'orders' in bought ? bought.orders : []
    if (!order) throw new Error('nothing was bought')
    return order.id
  }
  const read = (id: bigint) => app.orders.read(accountId, id)
  return {
    ...desk,
    between,
    supplierId,
    supplierName: name,
    engine,
    engineOf,
    work,
    pass,
    buy,
    read,
  }
}
