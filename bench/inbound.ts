// `inbound`: messages per second stored, matched and acknowledged, compared with bare inserts.
import { openDatabase } from '../src/db/database.ts'
import { type BenchServer, fillPlatform, loopsOnConnections, startServer } from './ground.ts'
import { httpLoad, requestText } from './http-load.ts'
import { compare, perSecond, type Result } from './measure.ts'

const seconds = 3
const rounds = 3
const openOrders = 20_000

export async function inbound(ground: BenchServer): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_inbound', { numbers: 100_000, accounts: 100 })
  const server = await startServer(platform.url)
  const phones = await buyPhones(server, platform.keys)
  const bareUrl = await bareMessages(ground)
  const results: Result[] = []
  let sent = 0
  for (const clients of [8, 32]) {
    const send = () =>
      perSecond(seconds, async (going) => {
        let stored = 0
        await httpLoad(server, clients, {
          request: () =>
            going()
              ? messageTo(platform.secret, phones[sent++ % phones.length] as string, sent)
              : null,
          answered(status, body) {
            if (status !== 200 || !body.includes('ord_')) throw new Error(`not delivered: ${body}`)
            stored++
          },
        })
        return stored
      })
    results.push(
      await compare(`${clients} clients`, 'messages/s', rounds, send, () =>
        insertBare(bareUrl, clients),
      ),
    )
  }
  await server.stop()
  await platform.db.end()
  return results
}

export const messageTo = (secret: string, phone: string, id: number) =>
  requestText(
    'POST',
    '/api/callback',
    { authorization: `Bearer ${secret}` },
    JSON.stringify({
      event: 'incoming_message',
      message: {
        id: `bench-${id}`,
        number: phone,
        sender: 'Telegram',
        sms: `Telegram code ${10_000 + (id % 90_000)}. You can also tap on this link to log in.`,
      },
    }),
  )

/** Buys numbers that wait for a message. */
export async function buyPhones(
  server: { host: string; port: number },
  keys: readonly string[],
  count = openOrders,
): Promise<string[]> {
  const phones: string[] = []
  let asked = 0
  await httpLoad(server, Math.min(keys.length, 64), {
    request: (client) =>
      asked++ < count
        ? requestText(
            'POST',
            '/v1/orders',
            { authorization: `Bearer ${keys[client]}` },
            '{"service":"telegram"}',
          )
        : null,
    answered: (_status, body) => phones.push((JSON.parse(body) as { phone: string }).phone),
  })
  return phones
}

async function bareMessages(ground: BenchServer): Promise<string> {
  const url = await ground.createDatabase('bench_bare_messages')
  const db = openDatabase({ url, poolSize: 1 })
  await db.query(`create table messages (id bigint generated always as identity primary key,
    ref text unique, phone text not null, sender text not null, text text not null, code text,
    received_at timestamptz not null default now())`)
  await db.end()
  return url
}

let inserted = 0

function insertBare(url: string, clients: number): Promise<number> {
  return loopsOnConnections(url, clients, seconds, (client) => {
    inserted++
    return client.query({
      name: 'store',
      text: 'insert into messages (ref, phone, sender, text, code) values ($1, $2, $3, $4, $5)',
      values: [
        `bench-${inserted}`,
        `+999${String(inserted % 100_000).padStart(9, '0')}`,
        'Telegram',
        'Telegram code 12345. You can also tap on this link to log in.',
        '12345',
      ],
    })
  })
}
