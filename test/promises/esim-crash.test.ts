// Promises 3 and 4 for eSIMs: after `kill -9` in the midst of sales, what was acknowledged was sold, once.
import { afterAll, describe, expect, it } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { addPlan, listPlans } from '../../src/core/esims/plans.ts'
import { importCodes } from '../../src/core/esims/stock.ts'
import { attempts } from '../harness/attempts.ts'
import { testDatabase, testKey, testVault } from '../harness/database.ts'
import { eventually, type Program, startProgram } from '../harness/program.ts'
import { call } from '../harness/server.ts'
import { expectCleanAudit, lots } from './market.ts'

const rounds = attempts(1, 8)
const buyers = 8
const codesInStock = 4_000
/** A kill comes after so many sales more, up to twice as many: at no fixed moment. */
const salesBeforeKill = 30
const planName = 'Crash 1GB'

describe('eSIMs after kill -9', async () => {
  const { db, url } = await testDatabase()
  const start = () =>
    startProgram({
      DATABASE_URL: url,
      NUMLET_ENCRYPTION_KEY: testKey,
      NUMLET_SIMULATOR_AUTO: '0',
      NUMLET_RATE_LIMIT: '0',
      NUMLET_LOG: 'silent',
    })
  let program: Program = await start()
  const key = await prepare()
  /** Codes by the keys of the requests that bought them. */
  const sold = new Map<string, { id: string; code: string }>()
  let unanswered: string[] = []
  let sent = 0

  afterAll(async () => {
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
  })

  it(`are sold once each, ${rounds} times over`, { timeout: 600_000 }, async () => {
    const lot = lots(7)
    let cutOff = 0
    for (let round = 0; round < rounds; round++) {
      let isOver = false
      const killAt = sold.size + salesBeforeKill + lot.below(salesBeforeKill)
      const running = Promise.all(
        Array.from({ length: buyers }, async () => {
          while (!isOver) await buy(`esim-${++sent}`)
        }),
      )
      await eventually(async () => sold.size >= killAt)
      const killed = program.end('SIGKILL')
      isOver = true
      await Promise.all([killed, running])
      program = await start()
      cutOff += unanswered.length
      const again = unanswered
      unanswered = []
      for (const once of again) await buy(once)
      expect(unanswered).toEqual([])
      await checkEverything()
    }
    // Without requests that were cut off nothing was tested.
    expect(cutOff).toBeGreaterThan(rounds)
  })

  async function buy(once: string) {
    try {
      const body = { kind: 'esim', plan: planName }
      const reply = await call<{ id: string; esim: { activation_code: string } }>(
        program,
        key,
        'POST',
        '/v1/orders',
        body,
        { 'idempotency-key': once },
      )
      expect(reply.status, JSON.stringify(reply.body)).toBe(201)
      sold.set(once, { id: reply.body.id, code: reply.body.esim.activation_code })
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      // The connection broke: it may have been sold or not.
      unanswered.push(once)
    }
  }

  async function checkEverything() {
    const codes = [...sold.values()].map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
    const [newest] = [...sold].slice(-1) as [[string, { id: string; code: string }]]
    const [once, { id, code }] = newest
    const { body } = await call(program, key, 'GET', `/v1/orders/${id}`)
    expect(body).toMatchObject({ state: 'finished', esim: { activation_code: code } })
    await buy(once)
    expect(sold.get(once)).toEqual({ id, code })
    const [plan] = await listPlans(db, { currency: 'USD', name: planName })
    expect(plan).toMatchObject({ sold: codes.length, stock: codesInStock - codes.length })
    await expectCleanAudit(db)
  }

  /** @returns the key of an account that can pay for all */
  async function prepare(): Promise<string> {
    const codes = Array.from({ length: codesInStock }, (_, i) => `SIM-CRASH${i}`)
    const plan = { name: planName, country: null, dataGb: 1, validityDays: 7, price: 10_000n }
    await db.begin((tx) => addPlan(tx, plan))
    await importCodes(db, new Date(), testVault, { planName, codes })
    const { id } = await createAccount(db, { email: 'crash@example.com', currency: 'USD' })
    const amount = 1_000_000_000n
    await creditAccount(db, new Date(), { accountId: id, amount, reference: 'test' })
    return (await createKey(db, new Date(), { accountId: id })).key
  }
})
