// Requests to handler_api: parameters, keys, methods, limits and logs.
import { readFileSync } from 'node:fs'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { revocationKnown } from '../../../src/core/accounts/access.ts'
import { createKey, revokeKey } from '../../../src/core/accounts/keys.ts'
import { throwAsDatabaseError } from '../../../src/db/errors.ts'
import { actions } from '../../../src/dialects/handler-api/actions.ts'
import { buildServer } from '../../../src/roles.ts'
import { sendRaw } from '../../harness/raw.ts'
import { call, type Reply, serverOn } from '../../harness/server.ts'
import { stateOf } from '../../harness/state.ts'
import { keepFewOffers } from '../../harness/stock.ts'
import { handlerServer, path } from './asking.ts'

/** The status and type of a response, and whether it is text. */
const kindOf = ({ status, headers, body }: Reply<unknown>) => ({
  status,
  type: headers.get('content-type'),
  kind: typeof body,
})

const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('handler_api', async () => {
  const { server, customer } = await handlerServer()
  await keepFewOffers(server.db)
  const { key, accountId, ask, text } = await customer({ credit: '50.3' })
  const balance = 'ACCESS_BALANCE:50.30'
  const send = (
    method: string,
    at: string,
    body?: string,
    headers: Record<string, string | string[]> = {},
  ) => sendRaw(server, { method, path: at, body, headers })

  it('accepts parameters and the key in the query, a form or JSON', async () => {
    const query = `api_key=${key}&action=getBalance`
    for (const at of [path, '/stubs/handler_api', `${path}/`]) {
      expect((await send('GET', `${at}?${query}`)).body).toBe(balance)
      expect((await send('POST', `${at}?${query}`)).body).toBe(balance)
      expect((await send('POST', at, query, form)).body).toBe(balance)
      const json = JSON.stringify({ api_key: key, action: 'getBalance' })
      expect((await send('POST', at, json, { 'content-type': 'application/json' })).body).toBe(
        balance,
      )
    }
    expect((await send('POST', `${path}?${query}`, '', form)).body).toBe(balance)
    // PHP posts a list of fields as multipart; others name some type although there is no body.
    const parts = new FormData()
    parts.set('api_key', key)
    parts.set('action', 'getBalance')
    parts.set('file', new Blob(['nothing']), 'a.txt')
    const posted = new Response(parts)
    const multipart = { 'content-type': posted.headers.get('content-type') as string }
    expect((await send('POST', path, await posted.text(), multipart)).body).toBe(balance)
    for (const type of ['text/plain;charset=UTF-8', multipart['content-type']])
      expect((await send('POST', `${path}?${query}`, '', { 'content-type': type })).body).toBe(
        balance,
      )
    expect((await send('POST', `${path}?${query}`, 'x', multipart)).status).toBe(400)
    // What the body says comes before what the query says.
    const other = await send('POST', `${path}?${query}`, 'action=getNumbersStatus', form)
    expect(other.headers.get('content-type')).toMatch(/^application\/json/)
  })

  it('accepts the key in a header', async () => {
    const forms: Record<string, string>[] = [
      { authorization: `ApiKey ${key}` },
      { authorization: `apikey ${key}` },
      { authorization: `Bearer ${key}` },
      { 'x-apikey': key },
    ]
    for (const headers of forms) {
      expect((await send('GET', `${path}?action=getBalance`, undefined, headers)).body).toBe(
        balance,
      )
      const posted = await send('POST', path, 'action=getBalance', { ...headers, ...form })
      expect(posted.body).toBe(balance)
    }
  })

  it('responds in plain text with 200, and forbids caching', async () => {
    const { status, headers, body } = await ask('getBalance')
    expect({ status, body }).toEqual({ status: 200, body: balance })
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-store')
    const refused = await ask('getNumber', { service: 'zzzz' })
    expect(refused).toMatchObject({ status: 200, body: 'BAD_SERVICE' })
    expect(refused.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(refused.headers.get('cache-control')).toBe('no-store')
  })

  it('refuses an unknown action', async () => {
    for (const action of [
      '',
      'nothing',
      'getbalances',
      '__proto__',
      'constructor',
      'toString',
      '%00',
    ])
      expect(await text(action)).toBe('BAD_ACTION')
    expect((await send('GET', `${path}?api_key=${key}`)).body).toBe('BAD_ACTION')
    expect((await send('POST', `${path}?api_key=${key}`)).body).toBe('BAD_ACTION')
  })

  it('accepts every action that the reference lists, in any case', async () => {
    for (const action of Object.keys(actions)) {
      const usual = await ask(action)
      expect(usual.body).not.toBe('BAD_ACTION')
      for (const name of [action.toLowerCase(), action.toUpperCase()])
        expect({ action, ...kindOf(await ask(name)) }).toEqual({ action, ...kindOf(usual) })
    }
    const body = `api_key=${key}&action=GetBalance`
    expect((await send('POST', path, body, form)).body).toBe(balance)
  })

  it('refuses rentals in JSON and counts whole lists more, whatever the case of the action', async () => {
    for (const action of ['getRentStatus', 'GETRENTSTATUS', 'getrentstatus'])
      expect((await ask(action, { id: 1 })).body).toEqual({
        status: 'error',
        message: 'NO_ID_RENT',
      })
    const limited = await serverOn(server.databaseUrl, { NUMLET_RATE_LIMIT: '60' })
    const leftAfter = async (action: string) => {
      const at = `${path}?api_key=${key}&action=${action}`
      const { headers } = await call<unknown>(limited, null, 'GET', at)
      return Number(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])
    }
    const before = await leftAfter('getBalance')
    expect(before - (await leftAfter('GETPRICES'))).toBe(10)
  })

  it('returns BAD_KEY for every other key', async () => {
    const other = await createKey(server.db, new Date(), {
      accountId,
      scopes: ['read', 'buy', 'manage'],
    })
    const revoked = await createKey(server.db, new Date(), { accountId, scopes: ['handler-api'] })
    await revokeKey(server.db, new Date(), revoked.apiKey.id, null)
    await revocationKnown()
    const elsewhere = await createKey(server.db, new Date(), {
      accountId,
      scopes: ['handler-api'],
      allowedIps: ['192.0.2.0/24'],
    })
    for (const wrong of ['', 'x', key.slice(1), other.key, revoked.key, elsewhere.key, `${key}0`]) {
      const query = `api_key=${wrong}&action=getBalance`
      for (const reply of [
        await send('GET', `${path}?${query}`),
        await send('POST', path, query, form),
        await send('GET', `${path}?action=getBalance`, undefined, { 'x-apikey': wrong }),
      ])
        expect(reply).toMatchObject({ status: 200, body: 'BAD_KEY' })
    }
    const twice = `${path}?api_key=${key}&api_key=${key}&action=getBalance`
    expect((await send('GET', twice)).body).toBe('BAD_KEY')
  })

  it('has keys that give access to nothing else', async () => {
    for (const at of ['/v1/balance', '/whichotp/api/v1/balance', '/otpwall/v1/balance'])
      expect((await call(server, key, 'GET', at)).status).toBe(403)
    const { body } = await call(server, key, 'GET', `/v1/balance?api_key=${key}`)
    expect(body).toMatchObject({ code: 'forbidden' })
  })

  it('returns ACCOUNT_INACTIVE for a suspended account', async () => {
    const who = await customer()
    await server.db.query(`update accounts set state = 'suspended' where id = $1`, [who.accountId])
    await revocationKnown()
    expect(await who.text('getBalance')).toBe('ACCOUNT_INACTIVE')
  })

  it('buys nothing for HEAD, and once for each Idempotency-Key', async () => {
    const query = `${path}?api_key=${key}&action=getNumber&service=wa&country=187`
    const before = await stateOf(server.db)
    expect(await send('HEAD', query)).toMatchObject({ status: 405, body: '' })
    expect(await stateOf(server.db)).toEqual(before)
    const once = { 'idempotency-key': 'once' }
    const first = await send('GET', query, undefined, once)
    const again = await send('GET', query, undefined, once)
    expect(again.body).toBe(first.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.headers.get('x-price')).toBe(null)
    const other = query.replace('service=wa', 'service=tg')
    expect(await send('GET', other, undefined, once)).toMatchObject({
      status: 422,
      body: 'ORDER_ALREADY_EXISTS',
    })
  })

  it('refuses requests that are too large or of another type', async () => {
    const query = `api_key=${key}&action=getBalance`
    const asked = (body: string, type: string) =>
      send('POST', `${path}?${query}`, body, { 'content-type': type })
    expect(await asked('{"half":', 'application/json')).toMatchObject({
      status: 400,
      body: 'BAD_REQUEST',
    })
    expect(await asked('<a/>', 'application/xml')).toMatchObject({ status: 415 })
    expect(await asked(`a=${'x'.repeat(200_000)}`, form['content-type'])).toMatchObject({
      status: 413,
      body: 'PAYLOAD_TOO_LARGE',
    })
    for (const body of [
      `service=${'x'.repeat(1_001)}`,
      Array.from({ length: 60 }, (_, i) => `p${i}=1`).join('&'),
    ])
      expect(await asked(body, form['content-type'])).toMatchObject({
        status: 200,
        body: 'UNPROCESSABLE_ENTITY',
      })
    expect(await asked('{"service":{"a":1}}', 'application/json')).toMatchObject({
      body: 'UNPROCESSABLE_ENTITY',
    })
    for (const body of ['[]', 'null', '5', '"getNumber"'])
      expect((await asked(body, 'application/json')).body).toMatch(/^ACCESS_BALANCE/)
    expect(await send('DELETE', `${path}?${query}`)).toMatchObject({
      status: 405,
      body: 'METHOD_NOT_ALLOWED',
    })
    expect(await send('GET', `/stubs/other.php?${query}`)).toMatchObject({
      status: 404,
      body: 'NOT_FOUND',
    })
  })

  it('returns ERROR_SQL while the database is unavailable, and for an internal error', async () => {
    const query = `${path}?api_key=${key}&action=getBalance`
    const answerTo = async (fail: () => never) => {
      const failing = async () => fail()
      const broken = buildServer({
        ...server.app,
        keys: { ...server.app.keys, recognise: failing },
      })
      const { statusCode, body, headers } = await broken.inject(query)
      await broken.close()
      return { status: statusCode, body, retryAfter: headers['retry-after'] }
    }
    const away = Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
    expect(await answerTo(() => throwAsDatabaseError(away))).toEqual({
      status: 200,
      body: 'ERROR_SQL',
      retryAfter: '2',
    })
    const fault = () => {
      throw new Error('a secret')
    }
    expect(await answerTo(fault)).toMatchObject({ status: 500, body: 'ERROR_SQL' })
  })

  it('logs no query', async () => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line) => lines.push(line) })
    const loud = buildServer({ ...server.app, log })
    await loud.inject(`${path}?api_key=${key}&action=getBalance`)
    await loud.inject(`${path}?api_key=${key}&action=getNumber&service=secretly`)
    await loud.inject(`${path}?api_key=nonsense&action=getBalance`)
    await loud.close()
    expect(lines.length).toBeGreaterThanOrEqual(3)
    const all = lines.join('')
    for (const secret of [key, 'api_key', 'secretly', 'nonsense']) expect(all).not.toContain(secret)
  })

  it('has a README that names each action', () => {
    const readme = readFileSync('src/dialects/handler-api/README.md', 'utf8')
    const silent = Object.keys(actions).filter((action) => !readme.includes(`\`${action}`))
    expect(silent).toEqual([])
  })
})
