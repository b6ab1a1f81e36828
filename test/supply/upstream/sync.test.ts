// The price list of another Numlet, over each of its wires: offered by the command line, and sold.
import { describe, expect, it } from 'vitest'
import { reprice } from '../../../src/core/operating/offers.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { testKey } from '../../harness/database.ts'
import { testCustomer, testServer } from '../../harness/server.ts'
import { keepFewOffers, ownService } from '../../harness/stock.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { purchaseOf } from './market.ts'
import { addPlatform, wires } from './platform.ts'

type Line = {
  readonly what: 'added' | 'changed' | 'hidden'
  readonly why: string | null
  readonly service: string
  readonly country: string
  readonly operator: string
  readonly cost: string
  readonly price: string | null
  readonly price_before: string | null
  readonly stock: number
}

describe.each(wires)('the price list of $kind.name', async (wire) => {
  const theirs = await testServer()
  await keepFewOffers(theirs.db)
  const scarce = await ownService(theirs.db, { numbers: 2, price: '0.40' })
  const ours = await testServer({ template: 'catalog' })
  const { db, app } = ours
  const numlet = insideOn(ours.databaseUrl, { NUMLET_ENCRYPTION_KEY: testKey })
  const name = await addPlatform(numlet, theirs, wire)
  const suppliers = async (...args: string[]) => {
    const outcome = await numlet('suppliers', ...args, '--json')
    if (outcome.code !== 0) throw new Error(outcome.stderr)
    return jsonOf(outcome)
  }
  const refusal = async (...args: string[]) => {
    const { code, stderr } = await numlet('suppliers', ...args, '--json')
    return [code, stderr] as const
  }
  const offers = () =>
    db.query<{ id: number; price: bigint; pool: string; upstream: number; for_sale: boolean }>(
      `select o.id, o.price, o.pool, st.upstream, st.for_sale from offers o
         left join stock st on st.offer_id = o.id order by o.id`,
    )
  const sources = () => db.query('select * from sources order by id')
  const logged = (action: string) =>
    db.query<{ actor: string; reason: string; detail: unknown }>(
      'select actor, reason, detail from audit_log where action = $1 order by id',
      [action],
    )

  /** Their pools are one offer of ours: what is dearer there than its cheapest product is not for sale. */
  const hasPools = wire.kind.name === 'numlet'
  const wasOnSale = (lines: readonly Line[]) => lines.filter((one) => one.price_before !== null)

  it('is not for sale without a rule', async () => {
    const shown = await suppliers('sync', name, '--preview')
    expect(shown).toMatchObject({ name, pool: name, applied: false, added: 0, changed: 0 })
    expect(shown.hidden).toBeGreaterThan(20)
    expect(new Set(shown.lines.map((one: Line) => one.why))).toEqual(new Set(['no rule']))
    expect(await offers()).toEqual([])
    await suppliers('rule', name, '--percent', '20', '--round', '0.01')
  })

  it('is only shown by a preview', async () => {
    const shown = await suppliers('sync', name, '--preview')
    expect(shown.applied).toBe(false)
    expect(shown.hidden > 0).toBe(hasPools)
    expect(shown.added + shown.hidden).toBe(shown.lines.length)
    expect([await offers(), await sources()]).toEqual([[], []])
    expect(await db.query('select id from pools where id = $1', [name])).toEqual([])
    const [whatsapp] = shown.lines.filter((one: Line) => one.service === 'whatsapp')
    const least = shown.lines
      .filter((one: Line) => one.service === 'whatsapp' && one.stock > 0)
      .filter((one: Line) => one.country === whatsapp.country && one.operator === whatsapp.operator)
      .map((one: Line) => Number(one.cost))
    expect(Number(whatsapp.price)).toBeCloseTo(Math.ceil(Math.min(...least) * 120 - 1e-9) / 100, 4)
    const table = await numlet('suppliers', 'sync', name, '--preview')
    expect(table.stdout).toContain('whatsapp')
  })

  it('becomes offers, with the stock that they show', async () => {
    const applied = await suppliers('sync', name, '--reason', 'a new supplier')
    expect(applied).toMatchObject({ applied: true, changed: 0 })
    const made = await offers()
    expect(made.length).toBeGreaterThan(20)
    expect(new Set(made.map((one) => one.pool))).toEqual(new Set([name]))
    expect(made.some((one) => one.upstream > 0 && one.for_sale)).toBe(true)
    expect(await sources()).toHaveLength(applied.added)
    expect(await logged('supplier.sync')).toMatchObject([
      { actor: 'tester', reason: 'a new supplier', detail: { added: applied.added, pool: name } },
    ])
    // Services that only tests have, and their country, are no names of ours.
    expect(applied.unknown_names.services).toContain(scarce.slug)
    expect(applied.unknown).toBeGreaterThan(0)
    await expectCleanAudit(db, app.now())
  })

  it('changes nothing the second time', async () => {
    const before = [await offers(), await logged('supplier.sync')]
    const again = await suppliers('sync', name)
    expect(again).toMatchObject({ added: 0, changed: 0 })
    expect(wasOnSale(again.lines)).toEqual([])
    expect(again.same).toBe((await sources()).length)
    expect([await offers(), await logged('supplier.sync')]).toEqual(before)
  })

  it('is sold, and changes no price of an order', async () => {
    const { accountId } = await testCustomer(db, { credit: '100' })
    const bought = await app.orders.buy(purchaseOf(accountId))
    const [order] = 'orders' in bought ? bought.orders : []
    expect(order).toMatchObject({ state: 'allocating', pool: name })
    await suppliers('rule', name, '--percent', '50', '--round', '.99')
    const changed = await suppliers('sync', name)
    expect(wasOnSale(changed.lines)).toHaveLength(changed.changed)
    expect(changed.changed).toBeGreaterThan(20)
    const sold = (await offers()).filter((one) => one.for_sale)
    expect(sold.every((one) => one.price % 10_000n === 9_900n)).toBe(true)
    const { id, price } = order as Order
    expect((await app.orders.read(accountId, id)).price).toBe(price)
    await expectCleanAudit(db, app.now())
  })

  it('hides what would lose money, and says why', async () => {
    const before = await offers()
    const place = ['--service', 'whatsapp', '--country', 'GB']
    await suppliers('rule', name, ...place, '--cap', '0.01')
    const capped = await suppliers('sync', name)
    expect(capped).toMatchObject({ added: 0, changed: 0 })
    const gone = wasOnSale(capped.lines)
    expect(gone.length).toBeGreaterThan(0)
    for (const one of gone)
      expect(one).toMatchObject({ what: 'hidden', why: 'loses money', service: 'whatsapp' })
    const again = await suppliers('sync', name)
    expect(again.hidden).toBe(capped.hidden)
    expect(wasOnSale(again.lines)).toEqual([])
    // Offers stay, without stock.
    expect((await offers()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    const shown = (all: typeof before) => all.filter((one) => one.for_sale).length
    expect(shown(await offers())).toBeLessThan(shown(before))
    await suppliers('rule', name, ...place, '--remove')
    expect(await suppliers('sync', name)).toMatchObject({ added: gone.length })
    expect(shown(await offers())).toBe(shown(before))
  })

  it('takes what they have withdrawn off sale', async () => {
    await theirs.db.query(
      `update offers set active = false where country = 'GB' and service_id = (
         select id from services where slug = 'telegram')`,
    )
    await theirs.db.query(
      `update stock set offer_id = null, price = null
        where offer_id in (select id from offers where not active)`,
    )
    theirs.advance(120)
    const gone = wasOnSale((await suppliers('sync', name)).lines)
    expect(gone.length).toBeGreaterThan(0)
    for (const one of gone)
      expect(one).toMatchObject({ why: 'withdrawn', service: 'telegram', country: 'GB' })
    expect(
      await db.query(
        `select 1 from stock st join services s on s.id = st.service_id
          where s.slug = 'telegram' and st.country = 'GB' and st.for_sale`,
      ),
    ).toEqual([])
    const again = await suppliers('sync', name)
    expect(again).toMatchObject({ added: 0, changed: 0 })
    expect(wasOnSale(again.lines)).toEqual([])
  })

  it('moves to another pool, and keeps it', async () => {
    const { same } = await suppliers('sync', name)
    const moved = await suppliers('sync', name, '--pool', 'plus')
    expect(moved).toMatchObject({ pool: 'plus', added: same })
    expect(wasOnSale(moved.lines)).toHaveLength(same)
    const again = await suppliers('sync', name)
    expect(again).toMatchObject({ pool: 'plus', added: 0, changed: 0, same })
    const open = (await offers()).filter((one) => one.for_sale)
    expect(new Set(open.map((one) => one.pool))).toEqual(new Set(['plus']))
    await expectCleanAudit(db, app.now())
  })

  it('leaves the price of an offer that an operator has set', async () => {
    const [offer] = (await offers()).filter((one) => one.for_sale)
    const { id, price } = offer as NonNullable<typeof offer>
    await reprice(db, { actor: 'tester', reason: null }, id, price + 5n)
    expect(await suppliers('sync', name)).toMatchObject({ added: 0 })
    expect((await offers()).find((one) => one.id === id)?.price).toBe(price + 5n)
  })

  it('has a balance', async () => {
    const { balance, ...rest } = await suppliers('balance', name)
    expect(Number(balance)).toBe(50)
    expect(rest).toEqual({ name, currency: 'USD' })
  })

  it('says why there is none', async () => {
    await suppliers('set', name, '--set', 'currency=XAF')
    const isNumlet = wire.kind.name === 'numlet'
    const expected = isNumlet ? 'counts in USD' : 'no rate from USD to XAF'
    expect(await refusal('sync', name)).toEqual([1, expect.stringContaining(expected)])
    await suppliers('set', name, '--set', 'currency=USD', '--set', 'url=http://nowhere.invalid/v1')
    for (const verb of ['sync', 'balance'])
      expect(await refusal(verb, name)).toEqual([1, expect.stringContaining('cannot be reached')])
    await suppliers('disable', name)
    expect(await refusal('sync', name)).toEqual([1, expect.stringContaining('is off')])
    expect(await refusal('sync', 'nobody')).toEqual([1, expect.stringContaining('no supplier')])
  })
})
