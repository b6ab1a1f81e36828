// A Numlet as the supplier of another, over each of its three wires: real requests to a real server.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../../src/core/accounts/keys.ts'
import { readCatalog } from '../../../src/core/catalog/catalog.ts'
import { type Amount, parseAmount } from '../../../src/core/money.ts'
import { named } from '../../../src/core/supply/names.ts'
import { adopt } from '../../../src/supply/adoption.ts'
import { converse } from '../../../src/supply/conversation.ts'
import { fivesimKind } from '../../../src/supply/fivesim/kind.ts'
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import { send } from '../../../src/supply/http-client.ts'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import type { Settings, SupplierKind } from '../../../src/supply/supplier.ts'
import type {
  Ask,
  PriceLine,
  Product,
  Talk,
  Upstream,
  UpstreamOrder,
} from '../../../src/supply/upstream.ts'
import { endOverdueOrders } from '../../harness/ending.ts'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'
import { keepFewOffers, type OwnService, ownService } from '../../harness/stock.ts'

type Wire = {
  readonly kind: SupplierKind
  readonly path: string
  readonly settings: Settings
  /** Its names of WhatsApp and the United Kingdom. */
  readonly whatsapp: Pick<Product, 'service' | 'country'>
  /** Its name of a country. */
  readonly country: (code: string) => string
  /** Of the key there: how it is answered when it is refused. */
  readonly errorForm?: string
}

const wires: readonly Wire[] = [
  {
    kind: numletKind,
    path: '',
    settings: {},
    whatsapp: { service: 'whatsapp', country: 'GB' },
    country: (code) => code,
  },
  {
    kind: handlerApiKind,
    path: '/stubs/handler_api.php',
    settings: { profile: 'vanilla' },
    whatsapp: { service: 'wa', country: '16' },
    country: (code) => code,
  },
  {
    kind: handlerApiKind,
    path: '/stubs/handler_api.php',
    settings: { profile: 'vanilla', profile_changes: '{"ask":"getNumber","text":"getFullSms"}' },
    whatsapp: { service: 'wa', country: '16' },
    country: (code) => code,
  },
  {
    kind: handlerApiKind,
    path: '/stubs/handler_api.php',
    settings: { profile: 'herosms' },
    whatsapp: { service: 'wa', country: '16' },
    country: (code) => code,
    errorForm: 'hero',
  },
  {
    kind: fivesimKind,
    path: '/fivesim/v1',
    settings: { profile: 'vanilla' },
    whatsapp: { service: 'whatsapp', country: 'england' },
    country: (code) => code.toLowerCase(),
  },
  {
    kind: fivesimKind,
    path: '/fivesim/v1',
    settings: { profile: 'numlet' },
    whatsapp: { service: 'whatsapp', country: 'england' },
    country: (code) => code.toLowerCase(),
  },
]

let asked = 0

describe.each(wires)('$kind.name at $path with $settings', async (wire) => {
  const server = await testServer()
  await keepFewOffers(server.db)
  const { secret } = await testSupplier(server.db)
  const upstream = wire.kind.upstream as Upstream
  const isHandler = wire.kind === handlerApiKind

  const sending = { timeoutMs: 60_000, now: server.app.now }
  const talk = <T>(one: Talk<T>) => converse(one, (request) => send(request, sending))

  async function account(options: { credit?: string } = {}) {
    const { accountId } = await testCustomer(server.db, options)
    const scopes = isHandler ? ['handler-api'] : undefined
    const { key } = await createKey(server.db, new Date(), {
      accountId,
      scopes,
      errorForm: wire.errorForm,
    })
    const settings: Settings = {
      ...wire.settings,
      url: server.url + wire.path,
      api_key: key,
      currency: 'USD',
    }
    const ask = (more: Partial<Ask> = {}): Ask => ({
      product: { ...wire.whatsapp, operator: null, pool: null },
      requestKey: `key-${++asked}-0123456789abcdef`,
      maxPrice: null,
      exceptPrefixes: [],
      again: null,
      passage: { via: ['n1'], deadlineS: 14 },
      ...more,
    })
    return {
      settings,
      ask,
      verdictOf: (wanted: Ask) => talk(upstream.ask(settings, wanted)),
      async buy(more: Partial<Ask> = {}) {
        const verdict = await talk(upstream.ask(settings, ask(more)))
        if (verdict.kind !== 'number') throw new Error(`no number: ${JSON.stringify(verdict)}`)
        return verdict
      },
      read: (ref: string) => talk(upstream.readOrder(settings, ref)),
      async order(ref: string): Promise<UpstreamOrder> {
        const reading = await talk(upstream.readOrder(settings, ref))
        if (reading.kind !== 'order') throw new Error(`no order: ${JSON.stringify(reading)}`)
        return reading.order
      },
      command: (ref: string, verb: 'cancel' | 'finish' | 'resend' | 'ban') =>
        talk(upstream.command(settings, { ref, verb })),
      async list() {
        const reading = await talk(upstream.listOrders(settings) ?? expect.unreachable())
        if (reading.kind !== 'list') throw new Error(`no list: ${JSON.stringify(reading)}`)
        return reading.list
      },
      balance: () => talk(upstream.balance(settings)),
      prices: () => talk(upstream.priceList(settings)),
      lookUp: (wanted: Ask, mayAskAgain: boolean) =>
        talk(upstream.lookUp(settings, { ask: wanted, mayAskAgain }) ?? expect.unreachable()),
    }
  }

  const receive = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })

  const own = ({ slug, country }: OwnService): Product => ({
    service: slug,
    country: wire.country(country),
    operator: null,
    pool: null,
  })

  it('sells a number, for a price', async () => {
    const { buy, balance } = await account({ credit: '50' })
    const before = await balance()
    const number = await buy()
    expect(number.phone).toMatch(/^\+44\d{10}$/)
    expect(number.ref).toMatch(/^[\w.:-]+$/)
    const after = await balance()
    expect(before).toMatchObject({ kind: 'balance', amount: parseAmount('50') })
    if (before.kind !== 'balance' || after.kind !== 'balance') throw new Error('no balance')
    expect(number.cost).toBe(before.amount - after.amount)
    if (number.endsAt) expect(number.endsAt.getTime()).toBeGreaterThan(server.app.now().getTime())
  })

  it('shows an order that waits, its code, and another one', async () => {
    const { buy, order, command } = await account()
    const { ref, phone } = await buy()
    const none = { resendEpoch: 0, count: 0 }
    const waiting = await order(ref)
    expect(waiting).toMatchObject({ ref, state: 'waiting', sms: [] })
    expect(upstream.messagesOf(waiting, none)).toEqual([])

    await receive(phone, 'Your WhatsApp code: 593-821')
    const [message, ...others] = upstream.messagesOf(await order(ref), none)
    expect(others).toEqual([])
    expect(message).toMatchObject({ code: '593821', text: 'Your WhatsApp code: 593-821' })
    const again = upstream.messagesOf(await order(ref), none)
    expect(again.map((one) => one.ref)).toEqual([message?.ref])

    if (upstream.features({}).commands.includes('resend'))
      expect(await command(ref, 'resend')).toEqual({ kind: 'done' })
    const known = { resendEpoch: 1, count: 1 }
    const fresh = (orders: UpstreamOrder) =>
      upstream.messagesOf(orders, known).filter((one) => one.ref !== message?.ref)
    expect(fresh(await order(ref))).toEqual([])
    await receive(phone, 'Your WhatsApp code: 104-477')
    expect(fresh(await order(ref))).toMatchObject([{ code: '104477' }])

    expect(await command(ref, 'finish')).toEqual({ kind: 'done' })
    // handler_api goes on to show the code; the others say that the order is over, and charged.
    expect(['charged', isHandler ? 'code' : 'charged']).toContain((await order(ref)).state)
    const cancelled = await command(ref, 'cancel')
    expect(cancelled).toMatchObject({ kind: 'state', reading: { kind: 'order' } })
  })

  it('cancels an order after the cooldown, and says when it is too early', async () => {
    const { buy, order, command, balance } = await account({ credit: '10' })
    const { ref } = await buy()
    const early = await command(ref, 'cancel')
    expect(early.kind).toBe('too_early')
    expect((await order(ref)).state).toBe('waiting')
    server.advance(121)
    expect(await command(ref, 'cancel')).toEqual({ kind: 'done' })
    expect((await order(ref)).state).toBe('refunded')
    expect(await balance()).toMatchObject({ amount: parseAmount('10') })
    const repeated = await command(ref, 'cancel')
    expect(repeated.kind === 'done' || repeated.kind === 'state').toBe(true)
  })

  it('gives back a used number', async () => {
    const { buy, order, command } = await account()
    const { ref } = await buy()
    server.advance(121)
    expect(await command(ref, 'ban')).toEqual({ kind: 'done' })
    expect((await order(ref)).state).toBe('refunded')
  })

  it('shows an order whose window is over as paid back', async () => {
    const { buy, order } = await account()
    const { ref } = await buy()
    server.advance(1_201)
    await endOverdueOrders(server.db, server.app.now())
    expect((await order(ref)).state).toBe('refunded')
  })

  it('says of an order that it does not know that it does not know it', async () => {
    const { read } = await account()
    const mine = await (await account()).buy()
    for (const ref of ['999999999', 'ord_00000000000', mine.ref])
      expect((await read(ref)).kind).toBe('silent')
  })

  it('says why it sells nothing', async () => {
    const { verdictOf, ask } = await account()
    const scarce = await ownService(server.db, { numbers: 1, price: '2.00' })
    const low = parseAmount('1.50') as Amount
    const cheaper = await verdictOf(ask({ product: own(scarce), maxPrice: low }))
    expect(cheaper).toMatchObject({
      kind: 'no',
      class: wire.kind === fivesimKind ? 'empty' : 'price',
    })
    expect(await verdictOf(ask({ product: own(scarce) }))).toMatchObject({ kind: 'number' })
    expect(await verdictOf(ask({ product: own(scarce) }))).toEqual({ kind: 'no', class: 'empty' })
    const wrong = { ...own(scarce), service: 'nothing-like-it' }
    expect(await verdictOf(ask({ product: wrong }))).toMatchObject({ kind: 'no', class: 'name' })
    const nowhere = { ...own(scarce), country: 'zz' }
    expect(await verdictOf(ask({ product: nowhere }))).toMatchObject({ kind: 'no', class: 'name' })
    const poor = await account({ credit: '0' })
    expect(await poor.verdictOf(poor.ask())).toEqual({ kind: 'no', class: 'dry' })
  })

  it('refuses a wrong key, whatever is asked', async () => {
    const { settings, ask } = await account()
    const wrong = { ...settings, api_key: 'nk_wrong' }
    const refused = { kind: 'no', class: 'key' }
    expect(await talk(upstream.ask(wrong, ask()))).toEqual(refused)
    expect(await talk(upstream.readOrder(wrong, '1'))).toEqual(refused)
    expect(await talk(upstream.listOrders(wrong) ?? expect.unreachable())).toEqual(refused)
    expect(await talk(upstream.command(wrong, { ref: '1', verb: 'cancel' }))).toEqual(refused)
    expect(await talk(upstream.balance(wrong))).toEqual(refused)
    // 5sim's prices are open to everybody.
    if (wire.kind !== fivesimKind) expect(await talk(upstream.priceList(wrong))).toEqual(refused)
    const again = upstream.lookUp(wrong, { ask: ask(), mayAskAgain: true })
    expect(await talk(again ?? expect.unreachable())).toMatchObject({ kind: 'unknown' })
  })

  it('lists open orders with their codes', async () => {
    const { buy, list, command } = await account()
    const [first, second, third] = [await buy(), await buy(), await buy()]
    await receive(second.phone, 'Your WhatsApp code: 593-821')
    server.advance(121)
    await command(third.ref, 'cancel')
    const { orders, isComplete } = await list()
    expect(isComplete).toBe(true)
    const open = orders.filter(({ state }) => state !== 'refunded')
    const shown = new Map(open.map((one) => [one.ref, one]))
    expect([...shown.keys()].sort()).toEqual([first.ref, second.ref].sort())
    expect(shown.get(first.ref)).toMatchObject({
      state: 'waiting',
      phone: first.phone,
      product: wire.whatsapp,
      cost: first.cost,
      sms: [],
    })
    const coded = shown.get(second.ref) as UpstreamOrder
    expect(coded.state).toBe('code')
    expect(upstream.messagesOf(coded, { resendEpoch: 0, count: 0 })).toMatchObject([
      { code: '593821', text: 'Your WhatsApp code: 593-821' },
    ])
    expect(upstream.messagesOf(coded, { resendEpoch: 0, count: 0 })).toHaveLength(1)
  })

  it('finds a lost order again, by its key or in the list', async () => {
    const { ask, verdictOf, lookUp, list, settings } = await account()
    const wanted = ask()
    const bought = await verdictOf(wanted)
    if (bought.kind !== 'number') throw new Error('no number')
    const before = (await list()).orders.length
    const whileItWaits = await lookUp(wanted, true)
    const over = await lookUp(wanted, false)
    // Every wire but the list of 5sim shows our key.
    if (upstream.features(settings).wire === 'keyed' && wire.kind !== fivesimKind)
      for (const found of [whileItWaits, over]) expect(found.kind).toBe('number')
    for (const found of [whileItWaits, over])
      if (found.kind === 'listed') {
        const lost = {
          product: wire.whatsapp,
          asks: [{ id: 1, highestBefore: null }],
          isAskUnderWay: false,
        }
        expect(adopt(lost, found.list.orders, () => false)).toMatchObject({
          kind: 'adopted',
          pairs: [{ id: 1, order: { ref: bought.ref, phone: bought.phone } }],
        })
      } else expect(found).toMatchObject({ kind: 'number', ref: bought.ref, phone: bought.phone })
    expect((await list()).orders).toHaveLength(before)
    if (upstream.features(settings).wire === 'keyed')
      expect(await talk(upstream.ask(settings, wanted))).toMatchObject(
        isHandler
          ? { kind: 'unknown', isBought: true }
          : { kind: 'number', ref: bought.ref, phone: bought.phone },
      )
  })

  it('lists its prices by its own names', async () => {
    const { prices, buy } = await account()
    const reading = await prices()
    if (reading.kind !== 'prices') throw new Error(`no prices: ${JSON.stringify(reading)}`)
    expect(reading.unreadable).toBe(0)
    const { service, country } = wire.whatsapp
    const lines = reading.lines.filter(
      ({ product }) => product.service === service && product.country === country,
    )
    const cheapest = lines
      .filter(({ stock }) => stock > 0)
      .reduce((a, b) => (b.cost < a.cost ? b : a))
    expect((await buy()).cost).toBe(cheapest.cost)
    const { names } = upstream.features(wire.settings)
    const found = named(await readCatalog(server.db), names, reading.lines)
    // handler_api has no id for the country of the services that tests make: it gets one of ours.
    const isOurs = ({ product }: PriceLine) => /^1\d{4}$/.test(product.country)
    const unnamed = [...new Set(reading.lines.filter(isOurs).map((one) => one.product.country))]
    expect(unnamed).toHaveLength(isHandler ? 1 : 0)
    expect(found.unknown).toEqual({ services: [], countries: unnamed, operators: [] })
    expect(found.lines).toHaveLength(reading.lines.filter((one) => !isOurs(one)).length)
  })

  it('is tried by its balance', async () => {
    const { settings } = await account({ credit: '12.30' })
    const probe = wire.kind.probe ?? expect.unreachable()
    expect(await probe(settings)).toEqual({
      ok: true,
      detail: expect.stringMatching(/^the balance is 12\.30? USD$/),
    })
    const wrong = await probe({ ...settings, api_key: 'nk_wrong' })
    expect(wrong).toEqual({ ok: false, detail: 'the platform refuses the key' })
    const nowhere = await probe({ ...settings, url: 'http://nowhere.invalid' })
    expect(nowhere).toMatchObject({ ok: false, detail: expect.stringContaining('be reached') })
    const other = await probe({ ...settings, url: `${server.url}/health/live` })
    expect(other.ok).toBe(false)
    if (wire.kind !== numletKind) return
    const foreign = await probe({ ...settings, currency: 'EUR' })
    expect(foreign).toMatchObject({ ok: false, detail: expect.stringContaining('EUR') })
  })

  it('asks for no more than the highest price, and names where the ask comes from', async () => {
    const { settings, ask } = await account()
    const { request } = upstream.ask(settings, ask({ maxPrice: parseAmount('1.2345') }))
    expect(request.headers).toMatchObject({ 'numlet-via': 'n1', 'numlet-deadline': '14' })
    expect(request.url + (request.body ?? '')).toContain('1.2345')
  })
})
