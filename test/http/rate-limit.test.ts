// The rate limit holds for all servers together.
import { describe, expect, it } from 'vitest'
import { forgetRateWindows } from '../../src/core/accounts/rate-windows.ts'
import { call, serverOn, testCustomer, testServer } from '../harness/server.ts'

describe('a key that asks several servers', async () => {
  const env = { NUMLET_RATE_LIMIT: '40' }
  const one = await testServer({ env })
  const two = await serverOn(one.databaseUrl, env)
  const servers = [one, two]
  const ask = (key: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        call(servers[i % servers.length] as typeof one, key, 'GET', '/v1/balance'),
      ),
    )
  const statusesOf = (replies: Awaited<ReturnType<typeof ask>>) => ({
    answered: replies.filter((reply) => reply.status === 200).length,
    refused: replies.filter((reply) => reply.status === 429).length,
  })

  it('is answered as often as one server would answer it, and no more', async () => {
    const { key } = await testCustomer(one.db)
    const { answered, refused } = statusesOf(await ask(key, 100))
    expect(answered).toBe(40)
    expect(refused).toBe(60)
    const { key: other } = await testCustomer(one.db)
    expect(statusesOf(await ask(other, 10)).answered).toBe(10)
    for (const server of servers) server.advance(60)
    expect(statusesOf(await ask(key, 100)).answered).toBe(40)
  })

  it('hears from each how much is left, as far as that server knows', async () => {
    const { key } = await testCustomer(one.db)
    const left = async (at: typeof one) => {
      const reply = await call(at, key, 'GET', '/v1/balance')
      return Number(/r=(\d+)/.exec(reply.headers.get('ratelimit') ?? '')?.[1])
    }
    expect(await left(one)).toBe(39)
    // Of a tenth that the first server took, three are still its own.
    expect(await left(two)).toBe(35)
    expect(await left(one)).toBe(38)
  })

  it('is forgotten once its minute is over', async () => {
    const later = new Date(one.app.now().getTime() + 120_000)
    while ((await forgetRateWindows(one.db, later)) > 0);
    expect(await one.db.query('select 1 from rate_windows')).toEqual([])
  })
})
