// DaisySMS's batches: several numbers in one request, with a URL for the message of each.
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { revocationKnown } from '../../../src/core/accounts/access.ts'
import { suspendAccount } from '../../../src/core/accounts/accounts.ts'
import { vaultSource } from '../../../src/core/vault/keys.ts'
import { resultLinks } from '../../../src/dialects/handler-api/links.ts'
import { keyStore } from '../../../src/key-store.ts'
import { buildServer } from '../../../src/roles.ts'
import { sendRaw } from '../../harness/raw.ts'
import { call, serverOn } from '../../harness/server.ts'
import { stateOf } from '../../harness/state.ts'
import { type Customer, handlerServer } from './asking.ts'

const lineForm =
  /^(1\d{10})----(http:\/\/127\.0\.0\.1:\d+(\/stubs\/multi\/result\/(\d+)-[\w-]{22}))$/

type Line = {
  readonly phone: string
  readonly url: string
  readonly path: string
  readonly id: string
}

describe('a batch of handler_api', async () => {
  const { server, receive, customer } = await handlerServer()
  const ask = (who: Customer, params: object = {}) => {
    const wanted = { apikey: who.key, service: 'wa', country: 187, ...params }
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(wanted)) query.set(name, String(value))
    return call<unknown>(server, null, 'GET', `/stubs/multi/reserve?${query}`)
  }
  const reserve = async (who: Customer, params: object = {}): Promise<Line[]> =>
    String((await ask(who, params)).body)
      .split('\n')
      .map((line) => {
        const [, phone = '', url = '', path = '', id = ''] = lineForm.exec(line) ?? [line]
        return { phone, url, path, id }
      })
  const show = async (line: Line) => (await call<unknown>(server, null, 'GET', line.path)).body

  it('returns a line for each number and charges for each', async () => {
    const who = await customer()
    const { status, headers, body } = await ask(who, { count: 3 })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    expect(headers.get('cache-control')).toBe('no-store')
    const lines = String(body).split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatch(lineForm)
    expect(new Set(lines.map((line) => line.split('----', 1)[0])).size).toBe(3)
    expect(await who.balance()).toBeCloseTo(100 - 3 * Number(headers.get('x-price')))
    expect(await reserve(who)).toHaveLength(1)
  })

  it('shows the message of each number at its own URL, without a key', async () => {
    const who = await customer()
    const [first, second] = (await reserve(who, { count: 2 })) as [Line, Line]
    expect(await show(first)).toBe('WAITING')
    await receive(first.phone, 'Your WhatsApp code:\n593-821')
    const shown = await fetch(first.url)
    expect(shown.headers.get('content-type')).toMatch(/^application\/json/)
    expect(shown.headers.get('cache-control')).toBe('no-store')
    expect(await shown.text()).toBe(
      '{"code":200,"message":"success","data":"Your WhatsApp code:\\n593-821"}',
    )
    expect(await show(second)).toBe('WAITING')
    // They are activations like all others.
    expect(await who.text('getStatus', { id: first.id })).toBe('STATUS_OK:593821')
    expect(await who.text('setStatus', { id: first.id, status: 3 })).toBe('ACCESS_RETRY_GET')
    expect(await show(first)).toBe('WAITING')
    await receive(first.phone, 'Your WhatsApp code: 111-222')
    expect(await show(first)).toMatchObject({ data: 'Your WhatsApp code: 111-222' })
    server.advance(121)
    expect(await who.text('setStatus', { id: second.id, status: 8 })).toBe('ACCESS_CANCEL')
    expect(await show(second)).toBe('STATUS_CANCEL')
  })

  it('accepts the key in all forms, and POST', async () => {
    const who = await customer()
    const at = '/stubs/multi/reserve'
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const posted = (body: string, headers = {}) =>
      sendRaw(server, { method: 'POST', path: at, body, headers: { ...form, ...headers } })
    for (const name of ['apikey', 'api_key'])
      expect((await posted(`${name}=${who.key}&service=wa&country=187`)).body).toMatch(lineForm)
    const header = { 'x-apikey': who.key }
    expect((await posted('service=wa&country=187', header)).body).toMatch(lineForm)
    for (const wrong of ['', 'x', who.key.slice(1)])
      expect(await ask({ ...who, key: wrong })).toMatchObject({ status: 200, body: 'BAD_KEY' })
    const query = `${at}?apikey=${who.key}&service=wa&country=187`
    expect(await sendRaw(server, { method: 'HEAD', path: query })).toMatchObject({ status: 405 })
  })

  it('refuses with DaisySMS’s tokens, and sells nothing then', async () => {
    const who = await customer()
    const poor = await customer({ credit: '0.50' })
    const limited = await customer()
    await server.db.query('update accounts set max_open_orders = 2 where id = $1', [
      limited.accountId,
    ])
    const cases: [Customer, object, string][] = [
      [who, { count: 2, max_price: '0.001' }, 'MAX_PRICE_EXCEEDED'],
      [who, { maxPrice: 'cheap' }, 'MAX_PRICE_EXCEEDED'],
      [who, { areas: '999' }, 'NO_NUMBERS'],
      [who, { service: 'zzzz' }, 'BAD_SERVICE'],
      [who, { service: '' }, 'BAD_SERVICE'],
      [who, { country: 'Atlantis' }, 'BAD_COUNTRY'],
      [poor, { count: 20 }, 'NO_MONEY'],
      [limited, { count: 3 }, 'TOO_MANY_ACTIVE_RENTALS'],
      ...['0', '-1', '21', '1.5', 'x', '1e1', '٣'].map((count): [Customer, object, string] => [
        who,
        { count },
        'UNPROCESSABLE_ENTITY',
      ]),
    ]
    const before = await stateOf(server.db)
    for (const [one, params, token] of cases)
      expect(await ask(one, params)).toMatchObject({ status: 200, body: token })
    expect(await stateOf(server.db)).toEqual(before)
    const hero = await customer({ errorForm: 'hero' })
    expect(await ask(hero, { max_price: '0.001' })).toMatchObject({
      status: 400,
      body: { title: 'WRONG_MAX_PRICE', info: { min: expect.any(Number) } },
    })
  })

  it('sells all of the numbers or none', async () => {
    const who = await customer()
    const [{ id } = { id: 0 }] = await server.db.query<{ id: number }>(
      `select o.id from offers o join services s on s.id = o.service_id
        where s.slug = 'whatsapp' and o.kind = 'activation' and o.country = 'GB' limit 1`,
    )
    await server.db.query(
      `update stock set remaining = case when offer_id = $1 then 2 else 0 end
        where country = 'GB' and remaining > 0`,
      [id],
    )
    const [left] = await server.db.query<{ numbers: number }>(
      `select coalesce(sum(remaining), 0)::int as numbers from stock where offer_id = $1`,
      [id],
    )
    const numbers = left?.numbers ?? 0
    expect(numbers).toBeGreaterThan(0)
    expect((await ask(who, { country: 16, count: numbers + 1 })).body).toBe('NO_NUMBERS')
    expect(await who.balance()).toBe(100)
    const sold = String((await ask(who, { country: 16, count: numbers })).body).split('\n')
    expect(sold).toHaveLength(numbers)
  })

  it('is sold once for an Idempotency-Key, and returns the same URLs again', async () => {
    const who = await customer()
    const query = 'service=wa&country=187&count=2'
    const send = (name: string, wanted = query) =>
      call<unknown>(
        server,
        null,
        'GET',
        `/stubs/multi/reserve?${name}=${who.key}&${wanted}`,
        undefined,
        { 'idempotency-key': 'a-batch' },
      )
    const first = await send('apikey')
    const again = await send('api_key')
    expect(first.body).toMatch(/\n/)
    expect(again.body).toBe(first.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await send('apikey', `${query}&areas=212`)).toMatchObject({ status: 422 })
    const mine = { count: 2, orderId: 'my batch' }
    expect(await reserve(who, mine)).toHaveLength(2)
    expect((await ask(who, mine)).body).toBe('ORDER_ALREADY_EXISTS')
  })

  it('has URLs that cannot be guessed and that expire', async () => {
    const who = await customer()
    const [mine, other] = (await reserve(who, { count: 2 })) as [Line, Line]
    const bought = await who.text('getNumber', { service: 'wa', country: 187 })
    const [, plain] = bought.split(':')
    await receive(mine.phone, 'Your WhatsApp code: 593-821')
    const mark = mine.path.split('-').slice(1).join('-')
    const changed = `${mark[0] === 'A' ? 'B' : 'A'}${mark.slice(1)}`
    const before = await stateOf(server.db)
    for (const token of [
      `${mine.id}-${changed}`,
      `${other.id}-${mark}`,
      `${plain}-${mark}`,
      `0${mine.id}-${mark}`,
      `${mine.id}-${mark}A`,
      `${mine.id}-${mark.slice(1)}`,
      `${'9'.repeat(19)}-${mark}`,
      `-1-${mark}`,
      mine.id,
      'x',
      '%00',
      `1-${'.'.repeat(22)}`,
      'a'.repeat(200),
    ])
      expect(await call(server, null, 'GET', `/stubs/multi/result/${token}`)).toMatchObject({
        status: 200,
        body: 'NO_ACTIVATION',
      })
    for (const path of ['/stubs/multi/result', '/stubs/multi/result/', '/stubs/multi'])
      expect(await call(server, null, 'GET', path)).toMatchObject({ status: 404 })
    expect(await stateOf(server.db)).toEqual(before)
    expect(await show(mine)).toMatchObject({ code: 200 })
    server.advance(24 * 3_600 + 1_199)
    expect(await show(mine)).toMatchObject({ code: 200 })
    server.advance(2)
    expect(await show(mine)).toBe('NO_ACTIVATION')
  })

  it('shows nothing of a suspended account', async () => {
    const who = await customer()
    const [line] = (await reserve(who)) as [Line]
    await suspendAccount(server.db, who.accountId, true)
    await revocationKnown()
    expect(await show(line)).toBe('ACCOUNT_INACTIVE')
    await suspendAccount(server.db, who.accountId, false)
    expect(await show(line)).toBe('WAITING')
  })

  it('has the same URLs on every server, also without an encryption key', async () => {
    const who = await customer()
    const [line] = (await reserve(who)) as [Line]
    const beside = await serverOn(server.databaseUrl)
    beside.advance((server.app.now().getTime() - beside.app.now().getTime()) / 1000)
    expect((await call(beside, null, 'GET', line.path)).body).toBe('WAITING')
    const without = await serverOn(server.databaseUrl, { NUMLET_ENCRYPTION_KEY: '' })
    const { app } = without
    const order = await app.orders.read(who.accountId, BigInt(line.id))
    const bare = { ...app, config: { ...app.config, databaseUrl: server.databaseUrl } }
    const links = resultLinks({ ...bare, now: server.app.now })
    const token = (await links.teller())(order)
    expect(token).toMatch(/^\d+-[\w-]{22}$/)
    expect(line.path).not.toContain(token)
    expect((await links.orderOf(token)).id).toBe(order.id)
    await expect(links.orderOf(line.path.split('/').at(-1) ?? '')).rejects.toMatchObject({
      code: 'order_not_found',
    })
  })

  it('is not sold if its URLs cannot be created', async () => {
    const who = await customer()
    const nowhere = keyStore({ given: null, dataDir: '/dev/null/nowhere' })
    const vaultFor = (purpose: string) => vaultSource(nowhere, purpose)
    const broken = buildServer({ ...server.app, vaultFor })
    const before = await stateOf(server.db)
    const at = `/stubs/multi/reserve?apikey=${who.key}&service=wa&country=187`
    const { statusCode, body } = await broken.inject(at)
    await broken.close()
    expect({ statusCode, body }).toEqual({ statusCode: 500, body: 'ERROR_SQL' })
    expect(await stateOf(server.db)).toEqual(before)
  })

  it('has URLs on the public origin of the platform', async () => {
    const env = { NUMLET_PUBLIC_URL: 'https://numlet.example/' }
    const { customer: ofPublic, server: there } = await handlerServer(env)
    const { key } = await ofPublic()
    const path = `/stubs/multi/reserve?apikey=${key}&service=wa&country=187`
    expect((await call<string>(there, null, 'GET', path)).body).toMatch(
      /^1\d{10}----https:\/\/numlet\.example\/stubs\/multi\/result\/\d+-[\w-]{22}$/,
    )
  })

  it('logs no key, token or number', async () => {
    const who = await customer()
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (one) => lines.push(one) })
    const loud = buildServer({ ...server.app, log })
    const at = `/stubs/multi/reserve?apikey=${who.key}&service=wa&country=187`
    const [phone = '', url = ''] = (await loud.inject(at)).body.split('----')
    const path = new URL(url).pathname
    expect((await loud.inject(path)).body).toBe('WAITING')
    expect((await loud.inject(`${path}0`)).body).toBe('NO_ACTIVATION')
    await loud.close()
    expect(lines.length).toBeGreaterThanOrEqual(3)
    const all = lines.join('')
    const secrets = [who.key, 'apikey', phone, path.split('/').at(-1) ?? '']
    for (const secret of secrets) expect(all).not.toContain(secret)
  })
})
