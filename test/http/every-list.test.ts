// S5: each list is built once for all who ask for it at the same time, and only for those it is right for.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { keepFewOffers } from '../harness/stock.ts'
import { keyedLists, type SharedList } from './every-list.ts'

const server = await testServer({ env: { NUMLET_RATE_LIMIT: '1000' } })
const { db } = server

await keepFewOffers(db)

// Counts the statements that read offers: the view takes one number of the sequence for each.
await db.query('alter table offers rename to offers_table')
await db.query('create sequence offers_reads')
await db.query(
  `create view offers as
   select * from offers_table where (select nextval('offers_reads')) is not null`,
)
await db.query('analyze')
const readsOfOffers = async () => {
  const [row] = await db.query<{ reads: bigint }>(
    'select case when is_called then last_value else 0 end as reads from offers_reads',
  )
  return Number(row?.reads)
}

type Reader = {
  read(headers?: Record<string, string>): ReturnType<typeof call>
  /** How many requests the key has left. */
  left(): Promise<number>
}

const remainingIn = (reply: { headers: Headers }) =>
  Number(/;r=(\d+)/.exec(reply.headers.get('ratelimit') ?? '')?.[1])

/** A new customer who reads a list. */
async function readerOf({ path }: SharedList, currency = 'USD'): Promise<Reader> {
  const { accountId, key: plain } = await testCustomer(db, { currency })
  const isStubs = path.startsWith('/stubs')
  const key = isStubs
    ? (await createKey(db, new Date(), { accountId, scopes: ['handler-api'] })).key
    : plain
  const balance = path.startsWith('/otpzap') ? '/otpzap/api/v1/balance' : '/v1/balance'
  const cheapest = isStubs ? '/stubs/handler_api.php?action=getBalance' : balance
  return {
    read: (headers) => call(server, key, 'GET', path, undefined, headers),
    left: async () => remainingIn(await call(server, key, 'GET', cheapest)),
  }
}

/** Nobody reads offers until the returned function is called. */
async function holdOffers(): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const held = db.begin(async (tx) => {
    await tx.query('lock table offers_table in access exclusive mode')
    locked.resolve()
    await released.promise
  })
  await locked.promise
  return () => {
    released.resolve()
    return held
  }
}

const priced = keyedLists.filter(({ isPriced }) => isPriced)

describe.each(keyedLists)('S5: $path', (list) => {
  it('is built once for all who wait for it', async () => {
    const reader = await readerOf(list)
    const before = await readsOfOffers()
    const alone = await reader.read()
    expect(alone.status).toBe(200)
    const readsOfOne = (await readsOfOffers()) - before
    expect(readsOfOne).toBeGreaterThan(0)

    const release = await holdOffers()
    const readers = 12
    const leftBefore = await reader.left()
    const replies = Array.from({ length: readers }, () => reader.read())
    let asked = 0
    await expect
      .poll(async () => leftBefore - (await reader.left()) - ++asked)
      .toBe(readers * list.weight)
    await release()
    for (const { status, body } of await Promise.all(replies))
      expect({ status, body }).toEqual({ status: 200, body: alone.body })
    // The first one's, and that of all who came after it had begun.
    expect((await readsOfOffers()) - before - readsOfOne).toBeLessThanOrEqual(2 * readsOfOne)
  })

  it(`counts as ${list.weight} in the rate limit, and is not sent again`, async () => {
    const reader = await readerOf(list)
    const before = await reader.left()
    const first = await reader.read()
    expect(remainingIn(first)).toBe(before - list.weight)
    const etag = first.headers.get('etag') as string
    expect(etag).toMatch(/^"[\w-]{20,}"$/)
    const again = await reader.read({ 'if-none-match': etag })
    expect([again.status, again.body]).toEqual([304, ''])
  })
})

describe.each(priced)('S5: $path', (list) => {
  it('never shows one account the prices of another', async () => {
    const dollars = await readerOf(list, 'USD')
    const rupiah = await readerOf(list, 'IDR')
    const alone = [await dollars.read(), await rupiah.read()] as const
    expect(alone[0].body).not.toEqual(alone[1].body)
    const mixed = Array.from({ length: 8 }, (_, index) => (index % 2 ? rupiah : dollars).read())
    for (const [index, { body }] of (await Promise.all(mixed)).entries())
      expect(body).toEqual(alone[index % 2]?.body)
  })

  it('shows a price that changed before the request', async () => {
    const reader = await readerOf(list)
    const before = await reader.read()
    await db.query('update offers_table set price = price + 10000')
    const etag = before.headers.get('etag') as string
    const after = await Promise.all(
      Array.from({ length: 5 }, () => reader.read({ 'if-none-match': etag })),
    )
    for (const { status, body } of after) {
      expect(status).toBe(200)
      expect(body).not.toEqual(before.body)
      expect(body).toEqual(after[0]?.body)
    }
  })
})
