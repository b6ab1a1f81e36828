// The error form `hero`: JSON with real status codes, for keys that were created with it.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../../src/core/accounts/keys.ts'
import { call, testCustomer } from '../../harness/server.ts'
import { type Customer, handlerServer, partsOf } from './asking.ts'

const wa = { service: 'wa', country: 187 }

describe('a key with the error form hero', async () => {
  const { server, receive, customer } = await handlerServer()
  const hero = (options: { credit?: string } = {}) => customer({ ...options, errorForm: 'hero' })
  const refusal = async (who: Customer, action: string, params = {}) => {
    const { status, body } = await who.ask(action, params)
    const { title, details, info } = body as { title: string; details: string; info: object }
    expect(Object.keys(body as object)).toEqual(['title', 'details', 'info'])
    expect(details).toMatch(/^[A-Z].*\.$/)
    return { status, title, info }
  }

  it('gets the same successful responses as other keys', async () => {
    const who = await hero()
    expect(await who.text('getBalance')).toBe('ACCESS_BALANCE:100.00')
    expect(await who.text('getNumber', wa)).toMatch(/^ACCESS_NUMBER:\d+:\d+$/)
  })

  it('gets an error for each invalid request', async () => {
    const who = await hero()
    expect(await refusal(who, 'nothing')).toEqual({ status: 404, title: 'BAD_ACTION', info: {} })
    expect(await refusal(who, 'getNumber', { service: 'zzzz' })).toMatchObject({
      status: 422,
      title: 'WRONG_SERVICE',
    })
    expect(await refusal(who, 'getActiveActivations', { limit: 'many' })).toEqual({
      status: 422,
      title: 'UNPROCESSABLE_ENTITY',
      info: { field: 'limit', code: 'INVALID' },
    })
    expect(await refusal(who, 'getStatus', { id: 1 })).toMatchObject({
      status: 404,
      title: 'NOT_FOUND',
    })
    expect(await refusal(who, 'getNumber', { ...wa, maxPrice: '0.001' })).toEqual({
      status: 400,
      title: 'WRONG_MAX_PRICE',
      info: { min: expect.any(Number) },
    })
  })

  it('gets plain NO_NUMBERS with 200 if nothing is in stock, and JSON for rentals', async () => {
    const who = await hero()
    expect(await who.ask('getNumber', { ...wa, areas: '999' })).toMatchObject({
      status: 200,
      body: 'NO_NUMBERS',
    })
    expect(await refusal(who, 'getRentNumber', { ...wa, rent_time: 73 })).toMatchObject({
      status: 404,
      title: 'NO_NUMBERS',
    })
    expect(await refusal(who, 'getRentNumber', { ...wa, rent_time: 'x' })).toMatchObject({
      status: 422,
      title: 'BAD_DURATION',
    })
  })

  it('gets errors for a low balance, the limits and the cooldown', async () => {
    expect(await refusal(await hero({ credit: '0.01' }), 'getNumber', wa)).toMatchObject({
      status: 402,
      title: 'NO_BALANCE',
    })
    const who = await hero()
    const { id, phone } = partsOf(await who.text('getNumber', wa))
    const set = (of: string, status: number) => refusal(who, 'setStatus', { id: of, status })
    expect(await set(id, 8)).toEqual({
      status: 409,
      title: 'EARLY_CANCEL_DENIED',
      info: { minActivationTime: 120 },
    })
    await server.db.query('update accounts set max_open_orders = 1 where id = $1', [who.accountId])
    expect(await refusal(who, 'getNumber', wa)).toEqual({
      status: 403,
      title: 'CHANNELS_LIMIT',
      info: { current_threads: 1, max_allowed: 1 },
    })
    await receive(phone, 'Your WhatsApp code: 593-821')
    expect(await set(id, 8)).toMatchObject({ status: 409, title: 'OTP_RECEIVED' })
    await who.text('setStatus', { id, status: 6 })
    expect(await set(id, 8)).toMatchObject({ status: 409, title: 'ACTIVATION_NOT_ACTIVE' })
    expect(await refusal(who, 'getAllSms', { id })).toMatchObject({
      status: 409,
      title: 'ACTIVATION_NOT_ACTIVE',
    })
    await server.db.query(
      `update accounts set max_open_orders = null, max_cancelled_percent = 10 where id = $1`,
      [who.accountId],
    )
    await server.db.query(
      'update account_usage set bought_today = 30, cancelled_today = 20 where account_id = $1',
      [who.accountId],
    )
    expect(await refusal(who, 'getNumber', wa)).toEqual({
      status: 403,
      title: 'BANNED',
      info: {
        scope: 'global',
        banned_until: expect.any(Number),
        retry_after_seconds: expect.any(Number),
        readable_date: expect.stringMatching(/^\d{4}-\d\d-\d\d 00-00-00$/),
      },
    })
  })

  it('gets no error that an open activation is over', async () => {
    const who = await hero()
    const set = (id: string | number, status: number) => refusal(who, 'setStatus', { id, status })
    const { id } = partsOf(await who.text('getNumber', wa))
    for (const status of [3, 6])
      expect(await set(id, status)).toMatchObject({ status: 409, title: 'BAD_STATUS' })
    const rent = async () =>
      (await who.json<{ phone: { id: number; number: string } }>('getRentNumber', wa)).phone
    const used = await rent()
    await receive(used.number, 'Your WhatsApp code: 593-821')
    const unused = await rent()
    server.advance(21 * 60)
    for (const [rental, title] of [
      [used, 'OTP_RECEIVED'],
      [unused, 'FREE_CANCELLATION_EXPIRED'],
    ] as const) {
      expect(await set(rental.id, 8)).toMatchObject({ status: 409, title })
      const cancel = { id: rental.id, status: 2 }
      expect(await refusal(who, 'setRentStatus', cancel)).toMatchObject({ status: 409, title })
    }
  })

  it('is created with the native API, and only with the scope handler-api', async () => {
    const { key } = await testCustomer(server.db)
    const make = (wanted: object) =>
      call<{ key: string; error_form: string }>(server, key, 'POST', '/v1/keys', wanted)
    const made = await make({ scopes: ['handler-api'], error_form: 'hero' })
    expect(made).toMatchObject({ status: 201, body: { error_form: 'hero' } })
    const asked = `/stubs/handler_api.php?api_key=${made.body.key}&action=nothing`
    expect(await call(server, null, 'GET', asked)).toMatchObject({ status: 404 })
    expect(await make({ error_form: 'hero' })).toMatchObject({ status: 422 })
    expect(await make({ scopes: ['handler-api'], error_form: 'loud' })).toMatchObject({
      status: 422,
    })
    expect((await make({ scopes: ['read'] })).body.error_form).toBe('plain')
    const { accountId } = await testCustomer(server.db)
    await expect(
      createKey(server.db, new Date(), { accountId, errorForm: 'hero' }),
    ).rejects.toThrow()
  })
})
