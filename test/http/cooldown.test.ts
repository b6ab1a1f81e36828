// D4: a cancel inside the cooldown is told apart from a final refusal, with the seconds, in every dialect.
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { dialectClientOn } from '../conformance/client.ts'
import { drivers } from '../conformance/drivers/all.ts'
import { serverOn, testServer } from '../harness/server.ts'

const root = new URL('../../', import.meta.url)
/** Texts that the documents of these dialects prescribe. Their seconds are in `Retry-After` alone. */
const prescribed: Record<string, string> = {
  fivesim: 'you need to wait time',
  handlerApi: 'EARLY_CANCEL_DENIED',
}
const folders: Record<string, string> = { handlerApi: 'handler-api' }

const server = await testServer()
const without = await serverOn(server.databaseUrl, { NUMLET_CANCEL_COOLDOWN_S: '0' })

describe.each(Object.entries(drivers))('D4: %s', async (name, driver) => {
  const { customer, send, buy, order } = await dialectClientOn(driver, server)

  it('says that an order cannot be cancelled yet, and in how many seconds', async () => {
    const { key } = await customer()
    const { id } = await buy(key)
    for (const [after, left] of [
      [0, 120],
      [23, 97],
      [96, 1],
    ] as const) {
      server.advance(after)
      const reply = await send(key, driver.ask.cancel(id))
      expect(reply.headers.get('retry-after')).toBe(String(left))
      const said = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
      if (prescribed[name]) expect(said).toBe(prescribed[name])
      else expect(said).toMatch(new RegExp(`\\byet\\b.*\\b${left} seconds?\\b`))
      expect(await order(key, id)).toEqual({ state: 'waiting', code: null })
    }
    server.advance(1)
    expect((await send(key, driver.ask.cancel(id))).status).toBe(200)
  })

  it('says something else when it can never be cancelled', async () => {
    const { key } = await customer()
    const { id } = await buy(key)
    server.advance(121)
    expect((await send(key, driver.ask.cancel(id))).status).toBe(200)
    const again = await send(key, driver.ask.cancel(id))
    expect(again.headers.get('retry-after')).toBeNull()
    expect(JSON.stringify(again.body)).not.toMatch(/\byet\b|seconds|EARLY|wait time/)
  })

  it('has no cooldown with NUMLET_CANCEL_COOLDOWN_S=0, and its README says so', async () => {
    const off = await dialectClientOn(driver, without)
    const { key } = await off.customer()
    const { id } = await off.buy(key)
    expect((await off.send(key, driver.ask.cancel(id))).status).toBe(200)
    expect(await off.order(key, id)).toEqual({ state: 'refunded', code: null })
    const readme = `src/dialects/${folders[name] ?? name}/README.md`
    expect(await readFile(new URL(readme, root), 'utf8')).toContain('NUMLET_CANCEL_COOLDOWN_S=0')
  })
})
