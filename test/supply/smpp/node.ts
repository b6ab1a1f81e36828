// Suppliers and engines for the tests of SMPP.
import { beforeEach, onTestFinished } from 'vitest'
import type { App } from '../../../src/app.ts'
import { createWithoutSecret } from '../../../src/core/inventory/suppliers.ts'
import type { Database } from '../../../src/db/database.ts'
import { type EngineOptions, smppEngine } from '../../../src/supply/smpp/engine.ts'
import { sessionTimes } from '../../../src/supply/smpp/session.ts'
import { serverOn, testServer } from '../../harness/server.ts'

export const ok = 0
export const later = 0x64
export const throttled = 0x58

let phones = 0
/** A number of its own. */
export const newPhone = () => `+1201555${String(1_000 + phones++).padStart(4, '0')}`

/** Two servers on one database, where each test begins without any supplier that is on. */
export async function twoServers() {
  const server = await testServer()
  const other = await serverOn(server.databaseUrl)
  const { db, app } = server
  beforeEach(async () => {
    await db.query(`update suppliers set state = 'off' where kind = 'smpp'`)
    await db.query('delete from supplier_sessions')
  })
  return {
    ...{ server, other, db, app },
    advance(seconds: number) {
      for (const one of [server, other]) one.advance(seconds)
    },
    /** The texts that came to a number, in their order. */
    async stored(phone: string) {
      const rows = await db.query<{ text: string }>(
        'select text from messages where phone = $1 order by id',
        [phone],
      )
      return rows.map(({ text }) => text)
    },
    outcomes: (name: string) => Object.fromEntries(app.sessions.counts.of(name).outcomes),
  }
}

export const password = 'secret08'
let suppliers = 0

/** A supplier whose SMSC is on a port of this machine. */
export async function smppSupplier(
  db: Database,
  port: number,
  config: Readonly<Record<string, string>> = {},
) {
  const name = `carrier-${++suppliers}`
  const wanted = { name, kind: 'smpp' }
  const { id } = await createWithoutSecret(db, wanted, {
    config: { url: `smpp://127.0.0.1:${port}`, system_id: 'numlet', ...config },
    secrets: { password: `plain:${password}` },
  })
  return { name, id }
}

export const quickTimes = { ...sessionTimes, enquireMs: 30 }

/** The connections of a node, until the test is done. */
export function runEngine(app: App, options: EngineOptions = {}) {
  const engine = smppEngine(app, {
    pollMs: 15,
    // As long as the test: the machine may be slow.
    holdMs: 600_000,
    backoff: { minMs: 20, maxMs: 60, refusedMs: 20 },
    times: quickTimes,
    ...options,
  })
  engine.start()
  onTestFinished(() => engine.stop())
  return engine
}

/** An app whose messages are stored as before, and then wait until they are let go. */
export function holding(app: App) {
  let gate = Promise.withResolvers<void>()
  let held = 0
  const own: App = {
    ...app,
    inbound: {
      ...app.inbound,
      async receive(...given) {
        await app.inbound.receive(...given)
        held++
        await gate.promise
      },
    },
  }
  return {
    app: own,
    held: () => held,
    release: () => gate.resolve(),
    hold() {
      gate = Promise.withResolvers()
    },
  }
}

/** A message of one part, from a phone to a phone. */
export const message = (phone: string, text: string, more: object = {}) => ({
  ...{ source_addr_ton: 1, source_addr_npi: 1, source_addr: '12015550188' },
  ...{ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: phone.replace('+', '') },
  ...{ data_coding: 1, short_message: Buffer.from(text) },
  ...more,
})

/** A part with a header of eight bits. */
export const partMessage = (
  phone: string,
  part: { readonly reference: number; readonly total: number; readonly number: number },
  text: string | Buffer,
  more: object = {},
) =>
  message(phone, '', {
    esm_class: 0x40,
    short_message: Buffer.concat([
      Buffer.from([5, 0, 3, part.reference, part.total, part.number]),
      Buffer.from(text as string),
    ]),
    ...more,
  })
