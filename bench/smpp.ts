// `smpp`: messages per second stored, matched and acknowledged on one bind, compared with a program that
// acknowledges them at once and keeps nothing; and with Kannel, where it is installed.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from '../src/db/database.ts'
import { cpuMsOf, databaseMs } from './cpu.ts'
import { type BenchServer, fillPlatform, startServer, stopper } from './ground.ts'
import { buyPhones } from './inbound.ts'
import { startKannel } from './kannel.ts'
import { compare, perSecond, type Result, result } from './measure.ts'
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
  const { db } = platform
  const directory = await mkdtemp(join(tmpdir(), 'numlet-smpp-'))
  const environment = { NUMLET_DATA: directory, NUMLET_DEMO: '0' }
  const server = await startServer(platform.url, environment, 'start')
  const phones = await buyPhones(server, platform.keys)
  const stopBare = startBare(bareSmsc)
  await Promise.all([smsc.bound, bareSmsc.bound])
  const ours = receiverOf(smsc, phones, () => cpuMsOf(server.pid))
  const bare = receiverOf(bareSmsc, phones)
  // Until the code is compiled on both sides.
  for (const one of [ours, bare]) await one.handOver()
  const results = [
    await compare(`one bind, window ${window}`, 'messages/s', rounds, ours.handOver, bare.handOver),
    ...(await besideKannel(ours, phones, () => databaseMs(db))),
  ]
  await expectStored(db, ours.acknowledged())
  await Promise.all([server.stop(), stopBare()])
  for (const one of [smsc, bareSmsc]) one.stop()
  await db.end()
  await rm(directory, { recursive: true, force: true })
  return results
}

/** How long Kannel may take to hand on what it has acknowledged. */
const handingOnMs = 30_000

/** Kannel and ours in turns, on an SMSC each: messages a second, and the CPU time that a message takes. */
async function besideKannel(
  ours: Receiver,
  phones: readonly string[],
  database: () => Promise<number>,
): Promise<Result[]> {
  const smsc = await openSmsc()
  const kannel = await startKannel(smsc.port)
  if (kannel === null) {
    process.stderr.write('  Kannel is not installed: it is left out\n')
    smsc.stop()
    return []
  }
  await smsc.bound
  const theirs = receiverOf(smsc, phones, kannel.cpuMs)
  /** It acknowledges a message before it hands it on. */
  const handOver = async () => {
    const figure = await theirs.handOver()
    const end = performance.now() + handingOnMs
    while (kannel.handedOn() < theirs.acknowledged()) {
      if (performance.now() > end)
        throw new Error(`Kannel took ${theirs.acknowledged()}, and handed on ${kannel.handedOn()}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return figure
  }
  await handOver()
  const before = await Promise.all([ours.used(), theirs.used(), database()])
  const speed = await compare('beside Kannel', 'messages/s', rounds, ours.handOver, handOver)
  const after = await Promise.all([ours.used(), theirs.used(), database()])
  await kannel.stop()
  smsc.stop()
  const [mine, its] = [0, 1].map((place) => {
    const [from, to] = [before[place] as Used, after[place] as Used]
    return ((to.cpuMs - from.cpuMs) * 1000) / (to.count - from.count)
  }) as [number, number]
  const count = after[0].count - before[0].count
  const databaseUs = ((after[2] - before[2]) * 1000) / count
  return [
    speed,
    result('CPU, beside Kannel’s', 'µs/message', mine, its),
    result('with the database’s', 'µs/message', mine + databaseUs, its),
  ]
}

type Used = { readonly count: number; readonly cpuMs: number }

/** Somebody who has bound to an SMSC. */
type Receiver = {
  /** Hands messages over for some seconds. @returns how many a second were acknowledged */
  handOver(): Promise<number>
  acknowledged(): number
  /** What was acknowledged so far, and the CPU time that it took. */
  used(): Promise<Used>
}

function receiverOf(
  smsc: Smsc,
  phones: readonly string[],
  cpuMs: () => Promise<number> = async () => 0,
): Receiver {
  let acknowledged = 0
  return {
    async handOver() {
      const { count, perSecond: figure } = await handOver(smsc, phones)
      acknowledged += count
      return figure
    },
    acknowledged: () => acknowledged,
    used: async () => ({ count: acknowledged, cpuMs: await cpuMs() }),
  }
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
