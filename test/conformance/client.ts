// A client that speaks a dialect through its driver, against a server of its own.
import { expect } from 'vitest'
import { forbidTexts } from '../harness/leaks.ts'
import { call, type TestServer, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { stateOf } from '../harness/state.ts'
import { ownService } from '../harness/stock.ts'
import type { DialectDriver, Failure, Request } from './driver.ts'

export type Client = Awaited<ReturnType<typeof dialectClient>>

let made = 0

/** Starts a server for the client. */
export const dialectClient = async (
  driver: DialectDriver,
  options: Parameters<typeof testServer>[0] = {},
) => dialectClientOn(driver, await testServer(options))

/** A client with two services of its own: one with 200 numbers, one with a single one. */
export async function dialectClientOn(driver: DialectDriver, server: TestServer) {
  const { secret } = await testSupplier(server.db, `client-${++made}`)
  const service = await ownService(server.db, { numbers: 200 })
  const scarce = await ownService(server.db, { numbers: 1 })

  const scopes = driver.scopes ? { scopes: [...driver.scopes] } : {}
  const customer = (options = {}) => testCustomer(server.db, { ...scopes, ...options })
  const send = (
    key: string | null,
    request: Request,
    headers: Record<string, string> = {},
    at: { url: string } = server,
  ) => call(at, key, request.method, request.path, request.body, headers)
  const balance = async (key: string) => driver.read.balance(await send(key, driver.ask.balance()))
  const buy = async (key: string) => {
    const reply = await send(key, driver.ask.buy(service))
    expect(reply.status, JSON.stringify(reply.body)).toBe(driver.succeeds.bought)
    return driver.read.bought(reply)
  }
  const order = async (key: string, id: string) =>
    driver.read.order(await send(key, driver.ask.order(id)))
  const receive = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'Test', sms },
    })

  /** Fails unless the request is refused in the dialect's own words, and nothing has changed. */
  const refuses = async (
    expected: Failure,
    key: string | null,
    request: Request,
    headers: Record<string, string> = {},
  ) => {
    const before = await stateOf(server.db)
    const reply = await send(key, request, headers)
    expect(reply, JSON.stringify(reply.body)).toMatchObject(expected)
    expect(reply.headers.get('x-request-id')).toBeTruthy()
    forbidTexts(reply.body)
    expect(await stateOf(server.db)).toEqual(before)
    return reply
  }
  return { server, service, scarce, customer, send, balance, buy, order, receive, refuses }
}
