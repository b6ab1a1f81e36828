// `smpp`: messages per second stored, matched and acknowledged on one bind, compared with a program that
// acknowledges them at once and keeps nothing.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from '../src/db/database.ts'
import { type BenchServer, fillPlatform, startServer, stopper } from './ground.ts'
import { buyPhones } from './inbound.ts'
import { compare, perSecond, type Result } from './measure.ts'
import { openSmsc, type Smsc } from './smsc.ts'

const seconds = 3
const rounds = 3
const window = 50

export async function smpp(ground: BenchServer): Promise<Result[]> {
  const [smsc, bareSmsc] = await Promise.all([openSmsc(), openSmsc()])
  const platform = await fillPlatform(ground, 'bench_smpp', {
    ...{ numbers: 100_000, accounts: 100 },
    supplier: {
      kind: 'smpp',
      settings: {
        config: { url: urlOf(smsc), system_id: 'bench', window: String(window) },
        secrets: { password: 'plain:bench' },
      },
    },
  })
  const directory = await mkdtemp(join(tmpdir(), 'numlet-smpp-'))
  const environment = { NUMLET_DATA: directory, NUMLET_DEMO: '0' }
  const server = await startServer(platform.url, environment, 'start')
  const phones = await buyPhones(server, platform.keys)
  const stopBare = startBare(bareSmsc)
  await Promise.all([smsc.bound, bareSmsc.bound])
  let acknowledged = 0
  const ours = async () => {
    const figure = await handOver(smsc, phones)
    acknowledged += figure.count
    return figure.perSecond
  }
  // Until the code is compiled on both sides.
  await ours()
  await handOver(bareSmsc, phones)
  const result = await compare(
    `one bind, window ${window}`,
    'messages/s',
    rounds,
    ours,
    async () => (await handOver(bareSmsc, phones)).perSecond,
  )
  await expectStored(platform.db, acknowledged)
  await Promise.all([server.stop(), stopBare()])
  for (const one of [smsc, bareSmsc]) one.stop()
  await platform.db.end()
  await rm(directory, { recursive: true, force: true })
  return [result]
}

const urlOf = ({ port }: Smsc) => `smpp://127.0.0.1:${port}`

function startBare(smsc: Smsc): () => Promise<void> {
  const file = fileURLToPath(new URL('bare-esme.ts', import.meta.url))
  return stopper(spawn(process.execPath, [file, urlOf(smsc)], { stdio: 'inherit' }))
}

let sent = 0

/** Hands messages over for some seconds, with a full window. */
async function handOver(smsc: Smsc, phones: readonly string[]) {
  let count = 0
  const figure = await perSecond(seconds, async (going) => {
    const loop = async () => {
      for (; going(); count++) {
        const id = ++sent
        await smsc.deliver(messageTo(phones[id % phones.length] as string, id))
      }
    }
    await Promise.all(Array.from({ length: window }, loop))
    return count
  })
  return { count, perSecond: figure }
}

const messageTo = (phone: string, id: number) => ({
  ...{ source_addr_ton: 5, source_addr: 'Telegram' },
  ...{ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: phone.slice(1) },
  short_message: Buffer.from(
    `Telegram code ${100_000 + (id % 900_000)}. You can also tap on this link to log in.`,
  ),
})

/** What was acknowledged is in orders: each message once. */
async function expectStored(db: Database, acknowledged: number): Promise<void> {
  const [row] = await db.query<{ stored: bigint }>(
    'select count(*) as stored from messages where order_id is not null',
  )
  if (Number(row?.stored) !== acknowledged)
    throw new Error(`${acknowledged} messages were acknowledged, and ${row?.stored} are stored`)
}
