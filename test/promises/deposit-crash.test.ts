// Promise 4 for deposits: the program is killed between any two steps of one, and what was paid is credited
// once. The gateway is a server of this test, which knows when each step is reached.

import { afterAll, describe, expect, it } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { attempts } from '../harness/attempts.ts'
import { testDatabase, testKey } from '../harness/database.ts'
import { eventually, type Program, startProgram } from '../harness/program.ts'
import { call, serverOn } from '../harness/server.ts'
import { gatewayAsker } from '../payments/asking.ts'
import { btcpayServer } from '../payments/servers/btcpay.ts'
import type { Asked } from '../payments/servers/fake.ts'
import type { Sent } from '../payments/servers/gateway.ts'
import { expectCleanAudit, lots } from './market.ts'

type Deposit = { id: string; state: string; payment_reference: string; checkout_url: string | null }

/** Where the program is killed: at what the gateway is asked, before it has done it or after. */
const isCreating = ({ method }: Asked) => method === 'POST'
const isAsking = ({ method, path }: Asked) => method === 'GET' && !path.endsWith('/invoices')
const places = [
  { name: 'before the invoice is made', when: isCreating, step: 'asked', in: 'opening' },
  { name: 'when it is made and not recorded', when: isCreating, step: 'done', in: 'opening' },
  { name: 'when a notice has come', when: isAsking, step: 'asked', in: 'paying' },
  { name: 'when the gateway has said that it is paid', when: isAsking, step: 'done', in: 'paying' },
] as const
const randomRounds = attempts(1, 4)
const copies = 10
const amount = '25.00'

describe('a deposit after kill -9', async () => {
  const { db, url } = await testDatabase()
  const gateway = await btcpayServer()
  const { fake } = gateway
  const start = () =>
    startProgram({
      ...gateway.env,
      DATABASE_URL: url,
      NUMLET_ENCRYPTION_KEY: testKey,
      NUMLET_SIMULATOR_AUTO: '0',
      NUMLET_RATE_LIMIT: '0',
      NUMLET_LOG: 'silent',
    })
  let program: Program = await start()
  const other = await serverOn(url, gateway.env)
  const askOther = gatewayAsker(other.app)
  let opened = 0
  let credited = 0
  const { id: accountId } = await createAccount(db, { email: 'payer@example.com', currency: 'USD' })
  const { key } = await createKey(db, new Date(), { accountId })

  afterAll(async () => {
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
  })

  for (const place of places)
    it(`is neither lost nor credited twice: ${place.name}`, { timeout: 300_000 }, async () => {
      const killed = new Promise<void>((resolve) => {
        const arm = () => {
          fake.onStep = (step, asked) => {
            if (step !== place.step || !place.when(asked)) return
            fake.onStep = null
            process.kill(program.pid, 'SIGKILL')
            resolve()
          }
        }
        if (place.in === 'opening') arm()
        else armPaying = arm
      })
      isAlone = place === places[0]
      await throughDeath(killed)
      isAlone = false
    })

  it('is neither lost nor credited twice: at any moment', { timeout: 300_000 }, async () => {
    const lot = lots(11)
    for (let round = 0; round < randomRounds; round++) {
      const after = 1 + lot.below(4)
      let steps = 0
      const killed = new Promise<void>((resolve) => {
        fake.onStep = () => {
          if (++steps < after) return
          fake.onStep = null
          process.kill(program.pid, 'SIGKILL')
          resolve()
        }
      })
      await throughDeath(killed)
    }
  })

  it('is neither lost nor credited twice: when it was credited, and nobody was told', {
    timeout: 300_000,
  }, async () => {
    const once = `open-${++opened}`
    const { payment_reference: reference } = await open(once)
    gateway.pay(reference, { amount })
    const notice = gateway.notice(reference, new Date())
    const telling = Promise.allSettled(Array.from({ length: copies }, () => tell(notice)))
    await eventually(async () => {
      const rows = await db.query(
        `select 1 as yes from deposits where reference = $1 and state = 'success'`,
        [reference],
      )
      return rows.length > 0
    })
    await program.end('SIGKILL')
    await telling
    program = await start()
    await expectCredited(once, notice)
  })

  let armPaying: (() => void) | null = null
  /** Whether the program that was killed is the only one that asks the gateway again. */
  let isAlone = false

  /** One deposit from its beginning to its credit; the program dies on the way, and comes back. */
  async function throughDeath(killed: Promise<void>) {
    const before = gateway.made()
    const once = `open-${++opened}`
    const death = killed.then(async () => {
      await program.end('SIGKILL')
      program = await start()
    })
    const first = await open(once).catch(broken)
    if (first === null) await death
    const deposit = await withInvoice(once)
    expect(gateway.made()).toBe(before + 1)
    gateway.pay(deposit.payment_reference, { amount })
    const notice = gateway.notice(deposit.payment_reference, new Date())
    armPaying?.()
    armPaying = null
    await Promise.all(Array.from({ length: copies }, () => tell(notice).catch(broken)))
    await death
    await expectCredited(once, notice)
  }

  async function expectCredited(once: string, notice: Sent) {
    const { id } = await open(once)
    await hasten()
    await eventually(async () => (await read(id)).state === 'success')
    credited++
    for (let time = 0; time < 3; time++) expect(await tell(notice)).toBe(200)
    const { body } = await call<{ balance: string }>(program, key, 'GET', '/v1/balance')
    expect(body.balance).toBe((Number(amount) * credited).toFixed(2))
    const events = await db.query<{ type: string; times: number }>(
      `select type, count(*)::int as times from events where type like 'deposit.%' group by type
        order by type`,
    )
    expect(events).toEqual([
      { type: 'deposit.created', times: credited },
      { type: 'deposit.success', times: credited },
    ])
    await expectCleanAudit(db)
  }

  /** The same request again gives the same deposit; its invoice comes when the gateway is asked again. */
  async function withInvoice(once: string): Promise<Deposit> {
    const { id } = await open(once)
    if ((await read(id)).checkout_url === null) await hasten()
    await eventually(async () => (await read(id)).checkout_url !== null)
    return read(id)
  }

  async function open(once: string): Promise<Deposit> {
    const body = { amount, gateway: 'btcpay' }
    const headers = { 'idempotency-key': once }
    const reply = await call<Deposit>(program, key, 'POST', '/v1/deposits', body, headers)
    expect(reply.status, JSON.stringify(reply.body)).toBe(201)
    return reply.body
  }

  const read = async (id: string) =>
    (await call<Deposit>(program, key, 'GET', `/v1/deposits/${id}`)).body

  const tell = async ({ headers, body }: Sent) =>
    (await call(program, null, 'POST', '/api/wallet/callback/btcpay', body, headers)).status

  /** A minute of the database's time passes: what waits for its turn is due, and another node's job runs. */
  async function hasten() {
    await db.query('update deposits set check_at = $1 where check_at > $1', [other.app.now()])
    if (!isAlone) await askOther('check')
  }

  function broken(error: unknown): null {
    if (!(error instanceof TypeError)) throw error
    return null
  }
})
