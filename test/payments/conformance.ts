// One suite that every gateway with a server of its own passes, against a server that speaks its protocol.
import { describe, expect, it } from 'vitest'
import { settleDeposit } from '../../src/core/deposits/operator-actions.ts'
import { expireDeposits } from '../../src/core/deposits/settling.ts'
import { serverOn } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { gatewayAsker } from './asking.ts'
import { type Deposit, type Paying, paying } from './paying.ts'
import type { GatewayServer } from './servers/gateway.ts'

const copies = 50
const races = 12

export function describeGateway(name: string, serve: () => Promise<GatewayServer>) {
  describe(name, async () => {
    const gateway = await serve()
    const given = await paying(gateway)
    makingInvoices(gateway, given)
    lackingInvoices(gateway, given)
    crediting(gateway, given)
    creditingInTrouble(gateway, given)
    refusing(gateway, given)
    awkward(gateway, given)
    ending(gateway, given)

    it('leaves the books right', async () => {
      await expectCleanAudit(given.server.db)
    })
  })
}

function makingInvoices(gateway: GatewayServer, given: Paying) {
  const { server, customer, check } = given
  const { fake } = gateway

  it('is offered where it is configured, to accounts whose currency it takes', async () => {
    const { get, key } = await customer()
    const { body } = await get<{ data: { name: string }[] }>('/v1/gateways')
    expect(body.data.map((one) => one.name)).toContain(gateway.name)
    const without = await serverOn(server.databaseUrl, {})
    const { status } = await given.post(without, key, '/v1/deposits', {
      amount: given.amount,
      gateway: gateway.name,
    })
    expect(status).toBe(404)
  })

  it('makes one invoice for a deposit, with a way to pay', async () => {
    const before = gateway.made()
    const { key, get } = await customer()
    const once = { 'idempotency-key': 'deposit-1' }
    const body = { amount: given.amount, gateway: gateway.name }
    const first = await given.post(server, key, '/v1/deposits', body, once)
    const again = await given.post(server, key, '/v1/deposits', body, once)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.body).toEqual(first.body)
    const deposit = first.body
    expect(gateway.made()).toBe(before + 1)
    expect(deposit).toMatchObject({ state: 'pending', gateway: gateway.name, credited: null })
    const way = gateway.currency === 'IDR' ? deposit.qris : deposit.checkout_url
    expect(way).toBeTypeOf('string')
    expect((await get<Deposit>(`/v1/deposits/${deposit.id}`)).body).toEqual(deposit)
    const page = await (await fetch(deposit.payment_url)).text()
    expect(page).toContain(gateway.currency === 'IDR' ? '<svg' : `href="${deposit.checkout_url}"`)
    expect((await fetch(deposit.payment_url, { method: 'POST' })).status).toBe(404)
  })

  it.each(['cut-before', 'cut-after', { status: 500, body: {} }] as const)(
    'looks up an invoice whose answer was lost (%j), and makes no second one',
    async (mishap) => {
      const before = gateway.made()
      const { open, read } = await customer()
      fake.mishaps.push(mishap)
      const deposit = await open()
      expect(deposit).toMatchObject({ state: 'pending', checkout_url: null, qris: null })
      expect(await check()).toBeGreaterThanOrEqual(0)
      server.advance(61)
      while ((await check()) > 0);
      const later = await read(deposit.id)
      expect(later.checkout_url ?? later.qris).toBeTypeOf('string')
      expect(gateway.made()).toBe(before + 1)
      gateway.pay(deposit.payment_reference, given.exact)
      expect(await given.tell(gateway.notice(deposit.payment_reference, server.app.now()))).toBe(
        '200 taken',
      )
      expect((await read(deposit.id)).state).toBe('success')
    },
  )
}

function lackingInvoices(gateway: GatewayServer, given: Paying) {
  const { server, customer } = given
  const { fake } = gateway

  it('makes one invoice where two nodes ask for a lost one at once', async () => {
    const before = gateway.made()
    const { open } = await customer()
    fake.mishaps.push('cut-before')
    await open()
    server.advance(61)
    await Promise.all([1, 2, 3].map(() => gatewayAsker(server.app)('check')))
    expect(gateway.made()).toBe(before + 1)
  })

  it('fails a deposit that the gateway refuses, and says so', async () => {
    const { open, events } = await customer()
    fake.mishaps.push({ status: 400, body: { error: { type: 'invalid_request_error' } } })
    const deposit = await open()
    expect(deposit).toMatchObject({ state: 'failed', problem: 'refused' })
    expect(await events()).toEqual(['deposit.created', 'deposit.failed'])
  })

  it('refuses amounts that it does not take', async () => {
    const { key } = await customer()
    for (const amount of ['0', '-1', '0.0001', 'much'])
      expect(
        (await given.post(server, key, '/v1/deposits', { amount, gateway: gateway.name })).status,
      ).toBe(422)
  })
}

function crediting(gateway: GatewayServer, given: Paying) {
  const { server, customer, check, tell } = given
  const now = () => server.app.now()

  it('credits what was paid, once, and knows the notice again', async () => {
    const { open, read, balance, events } = await customer()
    const { id, payment_reference: reference } = await open()
    expect(await tell(gateway.notice(reference, now()))).toBe('200 taken')
    expect((await read(id)).state).toBe('pending')
    gateway.pay(reference, given.exact)
    const notice = gateway.notice(reference, now())
    expect(await tell(notice)).toBe('200 taken')
    expect(await read(id)).toMatchObject({
      state: 'success',
      problem: null,
      credited: given.shown,
      paid_at: now().toISOString(),
    })
    for (let time = 0; time < 3; time++) expect(await tell(notice)).toBe('200 known')
    expect(await tell(gateway.notice(reference, now()))).toMatch(/^200/)
    server.advance(3600)
    while ((await check()) > 0);
    expect(await balance()).toBe(given.shown)
    expect(await events()).toEqual(['deposit.created', 'deposit.success'])
  })

  it(`credits once when ${copies} copies of a notice come at once`, async () => {
    const { open, balance, events } = await customer()
    const { payment_reference: reference } = await open()
    gateway.pay(reference, given.exact)
    const notice = gateway.notice(reference, now())
    const answers = await Promise.all(Array.from({ length: copies }, () => tell(notice)))
    for (const answer of answers) expect(answer).toMatch(/^200 (taken|known)$/)
    expect(await balance()).toBe(given.shown)
    expect(await events()).toEqual(['deposit.created', 'deposit.success'])
  })

  it('credits without any notice: it asks by itself', async () => {
    const { open, read, balance } = await customer()
    const { id, payment_reference: reference } = await open()
    gateway.pay(reference, given.exact)
    server.advance(31)
    while ((await check()) > 0);
    expect((await read(id)).state).toBe('success')
    expect(await balance()).toBe(given.shown)
  })
}

function creditingInTrouble(gateway: GatewayServer, given: Paying) {
  const { server, customer, tell } = given
  const now = () => server.app.now()

  it('credits nothing while the gateway gives no answer, and takes the notice again', async () => {
    const { open, read, balance } = await customer()
    const { id, payment_reference: reference } = await open()
    gateway.pay(reference, given.exact)
    const notice = gateway.notice(reference, now())
    for (const mishap of ['cut-before', { status: 503, body: {} }] as const) {
      gateway.fake.mishaps.push(mishap)
      expect(await tell(notice)).toBe('503 undefined')
    }
    expect(await balance()).toBe(given.nothing)
    expect(await tell(notice)).toBe('200 taken')
    expect((await read(id)).state).toBe('success')
  })

  it('lets the window end and the payment come at once, and loses nothing', async () => {
    for (let race = 0; race < races; race++) {
      const { open, read, balance, events } = await customer()
      const { id, payment_reference: reference } = await open()
      gateway.pay(reference, given.exact)
      const deposit = await read(id)
      const end = (Date.parse(deposit.expires_at) - now().getTime()) / 1000
      server.advance(end)
      const notice = gateway.notice(reference, now())
      await Promise.all([tell(notice), expireDeposits(server.db, now()), tell(notice)])
      expect((await read(id)).state).toBe('success')
      expect(await balance()).toBe(given.shown)
      expect((await events()).filter((type) => type === 'deposit.success')).toHaveLength(1)
    }
  })
}

function refusing(gateway: GatewayServer, given: Paying) {
  const { server, customer, tell } = given
  const now = () => server.app.now()

  it('refuses forged notices, and believes none', async () => {
    const { open, read, balance } = await customer()
    const { id, payment_reference: reference } = await open()
    const sound = gateway.notice(reference, now())
    const forged = [
      gateway.forged(reference, now()),
      { headers: {}, body: sound.body.replace(/"signature_key":"\w+"/, '"signature_key":""') },
    ]
    if (gateway.name === 'stripe' || gateway.name === 'btcpay')
      forged.push({ ...sound, body: `${sound.body} ` })
    for (const one of forged) expect(await tell(one)).toMatch(/^401/)
    for (const body of ['', 'nonsense', '{}', '[]', 'null', '{"a":'])
      expect(await tell({ headers: sound.headers, body })).toMatch(/^(400|401|422)/)
    expect(await balance()).toBe(given.nothing)
    // Signed, and not true: the gateway is asked, and knows of no payment.
    gateway.pay(reference, given.exact)
    const early = gateway.notice(reference, now())
    const { payment_reference: other, id: otherId } = await open()
    const mixed = gateway.notice(other, now())
    expect(await tell(mixed)).toMatch(/^200/)
    expect((await read(otherId)).state).toBe('pending')
    expect(await tell(early)).toBe('200 taken')
    expect((await read(id)).state).toBe('success')
  })

  it('takes and ignores what is about nothing of ours', async () => {
    expect(await tell(gateway.unrelated(now()))).toBe('200 ignored')
  })
}

function awkward(gateway: GatewayServer, given: Paying) {
  const { server, customer, tell } = given
  const now = () => server.app.now()
  const pay = async (payment: Parameters<GatewayServer['pay']>[1]) => {
    const one = await customer()
    const { id, payment_reference: reference } = await one.open()
    gateway.pay(reference, payment)
    const answer = await tell(gateway.notice(reference, now()))
    expect(answer).toBe('200 taken')
    return { ...one, id, reference, deposit: await one.read(id) }
  }
  const rowOf = (id: string) => server.app.ids.fromToken('dep', id) as bigint

  it('keeps what was paid in part for the operator, who credits it', async () => {
    const { id, deposit, balance, read, events } = await pay(given.half)
    expect(deposit).toMatchObject({ state: 'review', problem: 'partial', credited: null })
    expect(await balance()).toBe(given.nothing)
    await settleDeposit(server.db, now(), { id: rowOf(id), amount: null })
    expect(await read(id)).toMatchObject({ state: 'success', problem: null })
    expect(await balance()).toBe(given.shownHalf)
    expect(await events()).toEqual(['deposit.created', 'deposit.review', 'deposit.success'])
  })

  it('credits what was asked of what was overpaid, and the rest on the operator’s word', async () => {
    const { id, reference, deposit, balance, read } = await pay(given.double)
    expect(deposit).toMatchObject({ state: 'success', problem: 'over', credited: given.shown })
    expect(await balance()).toBe(given.shown)
    await settleDeposit(server.db, now(), { id: rowOf(id), amount: null })
    expect(await balance()).toBe(given.shownDouble)
    expect(await read(id)).toMatchObject({ problem: null, credited: given.shownDouble })
    await tell(gateway.notice(reference, now()))
    expect(await balance()).toBe(given.shownDouble)
    await expect(
      settleDeposit(server.db, now(), { id: rowOf(id), amount: null }),
    ).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it('keeps what came in another currency, whose worth the operator says', async () => {
    const { id, deposit, balance } = await pay({ ...given.exact, currency: 'EUR' })
    expect(deposit).toMatchObject({ state: 'review', problem: 'wrong_currency' })
    expect(await balance()).toBe(given.nothing)
    const target = { id: rowOf(id), amount: null }
    await expect(settleDeposit(server.db, now(), target)).rejects.toThrow(/give the amount/)
    await settleDeposit(server.db, now(), { ...target, amount: 100_000n })
    expect(await balance()).toBe('10.00')
  })

  it('credits what comes after the window, or keeps it where a rate was held', async () => {
    const { open, read, balance } = await customer()
    const { id, payment_reference: reference } = await open()
    server.advance(8 * 3600)
    while ((await expireDeposits(server.db, now())) > 0);
    expect((await read(id)).state).toBe('expired')
    gateway.pay(reference, { ...given.exact, late: true })
    expect(await tell(gateway.notice(reference, now()))).toBe('200 taken')
    const keeps = gateway.name === 'btcpay'
    expect(await read(id)).toMatchObject(
      keeps ? { state: 'review', problem: 'late' } : { state: 'success', problem: null },
    )
    if (keeps) await settleDeposit(server.db, now(), { id: rowOf(id), amount: null })
    expect(await balance()).toBe(given.shown)
  })
}

function ending(gateway: GatewayServer, given: Paying) {
  const { server, customer, tell, check } = given
  const now = () => server.app.now()

  it('ends what was not paid', async () => {
    const { open, read, balance, events } = await customer()
    const { id, payment_reference: reference } = await open()
    gateway.expire(reference)
    await tell(gateway.notice(reference, now()))
    server.advance(8 * 3600)
    while ((await check()) > 0);
    while ((await expireDeposits(server.db, now())) > 0);
    expect((await read(id)).state).toBe('expired')
    expect(await balance()).toBe(given.nothing)
    expect(await events()).toEqual(['deposit.created', 'deposit.expired'])
  })

  it.skipIf(gateway.fail === undefined)('fails what the gateway fails', async () => {
    const { open, read } = await customer()
    const { id, payment_reference: reference } = await open()
    gateway.fail?.(reference)
    await tell(gateway.notice(reference, now()))
    expect((await read(id)).state).toBe('failed')
  })

  it('gives back once, where the gateway does, whatever becomes of its answer', async () => {
    const { open, read, balance, refund, sendRefunds, events } = await customer()
    const { id, payment_reference: reference } = await open()
    gateway.pay(reference, given.exact)
    await tell(gateway.notice(reference, now()))
    expect(await balance()).toBe(given.shown)
    const first = await refund(id)
    expect((await refund(id)).changed).toBe(false)
    expect(first.deposit.refund).toBe(gateway.refunds ? 'owed' : 'by_hand')
    expect(await balance()).toBe(given.nothing)
    expect((await read(id)).state).toBe('refunded')
    if (gateway.refunds) {
      gateway.fake.mishaps.push({ status: 503, body: {} })
      await sendRefunds()
      server.advance(400)
      await sendRefunds()
      server.advance(400)
      await sendRefunds()
      expect(gateway.refunds(reference)).toBe(1)
      expect((await refund(id)).deposit.refund).toBe('sent')
    }
    await tell(gateway.notice(reference, now()))
    expect(await balance()).toBe(given.nothing)
    expect(await events()).toEqual(['deposit.created', 'deposit.success', 'deposit.refunded'])
  })
}
