// The log while the database is away: one line when it begins, one when it ends.
import { expect, it } from 'vitest'
import { retryDelayMs } from '../../src/trouble.ts'
import { testDatabase } from '../harness/database.ts'
import { gateTo } from '../harness/gate.ts'
import { eventually, startProgram } from '../harness/program.ts'
import { testCustomer } from '../harness/server.ts'

type Line = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string }

const linesOf = (output: string): Line[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

it('says once that the database is away, and once that it is back', {
  timeout: 300_000,
}, async () => {
  const { url, db } = await testDatabase('demo')
  const { key } = await testCustomer(db)
  const gate = await gateTo(url)
  const program = await startProgram({
    DATABASE_URL: gate.url,
    NUMLET_ENCRYPTION_KEY: Buffer.alloc(32, 'a key for tests').toString('base64'),
  })
  // Another test may hold a transaction open in the same cluster: that it holds up events is told rightly.
  const loud = () =>
    linesOf(program.output()).filter(
      ({ level, msg }) => level >= 40 && !msg.startsWith('events held up: '),
    )
  const ready = async (path = '/health/ready') => (await fetch(`${program.url}${path}`)).status
  try {
    for (let time = 1; time <= 2; time++) {
      gate.close()
      await eventually(async () => (await ready()) === 503)
      // Requests that need the database, while jobs fail as well.
      for (let i = 0; i < 50; i++) {
        const answer = await fetch(`${program.url}/v1/balance`, {
          headers: { authorization: `Bearer ${key}` },
        })
        expect(answer.status).toBe(503)
      }
      await eventually(async () => loud().length === 2 * time - 1)
      expect(loud().at(-1)).toMatchObject({
        msg: 'database: problem started',
        trouble: 'database',
        since: expect.stringMatching(/^\d{4}-/),
        met_by: expect.stringMatching(/job tail|job access|requests|(idle|new) connections/),
      })
      const metrics = await (await fetch(`${program.url}/metrics`)).text()
      expect(metrics).toContain('numlet_trouble{trouble="database"} 1')
      gate.open()
      await eventually(async () => (await ready()) === 200)
      await eventually(async () => loud().length === 2 * time)
      const over = loud().at(-1) as Line
      expect(over.msg).toBe('database: problem ended')
      expect(over.met_by).toMatch(/requests \d+/)
      expect(over.met_by).toMatch(/job access \d+/)
      expect(Number(over.failures)).toBeGreaterThan(2)
    }
    const all = program.output()
    expect(all).not.toContain('"stack"')
    expect(loud()).toHaveLength(4)
  } finally {
    expect(await program.end('SIGTERM')).toBe(0)
  }
  expect(loud()).toHaveLength(4)
})

it('waits longer after each failure, up to two seconds, and never the same', () => {
  for (let failures = 1; failures < 40; failures++) {
    const delays = Array.from({ length: 20 }, () => retryDelayMs(failures, 10))
    for (const ms of delays) {
      expect(ms).toBeGreaterThanOrEqual(Math.min(2_000, 50 * 2 ** failures) / 2)
      expect(ms).toBeLessThanOrEqual(2_000)
    }
    expect(new Set(delays).size).toBeGreaterThan(1)
  }
  expect(retryDelayMs(3, 60_000)).toBeGreaterThanOrEqual(30_000)
  expect(retryDelayMs(30, 60_000)).toBeLessThanOrEqual(60_000)
})
