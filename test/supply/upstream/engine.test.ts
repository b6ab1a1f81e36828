// A Numlet that asks another for numbers: a real server on each side, and real requests between them.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { productText } from '../../../src/core/supply/product.ts'
import { supplyEngine } from '../../../src/supply/asking/engine.ts'
import { fivesimKind } from '../../../src/supply/fivesim/kind.ts'
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'
import { expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { askPatiently, openUpstream, purchaseOf, upstreamDesk } from './market.ts'

const kinds = [numletKind, handlerApiKind, fivesimKind]
const any = { operator: null, pool: null }
/** The three APIs by which another Numlet can be asked. */
const wires = [
  {
    ...{ kind: 'numlet', path: '', settings: {}, showsSecondCode: true },
    product: { service: 'whatsapp', country: 'GB', ...any },
  },
  {
    ...{ kind: 'handler-api', path: '/stubs/handler_api.php', settings: { profile: 'vanilla' } },
    ...{ showsSecondCode: true, product: { service: 'wa', country: '16', ...any } },
  },
  {
    ...{ kind: 'fivesim', path: '/fivesim/v1', settings: { profile: 'vanilla' } },
    ...{ showsSecondCode: true, product: { service: 'whatsapp', country: 'england', ...any } },
  },
] as const

/** Another Numlet, of the demo, with an account for us. */
async function otherNumlet(scopes?: string[]) {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { key, accountId } = await testCustomer(server.db, { credit: '100', scopes })
  const { secret } = await testSupplier(server.db)
  const send = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })
  const orders = () =>
    server.db.query<{ id: bigint; state: string; phone: string }>(
      'select id, state, phone from orders where account_id = $1 order by id',
      [accountId],
    )
  return { ...server, key, send, orders }
}

/** Something between us and the other Numlet that loses what it is told to. */
async function lossy(target: string) {
  let mode: 'pass' | 'lose answers' | 'lose requests' = 'pass'
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      if (mode === 'lose requests') return void response.destroy()
      const { host: _, connection: __, ...headers } = request.headers
      const body = request.method === 'GET' ? undefined : Buffer.concat(parts)
      const answer = await fetch(`${target}${request.url}`, {
        ...{ method: request.method ?? 'GET', body },
        headers: headers as Record<string, string>,
      })
      const text = await answer.text()
      // A Numlet that does not know the first form of a request says so, and is asked in another.
      if (mode === 'lose answers' && answer.status !== 422) return void response.destroy()
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? '',
      })
      response.end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    set(to: typeof mode) {
      mode = to
    },
  }
}

describe.each(wires)('an order whose number is another Numlet’s, by $kind', async (wire) => {
  const peer = await otherNumlet(wire.kind === 'handler-api' ? ['handler-api'] : undefined)
  const between = await lossy(peer.url)
  const { app, db, databaseUrl, accountId, offerId, advance } = await upstreamDesk(1, 'Any')
  const { supplierId } = await openUpstream(db, app.now(), {
    ...{ offerId, stock: 1_000, cost: 5_000n, product: productText(wire.product) as string },
  })
  await db.query('update suppliers set kind = $4, config = $2, secrets = $3 where id = $1', [
    supplierId,
    { ...wire.settings, url: `${between.url}${wire.path}`, currency: 'USD' },
    { api_key: `plain:${peer.key}` },
    wire.kind,
  ])
  await askPatiently(db)
  const engine = supplyEngine(app, (name) => kinds.find((kind) => kind.name === name))
  /** Lets time pass on both sides, and has done what is due. */
  const go = async (seconds = 0) => {
    advance(seconds)
    peer.advance(seconds)
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

  it('has the number, its codes as they come, and is finished on both sides', async () => {
    const id = await buy()
    await go()
    const order = await read(id)
    expect(order).toMatchObject({ state: 'waiting', numberId: null })
    expect(order.phone).toMatch(/^\+44/)
    await peer.send(order.phone as string, 'Your WhatsApp code: 593-821')
    await go(4)
    expect(await read(id)).toMatchObject({ state: 'received', code: '593821', messageCount: 1 })
    await app.orders.resend({ accountId, id, once: null })
    await go()
    await peer.send(order.phone as string, 'Your WhatsApp code: 593-822')
    await go(4)
    const second = wire.showsSecondCode ? { code: '593822', messageCount: 2 } : { messageCount: 1 }
    expect(await read(id)).toMatchObject(second)
    await go(4)
    expect(await read(id)).toMatchObject(second)
    await app.orders.finish({ accountId, id })
    await go(1)
    expect(await allocationOf(id)).toMatchObject({ cost_state: 'posted', last_word: 'charged' })
    expect((await peer.orders()).at(-1)).toMatchObject({ state: 'finished' })
    await expectCleanAudit(db)
    const shown = jsonOf(await insideOn(databaseUrl)('orders', 'show', String(id), '--json'))
    const { phone } = order
    expect(shown).toMatchObject({
      routing: [{ supplier: expect.stringMatching(/^upstream-/), source: phone }],
      allocations: [{ attempt: 1, state: 'got', cost_state: 'posted', last_word: 'charged' }],
    })
  })

  it('is cancelled there and here, and returns the money and the cost', async () => {
    const id = await buy()
    await go()
    advance(121)
    // The caller waits until the other side has said yes.
    const cancelled = await meanwhile(app.orders.cancel({ accountId, id }))
    expect(cancelled).toMatchObject({ changed: true, order: { state: 'cancelled' } })
    expect(await read(id)).toMatchObject({ state: 'cancelled' })
    expect(await allocationOf(id)).toMatchObject({ cost_state: 'voided', last_word: 'refunded' })
    expect((await peer.orders()).at(-1)).toMatchObject({ state: 'cancelled' })
    await expectCleanAudit(db)
  })

  // It takes ten seconds, and is the same by each API.
  if (wire.kind === 'numlet')
    it('that cannot be cancelled there in time waits on', async () => {
      const id = await buy()
      await go()
      advance(121)
      between.set('lose requests')
      const cancelled = app.orders.cancel({ accountId, id })
      // Nobody answers: the caller is told after ten seconds.
      expect(await outcomeOf(meanwhile(cancelled))).toBe('supply_pending')
      expect(await read(id)).toMatchObject({ state: 'waiting' })
      between.set('pass')
      await go(10)
      expect(await read(id)).toMatchObject({ state: 'cancelled' })
      await expectCleanAudit(db)
    }, 30_000)

  it('whose answer is lost is found again, and was bought once', async () => {
    const before = (await peer.orders()).length
    between.set('lose answers')
    const id = await buy()
    await go()
    expect(await read(id)).toMatchObject({ state: 'allocating' })
    expect(await allocationOf(id)).toMatchObject({ state: 'unknown' })
    between.set('pass')
    await go(3)
    expect(await read(id)).toMatchObject({ state: 'waiting' })
    expect(await peer.orders()).toHaveLength(before + 1)
    await expectCleanAudit(db)
  })

  it('whose answer is lost for too long fails, and the number is found and given back', async () => {
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
    expect((await peer.orders()).at(-1)).toMatchObject({ state: 'cancelled' })
    await expectCleanAudit(db)
  })

  it('never has the messages of a number that was given back', async () => {
    between.set('lose answers')
    const id = await buy()
    await go()
    await app.orders.cancel({ accountId, id })
    // The code comes before the number can be cancelled, and the other side keeps its price.
    const theirs = (await peer.orders()).at(-1)
    await peer.send(theirs?.phone as string, 'Your WhatsApp code: 593-823')
    between.set('pass')
    for (let time = 0; time < 3; time++) await go(70)
    expect(await allocationOf(id)).toMatchObject({ state: 'given_up', cost_state: 'posted' })
    expect(await db.query('select 1 as yes from messages where order_id = $1', [id])).toEqual([])
    expect(await read(id)).toMatchObject({ state: 'cancelled', messageCount: 0, lateUntil: null })
    await expectCleanAudit(db)
  })

  it('that was never bought is no longer looked for when that is certain', async () => {
    const before = (await peer.orders()).length
    between.set('lose requests')
    const id = await buy()
    await go()
    await go(16)
    between.set('pass')
    await go(600)
    expect(await allocationOf(id)).toMatchObject({ state: 'unknown' })
    await go(1_200)
    expect(await allocationOf(id)).toMatchObject({ state: 'refused', cost_state: 'none' })
    expect(await peer.orders()).toHaveLength(before)
    while ((await app.orders.endOverdue()) > 0);
    await go()
    await expectCleanAudit(db)
  })

  it('fails at once if the supplier says that it has none, and returns the money', async () => {
    await peer.db.query('update stock set remaining = 0')
    const id = await buy()
    await go()
    expect(await read(id)).toMatchObject({ state: 'failed' })
    expect(await allocationOf(id)).toMatchObject({ state: 'refused' })
    await expectCleanAudit(db)
  })
})
