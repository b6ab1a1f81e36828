// Promise 4 for vendors' webhooks: the program is killed between any two steps of a request, and each message
// that was acknowledged, or that its vendor sends again, is there once.
import { afterAll, describe, expect, it } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { parseAmount } from '../../src/core/money.ts'
import { vonageKind } from '../../src/supply/vonage/kind.ts'
import { attempts } from '../harness/attempts.ts'
import { testDatabase, testKey } from '../harness/database.ts'
import { eventually, type Program, startProgram, unlimited } from '../harness/program.ts'
import { sendRaw } from '../harness/raw.ts'
import { call } from '../harness/server.ts'
import type { SampleRequest } from '../supply/samples/sample.ts'
import { form as twilio } from '../supply/samples/twilio.ts'
import { fieldsOf, secret, signedByTheDocumentation } from '../supply/samples/vonage.ts'
import {
  addTestSupplier,
  pathOf,
  publicUrl,
  storedRequests,
  webhookOf,
} from '../supply/webhook-server.ts'
import { expectCleanAudit, lots } from './market.ts'

type Order = { id: string; phone: string; code: string | null; messages: { text: string }[] }

const sender = '+12015550188'
const text = 'Your WhatsApp code: 593-821'
/** Where the program waits until it is killed: for a lock that this test holds. */
const heldKey = 728_301
const waitingLocks = `from pg_locks where locktype = 'advisory' and not granted and objid = ${heldKey}
  and database = (select oid from pg_database where datname = current_database())`
const rounds = attempts(1, 6)
const messagesARound = 30

describe('a vendor’s request after kill -9', async () => {
  const { db, url } = await testDatabase('demo')
  const start = () =>
    startProgram({
      ...unlimited,
      DATABASE_URL: url,
      NUMLET_ENCRYPTION_KEY: testKey,
      NUMLET_PUBLIC_URL: publicUrl,
      NUMLET_LOG: 'silent',
    })
  await addTestSupplier(db, 'twilio', twilio)
  const vonage = { kind: vonageKind, settings: { signature_secret: secret } }
  await addTestSupplier(db, 'vonage', vonage)
  const { id: accountId } = await createAccount(db, { email: 'buyer@example.com', currency: 'USD' })
  const amount = parseAmount('1000') ?? expect.unreachable()
  await creditAccount(db, new Date(), { accountId, amount, reference: 'test' })
  const { key } = await createKey(db, new Date(), { accountId })
  let program: Program = await start()

  afterAll(async () => {
    await expectCleanAudit(db)
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
  })

  const buy = async () => {
    const wanted = { service: 'whatsapp', country: 'US' }
    return (await call<Order>(program, key, 'POST', '/v1/orders', wanted)).body
  }
  const read = async (id: string) =>
    (await call<Order>(program, key, 'GET', `/v1/orders/${id}`)).body
  const send = (request: SampleRequest) => sendRaw(program, { ...request, path: pathOf(request) })
  const sendQuietly = (request: SampleRequest) =>
    send(request).then(
      ({ status }) => status,
      () => null,
    )
  const sms = (phone: string, ref: string, body = text) =>
    twilio.request(webhookOf('twilio'), new Date(), { ref, phone, sender, text: body })
  const part = (phone: string, ref: string, number: number): SampleRequest => {
    const fields = {
      ...fieldsOf(
        { ref, phone, sender, text: number === 1 ? 'Your WhatsApp ' : 'code: 593-821' },
        new Date(),
      ),
      ...{ concat: 'true', 'concat-ref': '7', 'concat-total': '2', 'concat-part': `${number}` },
    }
    const query = new URLSearchParams(signedByTheDocumentation(fields, 'md5hash'))
    return {
      ...{ method: 'GET', headers: {}, body: Buffer.alloc(0) },
      url: `${webhookOf('vonage')}?${query}`,
    }
  }

  /** Jobs take over what was left after a minute; a test does not wait for that. */
  const hasten = async () => {
    await db.query(`update inbound_requests set due_at = now() where state = 'new'`)
    await db.query(`update split_messages set due_at = now() where state = 'closed'`)
  }
  const expectOnce = async (order: Order) => {
    await eventually(async () => (await storedRequests(db)).length === 0)
    await eventually(async () => (await read(order.id)).code === '593821')
    expect((await read(order.id)).messages).toMatchObject([{ text }])
    const kept = await db.query('select state from messages where phone = $1', [order.phone])
    expect(kept).toEqual([{ state: 'delivered' }])
  }

  /** Runs while every statement of a kind on a table waits, and kills the program in the end. */
  async function killedAt(place: { table: string; on: string }, whileHeld: () => Promise<void>) {
    await db.query(
      `create function hold() returns trigger language plpgsql as $$
         begin
           perform pg_advisory_xact_lock(${heldKey});
           return case tg_op when 'DELETE' then old else new end;
         end $$`,
    )
    await db.query(
      `create trigger hold before ${place.on} on ${place.table} for each row execute function hold()`,
    )
    await db.begin(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(${heldKey})`)
      await whileHeld()
      await program.end('SIGKILL')
      // Otherwise PostgreSQL would finish the statement of the dead program.
      await db.query(`select pg_terminate_backend(pid) ${waitingLocks}`)
    })
    await db.query('drop function hold cascade')
    program = await start()
  }

  it('is not there when it was not stored, and comes in when it is sent again', {
    timeout: 120_000,
  }, async () => {
    const order = await buy()
    const request = await sms(order.phone, 'SM1')
    let answer: Promise<number | null> = Promise.resolve(null)
    await killedAt({ table: 'inbound_requests', on: 'insert' }, async () => {
      answer = sendQuietly(request)
      await eventually(isHeld)
    })
    expect(await answer).toBeNull()
    expect((await read(order.id)).code).toBeNull()
    expect(await sendQuietly(request)).toBe(200)
    await expectOnce(order)
  })

  it('is read by a job when it was stored, and not received', { timeout: 120_000 }, async () => {
    const order = await buy()
    const request = await sms(order.phone, 'SM2')
    await killedAt({ table: 'messages', on: 'insert' }, async () => {
      void sendQuietly(request)
      await eventually(async () => (await storedRequests(db)).length === 1 && isHeld())
    })
    expect((await read(order.id)).code).toBeNull()
    await hasten()
    await expectOnce(order)
    expect(await sendQuietly(request)).toBe(200)
    await expectOnce(order)
  })

  it('is one message when it was received, and not forgotten', { timeout: 120_000 }, async () => {
    const order = await buy()
    const request = await sms(order.phone, 'SM3')
    await killedAt({ table: 'inbound_requests', on: 'delete' }, async () => {
      void sendQuietly(request)
      await eventually(async () => (await read(order.id)).code !== null && isHeld())
    })
    expect(await storedRequests(db)).toHaveLength(1)
    await hasten()
    await expectOnce(order)
  })

  it('is whole when the last part was stored, and not handed out', {
    timeout: 120_000,
  }, async () => {
    const order = await buy()
    expect(await sendQuietly(part(order.phone, 'part-2', 2))).toBe(200)
    await killedAt({ table: 'messages', on: 'insert' }, async () => {
      void sendQuietly(part(order.phone, 'part-1', 1))
      await eventually(isHeld)
    })
    await hasten()
    await expectOnce(order)
    expect(await sendQuietly(part(order.phone, 'part-2', 2))).toBe(200)
    await expectOnce(order)
  })

  it(`is there once, ${rounds} times at any moment under load`, { timeout: 600_000 }, async () => {
    const lot = lots(23)
    for (let round = 0; round < rounds; round++) {
      const refs = Array.from({ length: messagesARound }, (_, i) => `load-${round}-${i}`)
      const acknowledged = new Set<string>()
      const killAfter = 1 + lot.below(messagesARound / 2)
      const requests = await Promise.all(
        refs.map(async (ref, i) => ({
          ref,
          request: await sms(`+1201555${String(7000 + i)}`, ref, `message ${ref}`),
        })),
      )
      const killed = eventually(async () => acknowledged.size >= killAfter).then(async () => {
        await program.end('SIGKILL')
        program = await start()
      })
      for (const { ref, request } of requests)
        if ((await sendQuietly(request)) === 200) acknowledged.add(ref)
      await killed
      const before = new Set(acknowledged)
      await Promise.all(
        requests.map(async ({ ref, request }) => {
          if (!before.has(ref)) expect(await sendQuietly(request)).toBe(200)
        }),
      )
      await hasten()
      await eventually(async () => (await storedRequests(db)).length === 0)
      const kept = await db.query<{ supplier_ref: string }>(
        `select supplier_ref from messages where supplier_ref like 'load-${round}-%' order by id`,
      )
      expect(kept.map((row) => row.supplier_ref).sort()).toEqual([...refs].sort())
    }
  })

  async function isHeld() {
    const waiting = await db.query(`select 1 as yes ${waitingLocks}`)
    return waiting.length > 0
  }
})
