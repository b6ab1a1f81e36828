// No two dialects disagree about one order: whoever made it, each of them reads the same.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { endOverdueOrders } from '../harness/ending.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import type { DialectDriver, OrderState, Request } from './driver.ts'
import { driver as fivesim } from './drivers/fivesim.ts'
import { driver as handlerApi } from './drivers/handler-api.ts'
import { driver as native } from './drivers/native.ts'
import { driver as otpwall } from './drivers/otpwall.ts'
import { driver as otpzap } from './drivers/otpzap.ts'
import { driver as smsverificationservice } from './drivers/smsverificationservice.ts'
import { driver as whichotp } from './drivers/whichotp.ts'
import { driver as zapotp } from './drivers/zapotp.ts'

const drivers: readonly DialectDriver[] = [
  native,
  whichotp,
  otpzap,
  zapotp,
  otpwall,
  smsverificationservice,
  handlerApi,
  fivesim,
]

type Seen = { state: OrderState; code: string | null }

describe('one order, read through every dialect,', async () => {
  const server = await testServer()
  const { secret } = await testSupplier(server.db)
  const service = await ownService(server.db, { numbers: 100 })

  /** One account with a key for each dialect. */
  async function customer() {
    const { accountId, key } = await testCustomer(server.db)
    const keys = new Map<DialectDriver, string>()
    for (const driver of drivers) {
      const scopes = driver.scopes && [...driver.scopes]
      keys.set(
        driver,
        scopes ? (await createKey(server.db, new Date(), { accountId, scopes })).key : key,
      )
    }
    return (driver: DialectDriver, { method, path, body }: Request) =>
      call(server, keys.get(driver) as string, method, path, body)
  }
  type Ask = Awaited<ReturnType<typeof customer>>

  const buy = async (ask: Ask, driver: DialectDriver) => {
    const { id, phone } = driver.read.bought(await ask(driver, driver.ask.buy(service)))
    return {
      id: String(server.app.ids.fromToken('ord', id) ?? id),
      phone: `+${phone.replace(/\D/g, '')}`,
    }
  }
  const seenBy = async (ask: Ask, id: string) => {
    const seen: Record<string, Seen> = {}
    for (const driver of drivers)
      seen[driver.name] = driver.read.order(await ask(driver, driver.ask.order(id)))
    return seen
  }
  const all = (seen: Seen) => Object.fromEntries(drivers.map((driver) => [driver.name, seen]))
  const send = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'Test', sms },
    })
  const balances = async (ask: Ask) => {
    const seen = new Set<number>()
    for (const driver of drivers)
      seen.add(driver.read.balance(await ask(driver, driver.ask.balance())))
    return [...seen]
  }

  for (const maker of drivers)
    it(`is the same when ${maker.name} has made it: waiting, with a code, and over`, async () => {
      const ask = await customer()
      const { id, phone } = await buy(ask, maker)
      expect(await seenBy(ask, id)).toEqual(all({ state: 'waiting', code: null }))
      expect(await balances(ask)).toEqual([99.5])
      await send(phone, 'Your code is 593821')
      expect(await seenBy(ask, id)).toEqual(all({ state: 'received', code: '593821' }))
      server.advance(1_200)
      await endOverdueOrders(server.db, server.app.now())
      const over = await seenBy(ask, id)
      for (const driver of drivers) expect(over[driver.name]?.code).toBe('593821')
      expect(await balances(ask)).toEqual([99.5])
    })

  for (const canceller of drivers)
    it(`is given back for all when ${canceller.name} cancels it`, async () => {
      const ask = await customer()
      const maker = drivers[(drivers.indexOf(canceller) + 3) % drivers.length] as DialectDriver
      const { id } = await buy(ask, maker)
      server.advance(121)
      await ask(canceller, canceller.ask.cancel(id))
      expect(await seenBy(ask, id)).toEqual(all({ state: 'refunded', code: null }))
      expect(await balances(ask)).toEqual([100])
    })

  it('is given back for all when its time is over', async () => {
    const ask = await customer()
    const { id } = await buy(ask, native)
    server.advance(1_200)
    await endOverdueOrders(server.db, server.app.now())
    expect(await seenBy(ask, id)).toEqual(all({ state: 'refunded', code: null }))
    expect(await balances(ask)).toEqual([100])
  })
})
