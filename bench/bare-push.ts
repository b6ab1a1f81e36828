// The yardstick of `webhooks`: signed POSTs of prepared bodies, over as many connections as our engine uses.
import { Agent, request } from 'node:http'
import { standardHeaders } from '../src/core/webhooks/signature.ts'

export type PushOrder = {
  readonly url: string
  readonly bodies: readonly string[]
  readonly secret: string
  readonly count: number
  readonly connections: number
}

process.on('message', (order: PushOrder) => void run(order))
process.send?.('ready')

async function run({ url, bodies, secret, count, connections }: PushOrder) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let sent = 0
  const post = (body: string) =>
    new Promise<void>((resolve, reject) => {
      const id = `evt_${sent}_${sent}`
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...standardHeaders({ id, at: new Date(), body, secrets: [secret] }),
      }
      const one = request(url, { method: 'POST', agent, headers }, (response) => {
        response.resume()
        response.on('end', resolve)
      })
      one.on('error', reject)
      one.end(body)
    })
  const loop = async () => {
    while (sent < count) await post(bodies[sent++ % bodies.length] as string)
  }
  await Promise.all(Array.from({ length: connections }, loop))
  agent.destroy()
  process.send?.('done')
}
