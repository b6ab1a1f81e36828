// Activations with handler_api: their messages, states and lists.
import { describe, expect, it } from 'vitest'
import { endOverdueOrders } from '../../harness/ending.ts'
import { type Customer, handlerServer, partsOf } from './asking.ts'

const wa = { service: 'wa', country: 187 }

describe('handler_api, for an activation,', async () => {
  const { server, receive, customer } = await handlerServer()
  const buy = async (who: Customer) => partsOf(await who.text('getNumber', wa))
  const withCode = async (who: Customer) => {
    const bought = await buy(who)
    await receive(bought.phone, 'Your WhatsApp code: 593-821')
    return bought
  }
  const set = (who: Customer, id: string, status: number | string) =>
    who.text('setStatus', { id, status })

  it('returns that it waits, and changes nothing for status 1', async () => {
    const who = await customer()
    const { id } = await buy(who)
    expect(await set(who, id, 1)).toBe('ACCESS_READY')
    expect(await who.text('getStatus', { id })).toBe('STATUS_WAIT_CODE')
    expect(await who.text('getFullSms', { id })).toBe('STATUS_WAIT_CODE')
    expect(await who.json('getStatusV2', { id })).toEqual({
      verificationType: 0,
      sms: { dateTime: '0000-00-00 00:00:00' },
      call: expect.objectContaining({ parsingCount: 0 }),
    })
  })

  it('returns the code every time, also after the end', async () => {
    const who = await customer()
    const { id } = await withCode(who)
    expect(await who.text('getStatus', { id })).toBe('STATUS_OK:593821')
    expect(await set(who, id, 6)).toBe('ACCESS_ACTIVATION')
    expect(await set(who, id, 6)).toBe('ACCESS_ACTIVATION')
    expect(await who.text('getStatus', { id })).toBe('STATUS_OK:593821')
    expect(await who.text('getFullSms', { id })).toBe('FULL_SMS:Your WhatsApp code: 593-821')
    expect(await who.json('getStatusV2', { id })).toMatchObject({
      sms: {
        dateTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        code: '593821',
        text: 'Your WhatsApp code: 593-821',
      },
    })
    expect(await who.text('getAllSms', { id })).toBe('ACTIVATION_NOT_ACTIVE')
  })

  it('shows a message without a code on one line, and keeps waiting', async () => {
    const who = await customer()
    const { id, phone } = await buy(who)
    await receive(phone, 'WhatsApp:\n welcome back')
    expect(await who.text('getFullSms', { id })).toBe('FULL_SMS:WhatsApp: welcome back')
    expect(await who.json('getStatusV2', { id })).toMatchObject({ sms: { code: '' } })
    expect(await who.text('getStatus', { id })).toBe('STATUS_WAIT_CODE')
    await receive(phone, 'Your WhatsApp code: 593-821')
    expect(await who.text('getStatus', { id })).toBe('STATUS_OK:593821')
  })

  it('waits for another code, and requests it once', async () => {
    const who = await customer()
    const { id, phone } = await buy(who)
    expect(await set(who, id, 3)).toBe('BAD_STATUS')
    await receive(phone, 'Your WhatsApp code: 593-821')
    expect(await set(who, id, 3)).toBe('ACCESS_RETRY_GET')
    expect(await set(who, id, 3)).toBe('ACCESS_RETRY_GET')
    expect(await who.text('getStatus', { id })).toBe('STATUS_WAIT_RETRY:593821')
    await receive(phone, 'Your WhatsApp code: 111-222')
    expect(await who.text('getStatus', { id })).toBe('STATUS_OK:111222')
    expect(await who.json('getAllSms', { id, size: 1, page: 2 })).toMatchObject({
      data: [{ phoneFrom: 'WhatsApp', code: '593821', service: 'wa', type: 'sms' }],
      meta: { total: 2, service: 'wa' },
    })
    const [row] = await server.db.query<{ resend_count: number }>(
      'select resend_count from orders where id = $1',
      [id],
    )
    expect(row?.resend_count).toBe(1)
  })

  it('cancels after two minutes, and returns the same when repeated', async () => {
    const who = await customer()
    const { id } = await buy(who)
    expect(await set(who, id, 8)).toBe('EARLY_CANCEL_DENIED')
    for (const status of [-1, 10]) expect(await set(who, id, status)).toBe('EARLY_CANCEL_DENIED')
    expect(await who.text('cancelActivation', { id })).toBe('EARLY_CANCEL_DENIED')
    server.advance(121)
    expect(await set(who, id, -1)).toBe('ACCESS_CANCEL')
    expect(await set(who, id, 8)).toBe('ACCESS_CANCEL')
    expect(await set(who, id, 10)).toBe('ACCESS_CANCEL')
    expect(await who.text('getStatus', { id })).toBe('STATUS_CANCEL')
    expect(await who.text('getFullSms', { id })).toBe('STATUS_CANCEL')
    expect(await who.text('getStatusV2', { id })).toBe('STATUS_CANCEL')
    expect(await set(who, id, 6)).toBe('BAD_STATUS')
    expect(await set(who, id, 1)).toBe('BAD_STATUS')
    expect(await who.balance()).toBe(100)
  })

  it('returns BAD_STATUS for a cancellation after a code, because clients then finish', async () => {
    const who = await customer()
    const { id } = await withCode(who)
    server.advance(121)
    expect(await set(who, id, 8)).toBe('BAD_STATUS')
    expect(await set(who, id, 6)).toBe('ACCESS_ACTIVATION')
    expect(await set(who, id, 8)).toBe('BAD_STATUS')
    const waiting = await buy(who)
    for (const status of ['6', '2', '9', '', 'x', '__proto__', '8.0'])
      expect(await set(who, waiting.id, status)).toBe('BAD_STATUS')
  })

  it('accepts a cancellation of an expired activation', async () => {
    const who = await customer()
    const { id } = await buy(who)
    server.advance(1_201)
    await endOverdueOrders(server.db, server.app.now())
    expect(await who.text('getStatus', { id })).toBe('STATUS_CANCEL')
    expect(await set(who, id, 8)).toBe('ACCESS_CANCEL')
    expect(await who.balance()).toBe(100)
  })

  it('finishes and cancels with an empty response', async () => {
    const who = await customer()
    const first = await withCode(who)
    expect(await who.ask('finishActivation', { id: first.id })).toMatchObject({
      status: 204,
      body: '',
    })
    const second = await buy(who)
    server.advance(121)
    expect((await who.ask('cancelActivation', { id: second.id })).status).toBe(204)
    expect(await who.text('getStatus', { id: second.id })).toBe('STATUS_CANCEL')
  })

  it('finds no activation of another account, and none with an invalid id', async () => {
    const who = await customer()
    const other = await customer()
    const { id } = await withCode(other)
    for (const action of [
      'getStatus',
      'getStatusV2',
      'getFullSms',
      'getAllSms',
      'finishActivation',
    ])
      for (const wrong of [id, '', '0', '-1', '1e3', '99999999999999999999', "' or 1=1 --"])
        expect(await who.text(action, { id: wrong })).toBe('NO_ACTIVATION')
    for (const status of [1, 3, 6, 8]) expect(await set(who, id, status)).toBe('NO_ACTIVATION')
    expect(await other.text('getStatus', { id })).toBe('STATUS_OK:593821')
  })

  it('lists open activations under both names of the list', async () => {
    const who = await customer()
    expect(await who.text('getActiveActivations')).toBe('NO_ACTIVATIONS')
    const first = await withCode(who)
    const second = await buy(who)
    const lists =
      await who.json<Record<'activeActivations' | 'data', Record<string, unknown>[]>>(
        'getActiveActivations',
      )
    expect(lists.activeActivations.map((one) => one.activationId)).toEqual([second.id, first.id])
    expect(lists.activeActivations[1]).toStrictEqual({
      activationId: first.id,
      serviceCode: 'wa',
      phoneNumber: first.phone,
      activationCost: expect.any(Number),
      activationStatus: '2',
      smsCode: ['593821'],
      smsText: '[Your WhatsApp code: 593-821]',
      activationTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      discount: '0.00',
      repeated: '0',
      countryCode: '187',
      countryName: 'United States',
      canGetAnotherSms: '1',
      currency: 840,
    })
    expect(lists.data[1]).toMatchObject({
      smsCode: '593821',
      smsText: 'Your WhatsApp code: 593-821',
    })
    const page = await who.json<typeof lists>('getActiveActivations', { start: 1, limit: 1 })
    expect(page.data.map((one) => one.activationId)).toEqual([first.id])
    // D7: a limit is cut to its bounds.
    expect(await who.json('getActiveActivations', { limit: 1000 })).toEqual(lists)
    expect(await who.text('getActiveActivations', { limit: 'x' })).toBe('UNPROCESSABLE_ENTITY')
  })

  it('lists open activations in pages with the total, for the first library', async () => {
    const who = await customer()
    const list = (params: object = {}) =>
      who.json<{ data: { id: number }[]; quant: number; existNext: boolean }>(
        'getListOfActiveActivations',
        { ...params },
      )
    expect(await list()).toBe('NO_ACTIVATIONS')
    const bought = [await buy(who), await buy(who), await buy(who)]
    const [oldest, , newest] = bought.map(({ id }) => Number(id))
    const now = Math.floor(server.app.now().getTime() / 1000)
    expect(await list({ length: 1 })).toEqual({
      status: 'success',
      data: [
        {
          id: newest,
          forward: 0,
          phone: Number(bought[2]?.phone),
          service: 'wa',
          country: 187,
          createDate: now,
          finishDate: now + 1_200,
        },
      ],
      quant: 3,
      existNext: true,
    })
    const last = await list({ start: 2, length: 10, order: 'createDate', orderBy: 'desc' })
    expect(last).toMatchObject({ data: [{ id: oldest }], quant: 3, existNext: false })
    expect(await list({ start: 'x' })).toBe('UNPROCESSABLE_ENTITY')
    expect(await (await customer()).text('getListOfActiveActivations')).toBe('NO_ACTIVATIONS')
  })

  it('lists the history of a period', async () => {
    const who = await customer()
    const first = await withCode(who)
    await set(who, first.id, 6)
    const startedS = Math.floor(server.app.now().getTime() / 1000)
    server.advance(3_600)
    const second = await buy(who)
    const all = await who.json<{ id: number }[]>('getHistory')
    expect(all.map(({ id }) => id)).toEqual([Number(second.id), Number(first.id)])
    expect(all[1]).toStrictEqual({
      id: Number(first.id),
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      phone: first.phone,
      sms: '["Your WhatsApp code: 593-821"]',
      cost: expect.any(Number),
      status: '6',
      currency: 840,
    })
    const idsOf = async (params: Record<string, number>) =>
      (await who.json<{ id: number }[]>('getHistory', params)).map(({ id }) => id)
    expect(await idsOf({ start: startedS - 60, end: startedS })).toEqual([Number(first.id)])
    expect(await idsOf({ start: startedS + 60, end: startedS + 7_200 })).toEqual([
      Number(second.id),
    ])
    expect(await idsOf({ offset: 1, limit: 5 })).toEqual([Number(first.id)])
    for (const [start, end] of [
      [startedS, startedS - 1],
      [startedS - 31 * 86_400, startedS],
      ['x', startedS],
    ])
      expect(await who.text('getHistory', { start: start as number, end: end as number })).toBe(
        'WRONG_DATE',
      )
  })
})
