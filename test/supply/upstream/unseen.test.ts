// What customers see of an order whose number is another platform's: never which platform, its reference of
// the order, or what it costs.
import { expect, it } from 'vitest'
import { createKey } from '../../../src/core/accounts/keys.ts'
import { drivers } from '../../conformance/drivers/all.ts'
import { askingDesk, numletPeer } from './peer.ts'

/** Whether a text has a word, and not just as a part of another one. */
const has = (text: string, word: string) =>
  new RegExp(`(?<![\\w.])${word.replaceAll('.', '\\.')}(?![\\w])`).test(text)

it('no answer and no event names the platform, its reference, its cost or its address', async () => {
  const peer = await numletPeer()
  const desk = await askingDesk(peer)
  const { db, accountId, buy, work, pass, read, between } = desk
  const [withCode, cancelled, open] = [await buy(), await buy(), await buy()]
  await work()
  await peer.send((await read(withCode)).phone as string, 'Your WhatsApp code: 593-821')
  await pass(20)
  expect(await read(withCode)).toMatchObject({ state: 'received', code: '593821' })
  desk.advance(300)
  peer.advance(300)
  const cancel = desk.app.orders.cancel({ accountId, id: cancelled })
  const isOver = cancel.then(() => true)
  while (!(await Promise.race([isOver, work().then(() => false)])));
  const known = await db.query<{ ref: string; cost: bigint }>(
    'select upstream_ref as ref, cost from allocations where order_id = any($1)',
    [[withCode, cancelled, open]],
  )
  const own = [withCode, cancelled, open].map((id) => desk.app.ids.toToken('ord', id))
  expect(known.filter(({ ref }) => ref !== null && !own.includes(ref))).toHaveLength(3)

  const seen: string[] = []
  const texts = async (key: string, method: string, path: string) => {
    const headers = { authorization: `Bearer ${key}` }
    const response = await fetch(`${desk.url}${path}`, { method, headers })
    seen.push(`${path} ${[...response.headers].join(' ')} ${await response.text()}`)
    return response.status
  }
  const { key } = await createKey(db, desk.app.now(), { accountId })
  const lists = [
    'orders',
    'transactions',
    'transactions.csv',
    'usage',
    'overview',
    'offers?limit=100',
  ]
  for (const list of lists) expect(await texts(key, 'GET', `/v1/${list}`), list).toBe(200)
  for (const { name, ask, scopes } of Object.values(drivers)) {
    const other = await createKey(db, desk.app.now(), {
      accountId,
      ...(scopes && { scopes: [...scopes] }),
    })
    const before = seen.length
    for (const id of [withCode, cancelled, open])
      for (const form of [String(id), desk.app.ids.toToken('ord', id)]) {
        const { method, path } = ask.order(form)
        expect(await texts(other.key, method, path), `${name} ${path}`).toBeLessThan(500)
      }
    // In one of these forms it knows the order, and shows its code.
    expect(
      seen.slice(before).some((text) => /593-?821/.test(text)),
      name,
    ).toBe(true)
  }
  const events = await db.query<{ text: string }>('select to_jsonb(e)::text as text from events e')
  expect(events.length).toBeGreaterThan(5)
  seen.push(...events.map(({ text }) => text))
  const costs = known.map(({ cost }) => String(Number(cost) / 10_000))
  const refs = known.map(({ ref }) => ref)
  const secrets = [desk.supplierName, new URL(between.url).host, ...refs, ...costs]
  for (const secret of secrets)
    expect(
      seen.filter((text) => has(text, secret)),
      secret,
    ).toEqual([])
})
