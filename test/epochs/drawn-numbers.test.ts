// A number that was drawn before a new epoch has begun is written before, too: on a promoted server it may be
// one that was lost.
import { expect, it, onTestFinished } from 'vitest'
import { beginEpoch } from '../../src/core/events/epoch.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

/** A lock on a table, which inserts into it wait for. */
async function hold(db: Database, table: string) {
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const done = db.begin(async (tx) => {
    await tx.query(`lock table ${table} in share mode`)
    held.resolve()
    await released.promise
  })
  await held.promise
  return {
    async release() {
      released.resolve()
      await done
    },
  }
}

const waitsFor = async (db: Database, table: string, mode: string) =>
  (
    await db.query(
      `select from pg_locks where not granted and mode = $2 and relation = $1::regclass
          and database = (select oid from pg_database where datname = current_database())`,
      [table, mode],
    )
  ).length > 0

it.each([
  ['an order', 'leases', 'order_ids', 'select order_id from events'],
  ['a message', 'messages', 'messages_id_seq', 'select id from messages'],
] as const)('of %s', async (what, blocked, sequence, drawn) => {
  const server = await testServer()
  const { db } = server
  const other = openDatabase({ url: server.databaseUrl, poolSize: 3 })
  onTestFinished(() => other.end())
  const { key } = await testCustomer(db)
  const { secret } = await testSupplier(db)
  const buy = () => call(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' })
  const send = (number: unknown) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { id: 'one', number, sender: 'WhatsApp', sms: 'Your WhatsApp code: 135-790' },
    })
  const { phone } = (await buy()).body
  const [before] = await db.query<{ place: bigint }>(`select last_value as place from ${sequence}`)
  const lock = await hold(other, blocked)
  const written = what === 'an order' ? buy() : send(phone)
  await eventually(() => waitsFor(other, blocked, 'RowExclusiveLock'))
  let isBegun = false
  const begun = beginEpoch(db, server.app.now(), 'a test').finally(() => {
    isBegun = true
  })
  await eventually(async () => isBegun || (await waitsFor(other, 'events', 'ShareLock')))
  await lock.release()
  await begun
  expect((await written).status).toBeLessThan(300)
  // It is written in the epoch in which its number was drawn, whichever that is.
  const [event] = await db.query<{ is_fresh: boolean; number: bigint }>(
    `select e.epoch = (select max(epoch) from event_epochs) as is_fresh,
            (${drawn} order by 1 desc limit 1) as number
       from events e order by e.id desc limit 1`,
  )
  expect(Number(event?.number) > Number(before?.place) + 500_000).toBe(event?.is_fresh)
})
