// How often a supplier is read: by one node at a time, and within the rate that it allows.
import { describe, expect, it } from 'vitest'
import { claimFeed, restFeed } from '../../../src/core/supply/feeds.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { askingDesk, numletPeer } from './peer.ts'

/** What came of it, or why it failed. */
const outcome = <T>(work: Promise<T>): Promise<T | Error> => work.catch((error: Error) => error)

describe('a Numlet that allows 60 requests a minute', async () => {
  const peer = await numletPeer({ NUMLET_RATE_LIMIT: '60' })
  const desk = await askingDesk(peer)
  const { db, between, buy, work, pass, read } = desk
  const dueOf = async () =>
    (await db.query<{ claims: number }>(`select claims from supplier_feeds where feed = 'list'`))[0]

  it('is asked, read and told within them, and every code comes', async () => {
    const ids: bigint[] = []
    for (let order = 0; order < 12; order++) ids.push(await buy())
    await work()
    const phones = new Map<bigint, string>()
    for (const id of ids) phones.set(id, (await read(id)).phone as string)
    expect(new Set(phones.values()).size).toBe(12)
    let minute = between.passed.length
    for (const [index, id] of ids.entries()) {
      await peer.send(phones.get(id) as string, `Your WhatsApp code: 593-8${10 + index}`)
      await pass(20)
      expect(await read(id)).toMatchObject({ state: 'received', code: `5938${10 + index}` })
      if (index % 3 !== 2) continue
      // A minute is over: half of its requests, and one reading that was begun before.
      expect(between.passed.length - minute).toBeLessThanOrEqual(30 + 7)
      minute = between.passed.length
    }
    for (const id of ids) await desk.app.orders.finish({ accountId: desk.accountId, id })
    await pass(5)
    expect(between.passed.filter(({ status }) => status === 429)).toEqual([])
    const open = await db.query(`select 1 as yes from supplier_commands where state = 'open'`)
    expect(open).toEqual([])
    await expectCleanAudit(db)
  }, 120_000)

  it('is read by one node at a time', async () => {
    await buy()
    await work()
    const before = between.passed.length
    desk.advance(20)
    peer.advance(20)
    const other = desk.engineOf(desk.app)
    const claims = (await dueOf())?.claims ?? 0
    await Promise.all([desk.engine.turn(), other.turn(), desk.engine.turn(), other.turn()])
    await Promise.all([desk.engine.idle(), other.idle()])
    expect((await dueOf())?.claims).toBe(claims + 1)
    expect(between.passed.length - before).toBe(1)
  })

  it('costs no order anything that its list says nothing new of', async () => {
    const ids: bigint[] = []
    for (let order = 0; order < 8; order++) ids.push(await buy())
    await work()
    // Some have their codes by now.
    for (const id of ids.slice(0, 3)) {
      await peer.send((await read(id)).phone as string, `Your WhatsApp code: 593-8${id}`)
      await pass(20)
      expect(await read(id)).toMatchObject({ state: 'received' })
    }
    const readings = async () => {
      const rows = await db.query<{ polls: number }>(
        'select polls from allocations where order_id = any($1) order by order_id',
        [ids],
      )
      return rows.map(({ polls }) => polls)
    }
    const before = await readings()
    expect(before).toHaveLength(ids.length)
    // Whoever wrote anything about one of them would wait for its row.
    const [locked, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const holding = db.begin(async (tx) => {
      await tx.query('select 1 from orders where id = any($1) for update', [ids])
      locked.resolve()
      await done.promise
    })
    await locked.promise
    desk.advance(20)
    peer.advance(20)
    await desk.engine.turn()
    await desk.engine.idle()
    const after = await readings()
    done.resolve()
    await holding
    expect(after.every((polls, at) => polls > (before[at] as number))).toBe(true)
  })

  it('is left alone for as long as it says, and asked for numbers again after that', async () => {
    const headers = { 'retry-after': '40' }
    await pass(20)
    between.answer({ status: 429, headers, path: /^\/v1\/orders/ })
    const id = await buy()
    await pass(12)
    const during = between.passed.length
    await pass(20)
    expect(between.passed.slice(during)).toEqual([])
    expect(await read(id)).toMatchObject({ state: 'failed' })
    between.answer(null)
    await pass(21)
    const next = await buy()
    await work()
    expect(await read(next)).toMatchObject({ state: 'waiting' })
    await expectCleanAudit(db)
  }, 60_000)

  it('is told of an end again after as long as it says', async () => {
    const id = await buy()
    await work()
    const path = /\/cancel$/
    desk.advance(121)
    peer.advance(121)
    await desk.work()
    between.answer({ status: 429, headers: { 'retry-after': '30' }, path })
    let isOver = false
    const cancelled = outcome(desk.app.orders.cancel({ accountId: desk.accountId, id })).finally(
      () => {
        isOver = true
      },
    )
    const wasRefused = () => between.passed.some((one) => one.status === 429 && path.test(one.path))
    while (!isOver && !wasRefused()) await work()
    expect(wasRefused()).toBe(true)
    const count = () => between.passed.filter((one) => path.test(one.path)).length
    const before = count()
    await pass(29)
    expect(count()).toBe(before)
    between.answer(null)
    await pass(2)
    expect(await cancelled).toMatchObject({ order: { state: 'cancelled' } })
    await expectCleanAudit(db)
  }, 60_000)
})

describe('a feed of a supplier', async () => {
  const { db, app, supplierId } = await askingDesk(await numletPeer())
  const feed = { supplierId, feed: 'list' } as const
  const at = (seconds: number) => new Date(app.now().getTime() + seconds * 1000)

  it('is claimed once, again when its claim is over, and by nobody while it rests', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => claimFeed(db, at(0), feed, 30)))
    expect(all.filter((one) => one !== undefined)).toEqual([{ claims: 1, cursor: null }])
    expect(await claimFeed(db, at(29), feed, 30)).toBeUndefined()
    expect(await claimFeed(db, at(30), feed, 30)).toMatchObject({ claims: 2 })
    // Whoever comes late changes nothing.
    expect(await restFeed(db, at(31), { ...feed, claims: 1 }, { restS: 500 })).toBe(false)
    expect(await claimFeed(db, at(31), feed, 30)).toBeUndefined()
    expect(await restFeed(db, at(31), { ...feed, claims: 2 }, { restS: 19 })).toBe(true)
    expect(await claimFeed(db, at(49), feed, 30)).toBeUndefined()
    expect(await claimFeed(db, at(50), feed, 30)).toMatchObject({ claims: 3 })
  })
})
