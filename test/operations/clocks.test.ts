// Two servers whose clocks differ by 90 seconds: they use the database's time, and tell of their own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import { databaseClock } from '../../src/db/clock.ts'
import type { Database } from '../../src/db/database.ts'
import { jsonOf, numletOn } from '../cli/program.ts'
import { testDatabase, testKey } from '../harness/database.ts'
import { eventually, type Program, startProgram } from '../harness/program.ts'
import { call, testCustomer, testSupplier } from '../harness/server.ts'

// An address has no blanks, wherever the checkout is.
const preload = new URL('../harness/shifted-clock.mjs', import.meta.url).href
const shifted = (seconds: number) => ({
  NODE_OPTIONS: `--import ${preload}`,
  TEST_CLOCK_SHIFT_S: String(seconds),
})

/** A busy machine knows the database’s time less well. By their own clocks they would be 45 seconds off. */
const toleranceMs = 5_000

describe('two servers whose clocks differ by 90 seconds', { timeout: 300_000 }, () => {
  let db: Database
  let url: string
  const programs: Program[] = []
  const at = (i: number) => programs[i] as Program

  beforeAll(async () => {
    ;({ db, url } = await testDatabase('demo'))
    for (const seconds of [45, -45])
      programs.push(
        await startProgram({
          DATABASE_URL: url,
          NUMLET_ENCRYPTION_KEY: testKey,
          NUMLET_CANCEL_COOLDOWN_S: '30',
          NUMLET_RATE_LIMIT: '20',
          NUMLET_SIMULATOR_AUTO: '0',
          ...shifted(seconds),
        }),
      )
  }, 120_000)
  afterAll(async () => {
    for (const one of programs) await one.end('SIGTERM')
  })

  const buy = async (server: Program, key: string) =>
    (
      await call<Record<string, string>>(server, key, 'POST', '/v1/orders', {
        service: 'whatsapp',
        country: 'US',
      })
    ).body
  const databaseMs = async () => {
    const [row] = await db.query<{ now: Date }>('select clock_timestamp() as now')
    return (row as { now: Date }).now.getTime()
  }

  it('date orders by the database, and refuse to cancel for the same cooldown on both', async () => {
    const { key } = await testCustomer(db)
    for (const [one, other] of [
      [at(0), at(1)],
      [at(1), at(0)],
    ] as const) {
      const before = await databaseMs()
      const order = await buy(one, key)
      const after = await databaseMs()
      const createdAt = Date.parse(order.created_at as string)
      expect(createdAt).toBeGreaterThanOrEqual(before - toleranceMs)
      expect(createdAt).toBeLessThanOrEqual(after + toleranceMs)
      expect(Date.parse(order.cancel_after as string) - createdAt).toBe(30_000)
      // Neither does the node that is ahead end the cooldown early, nor the other one late.
      const refused = await call(other, key, 'POST', `/v1/orders/${order.id}/cancel`)
      expect(refused.status).toBe(409)
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(30)
      await db.query(`update orders set cancel_after = clock_timestamp() where id = $1`, [
        BigInt(order.number as string),
      ])
      await eventually(async () => {
        const done = await call(other, key, 'POST', `/v1/orders/${order.id}/cancel`)
        return done.status === 200
      })
    }
  })

  it('share one rate window of a minute', async () => {
    const { key } = await testCustomer(db)
    let refused: Headers | null = null
    for (let i = 0; i < 60 && !refused; i++) {
      const answer = await call(at(i % 2), key, 'GET', '/v1/balance')
      if (answer.status === 429) refused = answer.headers
    }
    const waitS = Number(refused?.get('retry-after'))
    expect(waitS).toBeGreaterThan(0)
    expect(waitS).toBeLessThanOrEqual(61)
    const [window] = await db.query<{ s: number }>(
      `select max(extract(epoch from ends_at - clock_timestamp()))::float8 as s from rate_windows`,
    )
    expect(window?.s).toBeLessThanOrEqual(60 + toleranceMs / 1000)
  })

  it('take messages at the database’s time, so that the audit finds nothing', async () => {
    const { key } = await testCustomer(db)
    const { secret } = await testSupplier(db, 'clocks')
    for (const [one, other] of [
      [at(0), at(1)],
      [at(1), at(0)],
    ] as const) {
      const order = await buy(one, key)
      const answer = await call(other, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message: { number: order.phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 482-913' },
      })
      expect(answer.status).toBe(200)
      const seen = await call<{ state: string }>(one, key, 'GET', `/v1/orders/${order.id}`)
      expect(seen.body.state).toBe('received')
      await call(other, key, 'POST', `/v1/orders/${order.id}/finish`)
    }
    // The command line’s clock is wrong, too.
    const report = jsonOf(await numletOn(url)(['audit', '--json'], '', shifted(-3_600)))
    expect(report).toMatchObject({ ok: true })
    expect(report.checks).toContainEqual({ name: 'times-in-the-future', ok: true, detail: 'none' })
  })

  it('tell how far their clocks are off: in the log, in ready and in the metrics', async () => {
    for (const [i, ahead, words] of [
      [0, 45, 'ahead of'],
      [1, -45, 'behind'],
    ] as const) {
      const ready = await call<{ details: { clock_ahead_s: number } }>(
        at(i),
        null,
        'GET',
        '/health/ready',
      )
      expect(ready.status).toBe(200)
      expect(Math.abs(ready.body.details.clock_ahead_s - ahead)).toBeLessThan(1)
      const lines = () =>
        at(i)
          .output()
          .split('\n')
          .filter((line) => line.includes('"trouble":"clock"'))
      await eventually(async () => lines().length > 0)
      expect(lines()).toHaveLength(1)
      expect(lines()[0]).toContain(`s ${words} the database’s`)
      const metrics = await call<string>(at(i), null, 'GET', '/metrics')
      const [, offset] = /^numlet_clock_ahead_seconds (\S+)$/m.exec(metrics.body) ?? []
      expect(Math.abs(Number(offset) - ahead)).toBeLessThan(1)
    }
  })
})

it('the audit says so when times lie in the future', async () => {
  const { db } = await testDatabase('demo')
  const { keepBusy } = await import('../audit/busy.ts')
  await keepBusy(db, 3)
  const past = new Date(Date.now() - 3_600_000)
  const report = await audit(db, past)
  const finding = report.checks.find(({ name }) => name === 'times-in-the-future')
  expect(finding?.detail).toMatch(/^\d+ orders, transfers and messages, by up to \d+ s: the clock/)
  await db.query(`alter table messages disable trigger all`)
  await db.query(
    `update messages set received_at = received_at - interval '1 day' where state = 'delivered'`,
  )
  const wrong = (await audit(db, past)).checks.find(
    ({ name }) => name === 'messages-in-their-orders-time',
  )
  expect(wrong).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/a wrong clock, most likely/),
  })
})

describe('the clock of a node', () => {
  const rig = () => {
    const local = { steadyMs: 1_000, wallMs: 5_000_000 }
    const clock = databaseClock({ steady: () => local.steadyMs, wall: () => local.wallMs })
    return {
      local,
      clock,
      run: (ms: number) => {
        local.steadyMs += ms
        local.wallMs += ms
      },
    }
  }

  it('takes the middle of the round trip first, then changes only outside its bounds', () => {
    const { local, clock, run } = rig()
    clock.compare({ sentMs: 900, answeredMs: 1_000 }, 1_000_000)
    expect(clock.now().getTime()).toBe(1_000_050)
    run(1_000)
    // A slow answer whose bounds include what is known changes nothing.
    clock.compare({ sentMs: 1_000, answeredMs: 2_000 }, 1_000_500)
    expect(clock.now().getTime()).toBe(1_001_050)
    // A fast one sets it to the nearer bound.
    clock.compare({ sentMs: 1_998, answeredMs: 2_000 }, 1_001_200)
    expect(clock.now().getTime()).toBe(1_001_200)
    expect(clock.aheadMs()).toBe(local.wallMs - 1_001_200)
  })

  it('never goes back: it runs at half speed until the database has caught up', () => {
    const { clock, run } = rig()
    clock.compare({ sentMs: 1_000, answeredMs: 1_000 }, 1_000_000)
    expect(clock.now().getTime()).toBe(1_000_000)
    // A standby that is 10 s behind was promoted.
    clock.compare({ sentMs: 1_000, answeredMs: 1_000 }, 990_000)
    let last = clock.now().getTime()
    for (let i = 0; i < 40; i++) {
      run(1_000)
      const now = clock.now().getTime()
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
    expect(last).toBe(990_000 + 40_000)
  })

  it('does not care when somebody sets the machine’s clock', () => {
    const { local, clock, run } = rig()
    clock.compare({ sentMs: 1_000, answeredMs: 1_000 }, 1_000_000)
    run(500)
    local.wallMs += 3_600_000
    expect(clock.now().getTime()).toBe(1_000_500)
  })
})
