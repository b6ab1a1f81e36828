// Deposits by our own API, where no gateway is called: the sandbox and bank transfers, lists, events, pages.
import { describe, expect, it } from 'vitest'
import { readPayment } from '../../src/core/deposits/emv-qr.ts'
import {
  approveDeposit,
  refundDeposit,
  settleDeposit,
} from '../../src/core/deposits/operator-actions.ts'
import { expireDeposits, takeReport } from '../../src/core/deposits/settling.ts'
import { gatewayKindOf } from '../../src/payments/kinds.ts'
import { sendRaw } from '../harness/raw.ts'
import { call, serverOn, testCustomer, testServer } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { counter } from './servers/qris.ts'

type Deposit = {
  id: string
  state: string
  amount: string
  total: string
  currency: string
  gateway: string
  payment_reference: string
  payment_url: string
  expires_at: string
  qris: string | null
  instructions: string | null
  credited: string | null
}

type Page = { data: Deposit[]; next_cursor: string | null }

const env = {
  NUMLET_MANUAL_INSTRUCTIONS: 'Bank of Example\nAccount <000>',
  NUMLET_MANUAL_QRIS: counter,
}

describe('/v1/deposits', async () => {
  const server = await testServer({ env })
  const { app, db } = server
  const rowOf = (id: string) => app.ids.fromToken('dep', id) as bigint

  const customer = async (currency = 'USD', credit = '10') => {
    const { key, accountId } = await testCustomer(db, { credit, currency })
    const send = <T = Deposit>(method: string, path: string, body?: unknown) =>
      call<T>(server, key, method, path, body)
    return {
      key,
      accountId,
      send,
      open: async (amount: unknown, gateway?: string) =>
        (await send('POST', '/v1/deposits', { amount, ...(gateway ? { gateway } : {}) })).body,
      read: async (id: string) => (await send('GET', `/v1/deposits/${id}`)).body,
      balance: async () => (await send<{ balance: string }>('GET', '/v1/balance')).body.balance,
    }
  }
  const pay = (deposit: Deposit) => fetch(deposit.payment_url, { method: 'POST' })

  it('begins a deposit by the default gateway, whose page pays', async () => {
    const { send, read, balance } = await customer()
    const { status, body } = await send('POST', '/v1/deposits', { amount: '25.00' })
    expect(status).toBe(201)
    expect(body).toStrictEqual({
      id: expect.stringMatching(/^dep_[0-9a-z]{11}$/),
      state: 'pending',
      problem: null,
      amount: '25.00',
      total: '25.00',
      credited: null,
      currency: 'USD',
      gateway: 'sandbox',
      reference: null,
      metadata: {},
      payment_reference: expect.stringMatching(/^NL[0-9A-Z]{12}$/),
      payment_url: expect.stringMatching(new RegExp(`^${server.url}/pay/[0-9A-Za-z]{32}$`)),
      checkout_url: null,
      qris: null,
      instructions: null,
      confirming: false,
      paid: null,
      created_at: app.now().toISOString(),
      expires_at: new Date(app.now().getTime() + 1_800_000).toISOString(),
      paid_at: null,
      refunded_at: null,
    })
    expect((await pay(body)).status).toBe(200)
    expect(await read(body.id)).toMatchObject({ state: 'success', credited: '25.00' })
    expect(await balance()).toBe('35.00')
  })

  it('pays by the API in the sandbox, once, and only what is the caller’s', async () => {
    const [own, other] = [await customer(), await customer()]
    const { id } = await own.open('5.00')
    const path = `/v1/deposits/${id}/pay`
    expect((await other.send('POST', path)).status).toBe(404)
    const header = { 'idempotency-key': 'pay-1' }
    const paid = await Promise.all([
      call<Deposit>(server, own.key, 'POST', path, undefined, header),
      call<Deposit>(server, own.key, 'POST', path, undefined, header),
      own.send('POST', path),
    ])
    const whole = { status: 200, body: { state: 'success', credited: '5.00' } }
    // The repeat may come while the first is answered.
    const running = { status: 409, body: { code: 'idempotency_running' } }
    for (const answer of paid) expect(answer).toMatchObject(answer.status === 409 ? running : whole)
    expect(await call(server, own.key, 'POST', path, undefined, header)).toMatchObject(whole)
    expect(await own.balance()).toBe('15.00')
    expect(await other.balance()).toBe('10.00')
    const transfer = await own.open('5.00', 'manual')
    expect((await own.send('POST', `/v1/deposits/${transfer.id}/pay`)).status).toBe(404)
    expect((await own.read(transfer.id)).state).toBe('pending')
    expect((await own.send('POST', '/v1/deposits/dep_00000000000/pay')).status).toBe(404)
  })

  it('charges a fee on top, says so before, and credits the amount alone', async () => {
    const feeServer = await serverOn(server.databaseUrl, {
      ...env,
      NUMLET_MANUAL_FEE_PERCENT: '2.9',
    })
    const { key, balance } = await customer('USD', '0')
    const ask = <T>(method: string, path: string, body?: unknown) =>
      call<T>(feeServer, key, method, path, body)
    type Gateways = { data: { name: string; fee_percent: string; maximum: string }[] }
    const { body: gateways } = await ask<Gateways>('GET', '/v1/gateways')
    const manual = gateways.data.find(({ name }) => name === 'manual')
    expect(manual).toMatchObject({ fee_percent: '2.90', currencies: null, minimum: '0.01' })
    expect(gateways.data[0]).toMatchObject({ name: 'sandbox', fee_percent: '0.00' })
    const open = async (amount: string) =>
      ask<Deposit>('POST', '/v1/deposits', { amount, gateway: 'manual' })
    // 2.9 % of 10.01 is 0.29029: rounded up to what can be charged.
    const { body: deposit } = await open('10.01')
    expect(deposit).toMatchObject({ amount: '10.01', total: '10.31' })
    await approveDeposit(db, app.now(), gatewayKindOf, { id: rowOf(deposit.id), amount: null })
    expect(await balance()).toBe('10.01')
    expect((await open(manual?.maximum ?? '')).status).toBe(201)
    const more = `${BigInt((manual?.maximum ?? '').split('.')[0] as string) + 1n}`
    expect((await open(more)).status).toBe(422)

    const late = async (paid: bigint) => {
      const id = rowOf((await open('10.00')).body.id)
      const report = { status: 'paid', paid, currency: 'USD' } as const
      await takeReport(db, app.now(), id, { report, ref: 'x', keepsLate: true })
      return settleDeposit(db, app.now(), { id, amount: null })
    }
    // Paid in part: what came, without the fee. Paid too much: the rest of it, also without the fee.
    expect((await late(50_000n)).credited).toBe(47_100n)
    expect((await late(152_900n)).credited).toBe(50_000n)
    await expect(late(2_900n)).rejects.toThrow(/too small/)
    expect(await balance()).toBe('29.72')
  })

  it('asks for whole rupiah with the fee, so that the QR code has the amount', async () => {
    const feeServer = await serverOn(server.databaseUrl, {
      ...env,
      NUMLET_MANUAL_FEE_PERCENT: '2.9',
    })
    const totalOf = async (currency: string, amount: string) => {
      const { key } = await customer(currency, '0')
      const asked = { amount, gateway: 'manual' }
      return (await call<Deposit>(feeServer, key, 'POST', '/v1/deposits', asked)).body
    }
    // 2.9 % of 10,010 is 290.29
    const { total, qris } = await totalOf('IDR', '10010')
    expect(Number(total)).toBe(10_301)
    expect(readPayment(qris ?? '')).toMatchObject({ amount: 103_010_000n })
    expect(Number((await totalOf('JPY', '1010')).total)).toBe(1_040)
    expect(Number((await totalOf('USD', '10.00')).total)).toBe(10.29)

    const { key } = await customer('IDR', '0')
    type Gateways = { data: { name: string; maximum: string }[] }
    const { body } = await call<Gateways>(feeServer, key, 'GET', '/v1/gateways')
    const { maximum = '' } = body.data.find(({ name }) => name === 'manual') ?? {}
    expect(Number((await totalOf('IDR', maximum)).total)).toBeLessThanOrEqual(100_000_000)
  })

  it('takes amounts as text and as numbers, and refuses what is none', async () => {
    const { open, send } = await customer()
    expect((await open(12.5)).amount).toBe('12.50')
    expect((await open('7')).amount).toBe('7.00')
    for (const amount of [0, -5, 1e12, '1.001', '', 'much', null, [], {}, true])
      expect((await send('POST', '/v1/deposits', { amount })).status).toBe(422)
    expect((await send('POST', '/v1/deposits', {})).status).toBe(422)
    expect((await send('POST', '/v1/deposits', { amount: 5, more: 1 })).status).toBe(422)
    for (const gateway of ['stripe', 'nothing', ''])
      expect((await send('POST', '/v1/deposits', { amount: 5, gateway })).status).toBe(404)
  })

  it('builds no link on what is no host', async () => {
    const { key } = await customer()
    for (const host of ['a b', 'x'.repeat(400), '%%', 'a:99999999']) {
      const { status } = await sendRaw(server, {
        method: 'POST',
        path: '/v1/deposits',
        key,
        headers: { host, 'content-type': 'application/json' },
        body: '{"amount":5}',
      })
      expect([400, 422], host).toContain(status)
    }
  })

  it('lists an account’s own deposits in pages, by state', async () => {
    const { open, send } = await customer()
    const ids = []
    for (let i = 1; i <= 5; i++) ids.unshift((await open(i)).id)
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const path: string = `/v1/deposits?limit=2${cursor && `&cursor=${cursor}`}`
      const { body }: { body: Page } = await send<Page>('GET', path)
      seen.push(...body.data.map(({ id }) => id))
      cursor = body.next_cursor
    }
    expect(seen).toEqual(ids)
    const counted = async (state: string) =>
      (await send<{ data: Deposit[] }>('GET', `/v1/deposits?state=${state}`)).body.data.length
    expect([await counted('pending'), await counted('expired')]).toEqual([5, 0])
    server.advance(1_800)
    expect([await counted('pending'), await counted('expired')]).toEqual([0, 5])
    const other = await customer()
    expect((await other.send<{ data: [] }>('GET', '/v1/deposits')).body.data).toEqual([])
    for (const id of [ids[0], 'dep_00000000000', 'nonsense', '1', 'ord_00000000000'])
      expect((await other.send('GET', `/v1/deposits/${id}`)).status).toBe(404)
  })

  it('tells of deposits as the API gives them', async () => {
    const { open, key, read } = await customer()
    const { id, payment_url: url } = await open(5)
    await fetch(url, { method: 'POST' })
    const stream = await fetch(`${server.url}/v1/events?types=deposit.success,deposit.created`, {
      headers: { authorization: `Bearer ${key}`, 'last-event-id': 'evt_0_0' },
    })
    const events: { type: string; data: Deposit }[] = []
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    while (events.length < 2) {
      text += Buffer.from((await reader.read()).value ?? []).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() as string
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data) events.push(JSON.parse(data))
      }
    }
    await reader.cancel()
    expect(events.map(({ type }) => type)).toEqual(['deposit.created', 'deposit.success'])
    expect(events[1]?.data).toEqual(await read(id))
  })

  it('shows a bank transfer’s instructions, and credits it on the operator’s word', async () => {
    const { open, read, balance } = await customer()
    const deposit = await open(100, 'manual')
    expect(deposit).toMatchObject({
      gateway: 'manual',
      instructions: env.NUMLET_MANUAL_INSTRUCTIONS,
      expires_at: new Date(app.now().getTime() + 604_800_000).toISOString(),
    })
    const page = await (await fetch(deposit.payment_url)).text()
    expect(page).toContain('Account &lt;000&gt;')
    expect(page).toContain(deposit.payment_reference)
    expect(page).not.toContain('<form')
    expect((await pay(deposit)).status).toBe(404)
    const wanted = { id: rowOf(deposit.id), amount: 950_000n }
    const approve = () => approveDeposit(db, app.now(), gatewayKindOf, wanted)
    const done = await Promise.all([approve(), approve(), approve()])
    expect(done.filter(({ changed }) => changed)).toHaveLength(1)
    expect(await read(deposit.id)).toMatchObject({ state: 'success', credited: '95.00' })
    expect(await balance()).toBe('105.00')
    const sandbox = { id: rowOf((await open(5)).id), amount: null }
    await expect(approveDeposit(db, app.now(), gatewayKindOf, sandbox)).rejects.toThrow(/itself/)
  })

  it('shows a QRIS code in rupiah: the demo’s own, and the operator’s', async () => {
    const { open } = await customer('IDR')
    for (const [gateway, merchantName] of [
      ['sandbox', 'NUMLET DEMO'],
      ['manual', 'TOKO CONTOH'],
    ] as const) {
      const deposit = await open('150000', gateway)
      expect(readPayment(deposit.qris as string)).toEqual({
        isDynamic: true,
        currency: '360',
        amount: 1_500_000_000n,
        merchantName,
        billNumber: deposit.payment_reference,
      })
      expect(await (await fetch(deposit.payment_url)).text()).toContain('<svg')
    }
    expect((await open('150000.50')).qris).toBeNull()
  })

  it('gives back what is left, and nothing that was spent', async () => {
    const { open, read, balance, send } = await customer('USD', '0')
    const deposit = await open(5)
    await pay(deposit)
    const wanted = { id: rowOf(deposit.id), byHand: true }
    const refund = () => refundDeposit(db, app.now(), gatewayKindOf, wanted)
    await send('POST', '/v1/orders', { service: 'whatsapp', country: 'US', quantity: 6 })
    expect(Number(await balance())).toBeLessThan(5)
    await expect(refund()).rejects.toMatchObject({ code: 'insufficient_balance' })
    expect((await read(deposit.id)).state).toBe('success')
    const again = await open(50)
    await pay(again)
    const before = Number(await balance())
    const done = await Promise.all([refund(), refund(), refund()])
    expect(done.filter(({ changed }) => changed)).toHaveLength(1)
    expect(Number(await balance())).toBeCloseTo(before - 5)
    expect((await read(deposit.id)).state).toBe('refunded')
    const pending = { id: rowOf((await open(5)).id), byHand: false }
    await expect(refundDeposit(db, app.now(), gatewayKindOf, pending)).rejects.toThrow(/nothing/)
  })

  it('has no sandbox where there is no demo', async () => {
    const { key } = await customer()
    const real = await serverOn(server.databaseUrl, { NUMLET_DEMO: '0' })
    const { body } = await call(real, key, 'GET', '/v1/gateways')
    expect(body).toEqual({ data: [] })
    const { status } = await call(real, key, 'POST', '/v1/deposits', { amount: 5 })
    expect(status).toBe(404)
  })

  it('leaves the books right', async () => {
    while ((await expireDeposits(db, app.now())) > 0);
    await expectCleanAudit(db)
  })
})
