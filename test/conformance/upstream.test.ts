// What every kind of supplier that sells us numbers keeps: a real Numlet asks a real server of the platform's
// API (test/supply/platforms), and now and then a request or its answer is lost between them.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { parseAmount } from '../../src/core/money.ts'
import { anyNumber } from '../../src/core/orders/buying/selection.ts'
import { converse } from '../../src/supply/conversation.ts'
import { send } from '../../src/supply/http-client.ts'
import { supplierKindNamed, supplierKinds } from '../../src/supply/kinds.ts'
import type { Settings, SupplierKind } from '../../src/supply/supplier.ts'
import { insideOn } from '../cli/inside.ts'
import { jsonOf } from '../cli/program.ts'
import { testKey } from '../harness/database.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { expectCleanAudit, outcomeOf } from '../promises/market.ts'
import { allPlatforms } from '../supply/platforms/all.ts'
import type { Platform } from '../supply/platforms/platform.ts'
import { supplyEngine } from '../supply/upstream/engines.ts'
import { askPatiently, purchaseOf } from '../supply/upstream/market.ts'

/** Something between us and a platform that loses what it is told to. */
async function lossy(target: URL) {
  let mode: 'pass' | 'lose answers' | 'lose requests' = 'pass'
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      if (mode === 'lose requests') return void response.destroy()
      const { host: _, connection: __, ...headers } = request.headers
      const body = request.method === 'GET' ? undefined : Buffer.concat(parts)
      const answer = await fetch(new URL(request.url ?? '', target), {
        ...{ method: request.method ?? 'GET', body },
        headers: headers as Record<string, string>,
      })
      const text = await answer.text()
      // A Numlet that does not know the first form of a request says so, and is asked in another.
      if (mode === 'lose answers' && answer.status !== 422) return void response.destroy()
      const isOfBody = ([name]: [string, string]) =>
        !/^(?:content-(?!type)|transfer-|connection)/.test(name)
      response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(isOfBody)))
      response.end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${target.pathname}`.replace(/\/$/, ''),
    set(to: typeof mode) {
      mode = to
    },
  }
}

/** A Numlet whose only numbers are those of a platform, as operators add it. */
async function askingNumlet(kind: SupplierKind, platform: Platform) {
  const between = await lossy(new URL(platform.settings.url as string))
  const { app, db, databaseUrl, advance } = await testServer({ template: 'catalog' })
  const { accountId } = await testCustomer(db, { credit: '1000' })
  const numlet = insideOn(databaseUrl, { NUMLET_ENCRYPTION_KEY: testKey })
  const suppliers = async (...args: string[]) =>
    jsonOf(await numlet('suppliers', ...args, '--json'))
  const given = (settings: Settings) =>
    Object.entries(settings).flatMap(([key, value]) => {
      const isSecret = kind.settings.some((one) => one.key === key && one.isSecret)
      return [isSecret ? '--secret' : '--set', `${key}=${value}`]
    })
  const settings = { ...platform.settings, url: between.url }
  await suppliers('add', 'platform', '--kind', kind.name, ...given(settings))
  await askPatiently(db)
  const engine = supplyEngine(app, supplierKindNamed)
  /** Lets time pass on both sides, and has done what is due. */
  const go = async (seconds = 0) => {
    advance(seconds)
    platform.advance(seconds)
    await app.supply.tidyUp(app.now())
    while ((await engine.turn()) > 0) await engine.idle()
  }
  /** Has done what becomes due while a caller waits. */
  const meanwhile = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false
    const ended = work.finally(() => {
      isOver = true
    })
    // Whoever calls hears of a failure; until then nobody does.
    ended.catch(() => undefined)
    while (!isOver) {
      await engine.turn()
      await engine.idle()
    }
    return ended
  }
  const buy = async () => {
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [order] = 'orders' in bought ? bought.orders : []
    if (!order) throw new Error('nothing was bought')
    return order.id
  }
  const read = (id: bigint) => app.orders.read(accountId, id)
  const allocationOf = async (id: bigint) =>
    (
      await db.query<Record<string, unknown>>(
        `select state, cost_state, last_word, upstream_ref from allocations where order_id = $1
          order by id desc`,
        [id],
      )
    )[0]
  return {
    ...{ app, db, accountId, between, settings, numlet, suppliers, given },
    ...{ go, meanwhile, buy, read, allocationOf },
  }
}

it('has a platform of every kind that can be asked', () => {
  const kinds = supplierKinds.filter(({ upstream }) => upstream).map(({ name }) => name)
  expect([...new Set(allPlatforms.map(({ kind }) => kind.name))].sort()).toEqual(kinds.sort())
})

describe.each(allPlatforms)('$name', async ({ kind, open }) => {
  const platform = await open()
  const upstream = kind.upstream ?? expect.unreachable()
  const desk = await askingNumlet(kind, platform)
  const { app, db, accountId, between, settings, suppliers, numlet } = desk
  const { go, meanwhile, buy, read, allocationOf } = desk
  const features = upstream.features(settings)
  const canLookUp = features.wire === 'keyed' || features.hasList
  const last = async () => (await platform.orders()).at(-1)
  const balance = async () => parseAmount((await suppliers('balance', 'platform')).balance)

  it('has the functions that its features name', () => {
    expect(features.commands).toContain('cancel')
    expect(upstream.listOrders(settings) !== null).toBe(features.hasList)
    const product = { service: 'a', country: 'b', operator: null, pool: null }
    const passage = { via: [], deadlineS: 5 }
    const wanted = { product, requestKey: 'c', maxPrice: null, exceptPrefixes: [], passage }
    const ask = { ...wanted, again: null }
    const lookUp = (mayAskAgain: boolean) => upstream.lookUp(settings, { ask, mayAskAgain })
    expect(lookUp(true) !== null).toBe(canLookUp)
    if (features.hasList) expect(lookUp(false)).not.toBeNull()
    const again = { ...wanted, again: { ref: 'sold-1', phone: '+447700900123' } }
    const { url } = upstream.ask(settings, again).request
    expect(/sold-1|447700900123/.test(url)).toBe(features.canRebuy)
    if (features.hasHints) expect(upstream.takesHints).toBe(true)
  })

  it('is tried with its key, and with a wrong one', async () => {
    expect(await suppliers('test', 'platform')).toMatchObject({ ok: true })
    await suppliers(
      'add',
      'other',
      '--kind',
      kind.name,
      ...desk.given({ ...settings, api_key: 'wrong' }),
    )
    const { code, stdout } = await numlet('suppliers', 'test', 'other', '--json')
    expect(code).toBe(1)
    expect(stdout).toContain('the platform refuses the key')
  })

  it('has products that become offers under our names', async () => {
    await suppliers('rule', 'platform', '--percent', '20', '--round', '0.01')
    const synced = await suppliers('sync', 'platform')
    expect(synced).toMatchObject({ applied: true, unreadable: 0 })
    const [offer] = await db.query(
      `select 1 as yes from offers o join services s on s.id = o.service_id
         join stock st on st.offer_id = o.id where s.slug = 'whatsapp' and st.upstream > 0`,
    )
    expect(offer, 'no offer of whatsapp: look at the names').toBeDefined()
    expect(await suppliers('sync', 'platform')).toMatchObject({ added: 0, changed: 0 })
  })

  it('does not know an order that is not ours', async () => {
    const sending = { timeoutMs: 60_000, now: app.now }
    for (const ref of ['999999999', 'a-b']) {
      const talk = upstream.readOrder(settings, ref)
      const reading = await converse(talk, (request) => send(request, sending))
      expect(reading).toEqual({ kind: 'silent' })
    }
  })

  it('has the number, its codes as they come, and is finished on both sides', async () => {
    const before = await balance()
    const id = await buy()
    await go()
    const order = await read(id)
    expect(order).toMatchObject({ state: 'waiting', numberId: null })
    expect(await last()).toEqual({ phone: order.phone, state: 'open' })
    const [bought] = await db.query<{ cost: bigint }>(
      'select cost from allocations where order_id = $1',
      [id],
    )
    expect(bought?.cost).toBe((before ?? 0n) - ((await balance()) ?? 0n))
    await platform.text(order.phone as string, 'Your WhatsApp code: 593-821')
    await go(4)
    expect(await read(id)).toMatchObject({ state: 'received', code: '593821', messageCount: 1 })
    await app.orders.resend({ accountId, id, once: null })
    await go()
    await platform.text(order.phone as string, 'Your WhatsApp code: 593-822')
    await go(4)
    const second = { code: '593822', messageCount: 2 }
    expect(await read(id)).toMatchObject(second)
    await go(4)
    expect(await read(id)).toMatchObject(second)
    await app.orders.finish({ accountId, id })
    // A platform that cannot be told ends it when its time is over.
    await go(features.commands.includes('finish') ? 1 : app.config.activationWindowS + 60)
    expect(await allocationOf(id)).toMatchObject({ cost_state: 'posted', last_word: 'charged' })
    expect(await last()).toMatchObject({ state: 'charged' })
    await expectCleanAudit(db)
    const shown = jsonOf(await numlet('orders', 'show', String(id), '--json'))
    expect(shown).toMatchObject({
      routing: [{ supplier: 'platform', source: order.phone }],
      allocations: [{ attempt: 1, state: 'got', cost_state: 'posted', last_word: 'charged' }],
    })
  })

  it.runIf(features.canRent)('is rented for some days, with all messages', async () => {
    const [offer] = await db.query<{ id: number; seconds: number }>(
      `select o.id, extract(epoch from o.duration)::int as seconds from offers o
         join rental_stock st on st.offer_id = o.id and st.upstream > 0
         join services s on s.id = o.service_id and s.slug = 'whatsapp' order by o.id limit 1`,
    )
    if (!offer) return expect.unreachable('no rental of whatsapp is offered')
    const before = (await balance()) ?? 0n
    const bought = await app.orders.rent({
      ...{ accountId, durationS: offer.seconds, once: null },
      selection: { ...anyNumber, offerId: offer.id },
      patience: { allocateS: 15, waitS: 0 },
    })
    const [{ id } = { id: 0n }] = 'orders' in bought ? bought.orders : []
    await go()
    const order = await read(id)
    expect(order).toMatchObject({ kind: 'rental', state: 'active', numberId: null })
    const [{ cost } = { cost: 0n }] = await db.query<{ cost: bigint }>(
      'select cost from allocations where order_id = $1',
      [id],
    )
    expect(cost).toBe(before - ((await balance()) ?? 0n))
    await platform.text(order.phone as string, 'Your WhatsApp code: 593-821')
    await go(4)
    await go(3_600)
    await platform.text(order.phone as string, 'Your WhatsApp code: 593-822')
    await go(3_600)
    expect(await read(id)).toMatchObject({ state: 'active', code: '593822', messageCount: 2 })
    await app.orders.end({ accountId, id })
    await go(61)
    await go(61)
    expect(await allocationOf(id)).toMatchObject({ cost_state: 'posted', last_word: 'charged' })
    await expectCleanAudit(db, app.now())
  })

  it('is cancelled there and here, and returns the money and the cost', async () => {
    const before = await balance()
    const id = await buy()
    await go()
    await go(121)
    // The caller waits until the other side has said yes.
    const cancelled = await meanwhile(app.orders.cancel({ accountId, id }))
    expect(cancelled).toMatchObject({ changed: true, order: { state: 'cancelled' } })
    expect(await read(id)).toMatchObject({ state: 'cancelled' })
    expect(await allocationOf(id)).toMatchObject({ cost_state: 'voided', last_word: 'refunded' })
    expect(await last()).toMatchObject({ state: 'refunded' })
    expect(await balance()).toBe(before)
    await expectCleanAudit(db)
  })

  // It takes ten seconds, and is the same by each API.
  if (kind === allPlatforms[0]?.kind)
    it('that cannot be cancelled there in time waits on', async () => {
      const id = await buy()
      await go()
      await go(121)
      between.set('lose requests')
      const cancelled = app.orders.cancel({ accountId, id, waitS: 0 })
      expect(await outcomeOf(cancelled)).toBe('supply_pending')
      // Nobody answers.
      await go()
      expect(await read(id)).toMatchObject({ state: 'waiting' })
      between.set('pass')
      await go(10)
      expect(await read(id)).toMatchObject({ state: 'cancelled' })
      await expectCleanAudit(db)
    })

  describe('an answer that is lost', () => {
    it.runIf(canLookUp)('is found again, and the number was bought once', async () => {
      const before = (await platform.orders()).length
      between.set('lose answers')
      const id = await buy()
      await go()
      expect(await read(id)).toMatchObject({ state: 'allocating' })
      expect(await allocationOf(id)).toMatchObject({ state: 'unknown' })
      between.set('pass')
      await go(3)
      expect(await read(id)).toMatchObject({ state: 'waiting' })
      expect(await platform.orders()).toHaveLength(before + 1)
      await expectCleanAudit(db)
    })

    it.runIf(features.hasList)('for too long is found, and its number is given back', async () => {
      between.set('lose answers')
      const id = await buy()
      await go()
      between.set('lose requests')
      await go(16)
      await app.orders.failOverdue()
      expect(await read(id)).toMatchObject({ state: 'failed' })
      between.set('pass')
      await go(60)
      await go(60)
      expect(await allocationOf(id)).toMatchObject({ state: 'given_up', last_word: 'refunded' })
      expect(await last()).toMatchObject({ state: 'refunded' })
      await expectCleanAudit(db)
    })

    it.runIf(features.hasList)(
      'never brings the messages of a number that was given back',
      async () => {
        between.set('lose answers')
        const id = await buy()
        await go()
        await app.orders.cancel({ accountId, id })
        // The code comes before the number can be cancelled, and the other side keeps its price.
        const phone = (await last())?.phone as string
        await platform.text(phone, 'Your WhatsApp code: 593-823')
        between.set('pass')
        for (let time = 0; time < 3; time++) await go(70)
        expect(await allocationOf(id)).toMatchObject({ state: 'given_up', cost_state: 'posted' })
        expect(await db.query('select 1 as yes from messages where order_id = $1', [id])).toEqual(
          [],
        )
        const after = { state: 'cancelled', messageCount: 0, lateUntil: null }
        expect(await read(id)).toMatchObject(after)
        await expectCleanAudit(db)
      },
    )

    it.runIf(features.hasList)(
      'to an ask that never arrived is no longer looked for when that is certain',
      async () => {
        const before = (await platform.orders()).length
        between.set('lose requests')
        const id = await buy()
        await go()
        await go(16)
        between.set('pass')
        await go(600)
        expect(await allocationOf(id)).toMatchObject({ state: 'unknown' })
        await go(1_200)
        expect(await allocationOf(id)).toMatchObject({ state: 'refused', cost_state: 'none' })
        expect(await platform.orders()).toHaveLength(before)
        while ((await app.orders.endOverdue()) > 0);
        await go()
        await expectCleanAudit(db)
      },
    )
  })

  it('fails at once if the platform says that it has none, and returns the money', async () => {
    await platform.sellOut()
    const id = await buy()
    await go()
    expect(await read(id)).toMatchObject({ state: 'failed' })
    expect(await allocationOf(id)).toMatchObject({ state: 'refused' })
    await expectCleanAudit(db)
  })
})
