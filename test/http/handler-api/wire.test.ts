// handler_api on the wire: where parameters and keys may stand, who may come in, and what is kept of it.
import { readFileSync } from 'node:fs'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../src/core/accounts/access.ts'
import { createKey, revokeKey } from '../../../src/core/accounts/keys.ts'
import { throwAsDatabaseError } from '../../../src/db/errors.ts'
import { actions } from '../../../src/dialects/handler-api/reference.ts'
import { buildServer } from '../../../src/roles.ts'
import { sendRaw } from '../../harness/raw.ts'
import { call } from '../../harness/server.ts'
import { stateOf } from '../../harness/state.ts'
import { handlerServer, path } from './asking.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('handler_api', async () => {
  const { server, customer } = await handlerServer()
  const { key, accountId, ask, text } = await customer({ credit: '50.3' })
  const balance = 'ACCESS_BALANCE:50.30'
  const send = (
    method: string,
    at: string,
    body?: string,
    headers: Record<string, string | string[]> = {},
  ) => sendRaw(server, { method, path: at, body, headers })

  it('takes its parameters and its key from the query, a form or JSON', async () => {
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

  it('takes its key from a header', async () => {
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

  it('answers bare text with 200, and keeps nobody’s answers', async () => {
    const { status, headers, body } = await ask('getBalance')
    expect({ status, body }).toEqual({ status: 200, body: balance })
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-store')
    const refused = await ask('getNumber', { service: 'zzzz' })
    expect(refused).toMatchObject({ status: 200, body: 'BAD_SERVICE' })
    expect(refused.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(refused.headers.get('cache-control')).toBe('no-store')
  })

  it('knows no other action, in whatever letters', async () => {
    for (const action of [
      '',
      'nothing',
      'getbalance',
      '__proto__',
      'constructor',
      'toString',
      '%00',
    ])
      expect(await text(action)).toBe('BAD_ACTION')
    expect((await send('GET', `${path}?api_key=${key}`)).body).toBe('BAD_ACTION')
    expect((await send('POST', `${path}?api_key=${key}`)).body).toBe('BAD_ACTION')
  })

  it('answers every action that the reference lists', async () => {
    for (const action of Object.keys(actions)) expect(await text(action)).not.toBe('BAD_ACTION')
  })

  it('says BAD_KEY to whatever is no key for it', async () => {
    const other = await createKey(server.db, new Date(), {
      accountId,
      scopes: ['read', 'buy', 'manage'],
    })
    const revoked = await createKey(server.db, new Date(), { accountId, scopes: ['handler-api'] })
    await revokeKey(server.db, new Date(), revoked.apiKey.id, null)
    await settle()
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

  it('has keys that open nothing else', async () => {
    for (const at of ['/v1/balance', '/whichotp/api/v1/balance', '/otpwall/v1/balance'])
      expect((await call(server, key, 'GET', at)).status).toBe(403)
    const { body } = await call(server, key, 'GET', `/v1/balance?api_key=${key}`)
    expect(body).toMatchObject({ code: 'forbidden' })
  })

  it('says ACCOUNT_INACTIVE to a suspended account', async () => {
    const who = await customer()
    await server.db.query(`update accounts set state = 'suspended' where id = $1`, [who.accountId])
    await settle()
    expect(await who.text('getBalance')).toBe('ACCOUNT_INACTIVE')
  })

  it('buys nothing for a HEAD, and once for a repeated request with a key for it', async () => {
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

  it('refuses what is too much or of another kind', async () => {
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

  it('says ERROR_SQL while the database is away, and for a fault of ours', async () => {
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

  it('writes no query into its log', async () => {
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

  it('has a README that names each of its actions', () => {
    const readme = readFileSync('src/dialects/handler-api/README.md', 'utf8')
    const silent = Object.keys(actions).filter((action) => !readme.includes(`\`${action}`))
    expect(silent).toEqual([])
  })
})
