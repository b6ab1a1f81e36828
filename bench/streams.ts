// `streams`: ten thousand readers of `GET /v1/events` on one server and a thousand events per second: the
// time from the commit of an event to its readers, and the memory that the readers use.
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import pg from 'pg'
import { openDatabase } from '../src/db/database.ts'
import { type BenchServer, fillPlatform, type Platform, startServer } from './ground.ts'
import { requestText } from './http-load.ts'
import { percentile, type Result, result } from './measure.ts'

const readers = 10_000
const accounts = 2_000
const eventsASecond = 1_000
const seconds = 6
/** Connections opened at the same time. More than the server's backlog are refused. */
const opensAtOnce = 100
/** The most memory that all readers together may use. */
const goalMb = 1024

export async function streams(ground: BenchServer): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_streams', { numbers: 20, accounts })
  const server = await startServer(platform.url)
  const before = await memoryMb(server.pid)
  const commits = new Map<string, number>()
  const late: number[] = []
  const sockets = await openAll(server, platform.keys, (id) => {
    const at = commits.get(id)
    if (at !== undefined) late.push(performance.now() - at)
  })
  const open = await memoryMb(server.pid)
  const bare = await sendEvents(platform, commits)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const after = await memoryMb(server.pid)
  for (const socket of sockets) socket.destroy()
  await server.stop()
  await platform.db.end()
  process.stderr.write(`  ${late.length} deliveries to ${readers} readers\n`)
  return [
    ...[0.5, 0.99].map((share) =>
      result(
        `p${share * 100} beside its commit`,
        'ms',
        percentile(late, share),
        percentile(bare, share),
      ),
    ),
    result('memory of all readers', 'MiB', Math.max(open, after) - before, goalMb),
  ]
}

/** A server's memory in MiB (VmRSS). */
async function memoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

async function openAll(
  server: { readonly host: string; readonly port: number },
  keys: readonly string[],
  heard: (id: string) => void,
): Promise<Socket[]> {
  const sockets: Socket[] = []
  const told = (event: string) => {
    const id = /^id: (\S+)$/m.exec(event)?.[1]
    if (id !== undefined) heard(id)
  }
  let next = 0
  const openNext = async () => {
    for (let place = next++; place < readers; place = next++)
      sockets.push(await openStream(server, keys[place % keys.length] as string, '', told))
  }
  await Promise.all(Array.from({ length: opensAtOnce }, openNext))
  return sockets
}

/** Opens a stream of an account's events. @param told gets each event as it is on the wire */
export function openStream(
  server: { readonly host: string; readonly port: number },
  key: string,
  query: string,
  told: (event: string) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server).setNoDelay(true).setEncoding('latin1')
    socket.on('error', reject)
    socket.on('connect', () =>
      socket.write(requestText('GET', `/v1/events${query}`, { authorization: `Bearer ${key}` })),
    )
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
      if (text.includes('retry: ')) resolve(socket)
      const parts = text.split('\n\n')
      text = parts.pop() as string
      for (const part of parts) if (part.includes('\nevent: ')) told(part)
    })
  })
}

/** Commits events one after the other, each for another account. @returns the ms of each commit */
async function sendEvents(platform: Platform, commits: Map<string, number>): Promise<number[]> {
  const db = openDatabase({ url: platform.url, poolSize: 1 })
  const rows = await db.query<{ id: number }>('select id from accounts order by id')
  await db.end()
  const client = new pg.Client({ connectionString: platform.url })
  await client.connect()
  const took: number[] = []
  let next = performance.now()
  for (let sent = 0; sent < eventsASecond * seconds; sent++) {
    next += 1000 / eventsASecond
    const begun = performance.now()
    const { rows: made } = await client.query({
      name: 'event',
      text: `insert into events (account_id, type, created_at) values ($1, 'deposit.success', now())
             returning epoch, xid::text as xid, id`,
      values: [rows[sent % rows.length]?.id],
    })
    const [{ epoch, xid, id }] = made as [{ epoch: number; xid: string; id: string }]
    commits.set(`evt_${epoch}_${xid}_${id}`, performance.now())
    took.push(performance.now() - begun)
    const rest = next - performance.now()
    if (rest > 1) await new Promise((resolve) => setTimeout(resolve, rest))
  }
  await client.end()
  return took
}
