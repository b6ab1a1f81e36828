// The rest of what an operator needs: the catalog, settings, messages, the audit and its log.
import { beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { testDatabase } from '../harness/database.ts'
import { insideOn } from './inside.ts'
import { jsonOf, operator } from './program.ts'

let db: Database
let numlet: ReturnType<typeof insideOn>
beforeAll(async () => {
  const test = await testDatabase('demo')
  db = test.db
  numlet = insideOn(test.url)
})

const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))
const newest = async () => (await json('log', '--limit', '1'))[0]

it('closes and opens services and countries', async () => {
  expect(await json('services', 'close', 'whatsapp')).toEqual({ service: 'whatsapp', closed: true })
  const services = await json('services', 'list')
  expect(services.find((one: { service: string }) => one.service === 'whatsapp').closed).toBe(true)
  expect(await json('offers', 'list', '--service', 'whatsapp')).toEqual([])
  await json('services', 'open', 'whatsapp')
  expect(await json('countries', 'close', 'us')).toEqual({ country: 'US', closed: true })
  expect(await newest()).toMatchObject({
    actor: operator,
    action: 'country.close',
    subject: 'country US',
  })
  await json('countries', 'open', 'US')
  expect((await json('countries', 'list')).length).toBeGreaterThan(200)
  for (const args of [
    ['services', 'close', 'nothing'],
    ['countries', 'close', 'QQ'],
  ])
    expect(await numlet(...args)).toMatchObject({ code: 1, stdout: '' })
})

it('lists offers and sets a price, keeping the success rate', async () => {
  const offers = await json('offers', 'list', '--service', 'whatsapp', '--country', 'US')
  expect(offers.length).toBeGreaterThan(0)
  const offer = offers.find((one: { success_rate: number | null }) => one.success_rate !== null)
  const place = [
    ...['--service', offer.service, '--country', offer.country],
    ...['--operator', offer.operator, '--pool', offer.pool],
  ]
  await json('offers', 'set', ...place, '--price', '1.25')
  expect(await newest()).toMatchObject({ action: 'offer.set', detail: { price: '1.25' } })
  const after = await json('offers', 'list', '--service', 'whatsapp', '--country', 'US')
  const changed = after.find((one: { offer_id: number }) => one.offer_id === offer.offer_id)
  expect(changed).toEqual({ ...offer, price: '1.25' })
  expect(
    await numlet(
      'offers',
      'set',
      ...place.slice(0, 5),
      'nobody',
      ...place.slice(6),
      '--price',
      '1',
    ),
  ).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no operator nobody in US.'),
  })
})

it('lists every offer, however many there are', async () => {
  const [count] = await db.query<{ n: number }>(
    `select count(*)::int as n from offers o left join services s on s.id = o.service_id
       left join countries c on c.code = o.country
      where o.active and s.closed is not true and c.closed is not true and s.test is null`,
  )
  expect(await json('offers', 'list')).toHaveLength(count?.n as number)
})

it('lets inboxes of a mail domain, on terms that can be changed', async () => {
  const terms = ['--price', '0.20', '--capacity', '40']
  const domain = { domain: 'mx.example.com', price: '0.20', fee: '0.00', currency: 'USD' }
  const shown = { ...domain, session: 1200, capacity: 40, open_inboxes: 0, state: 'open' }
  expect(await json('domains', 'add', 'MX.example.com', ...terms)).toEqual(shown)
  expect(await newest()).toMatchObject({ actor: operator, action: 'domain.add', detail: shown })
  const changed = { ...shown, price: '0.30', fee: '0.05', session: 600, state: 'closed' }
  expect(
    await json(
      ...['domains', 'set', 'mx.example.com', '--price', '0.30', '--fee', '0.05'],
      ...['--session', '600', '--closed'],
    ),
  ).toEqual(changed)
  expect(await newest()).toMatchObject({ action: 'domain.set', detail: { after: changed } })
  expect(await json('domains', 'list')).toContainEqual(changed)
  for (const args of [
    ['add', 'mx.example.com', ...terms],
    ['add', 'no domain', ...terms],
    ['add', 'long.example.com', ...terms, '--session', '5'],
    ['set', 'none.example.com', '--price', '1'],
  ])
    expect(await numlet('domains', ...args)).toMatchObject({ code: 1, stdout: '' })
})

it('sets rates', async () => {
  expect(await json('rates', 'set', 'eur', '0.875')).toEqual({ currency: 'EUR', rate: '0.875' })
  const rates = await json('rates', 'list')
  expect(rates.find((one: { currency: string }) => one.currency === 'EUR').rate).toBe('0.875')
  for (const [currency, rate] of [
    ['EUR', '0'],
    ['EUR', 'much'],
    ['QQQ', '1'],
  ] as const)
    expect(await numlet('rates', 'set', currency, rate)).toMatchObject({ code: 1, stdout: '' })
})

it('reads and writes settings, as JSON or as a bare word', async () => {
  expect((await json('settings', 'get', 'retention_days')).value).toBe(30)
  expect((await json('settings', 'set', 'retention_days', '7')).value).toBe(7)
  expect((await json('settings', 'set', 'default_country', 'US')).value).toBe('US')
  expect((await json('settings', 'set', 'default_country', 'null')).value).toBeNull()
  expect(await json('settings', 'list')).toContainEqual(
    expect.objectContaining({ name: 'retention_days', value: 7 }),
  )
  for (const args of [
    ['set', 'retention_days', '0'],
    ['set', 'retention_days', 'long'],
    ['set', 'nonsense', '1'],
    ['get', 'toString'],
  ])
    expect(await numlet('settings', ...args)).toMatchObject({ code: 1, stdout: '' })
})

it('reads a message that went astray only with a reason, which stays in the log', async () => {
  await db.query(
    `insert into messages (supplier_id, phone, sender, text, state, received_at)
     values (1, '+12015550199', $1, 'for nobody', 'unmatched', now())`,
    ['Ev\u001b[31mil'],
  )
  const [message] = await json('messages', 'astray')
  expect(message).toMatchObject({ state: 'unmatched', order_id: null })
  expect(message).not.toHaveProperty('text')
  const table = await numlet('messages', 'astray')
  expect(table.stdout).not.toContain('\u001b')
  const id = String(message.message_id)
  expect(await json('messages', 'read', id, '--reason', 'ticket 5')).toEqual({
    message_id: message.message_id,
    text: 'for nobody',
  })
  expect(await newest()).toMatchObject({
    action: 'message.read',
    subject: message.message_id,
    reason: 'ticket 5',
  })
  expect(await numlet('messages', 'read', '999', '--reason', 'r')).toMatchObject({ code: 1 })
})

it('audits: exit 0 and ok, then exit 1 and what is wrong', async () => {
  const good = await numlet('audit', '--json')
  expect(good.code).toBe(0)
  expect(jsonOf(good)).toMatchObject({ ok: true, mode: 'full', since: null })
  expect((await numlet('audit', '--full')).stderr).toBe('Everything was checked.\n')
  for (const check of jsonOf(good).checks)
    expect(check).toEqual({ name: expect.any(String), ok: true, detail: expect.any(String) })
  await db.query(`update ledger_accounts set balance = balance + 1 where kind = 'customer'`)
  const bad = await numlet('audit', '--json')
  expect(bad.code).toBe(1)
  expect(jsonOf(bad).ok).toBe(false)
  expect(bad.stderr).toMatch(/^\d+ of \d+ checks failed\.\n$/)
  const table = await numlet('audit')
  expect(table.code).toBe(1)
  expect(table.stdout).toMatch(/^WRONG +balances-match-history/m)
})
