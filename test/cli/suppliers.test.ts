// `numlet suppliers`: adding suppliers of every kind, their settings, and what is never shown.
import { describe, expect, it } from 'vitest'
import { supplierKinds } from '../../src/supply/kinds.ts'
import { testKey } from '../harness/database.ts'
import { sendRaw } from '../harness/raw.ts'
import { testServer } from '../harness/server.ts'
import { allSamples } from '../supply/samples/all.ts'
import { authToken, form as twilio } from '../supply/samples/twilio.ts'
import { pathOf, publicUrl, webhookOf } from '../supply/webhook-server.ts'
import { insideOn } from './inside.ts'
import { jsonOf, numletOn } from './program.ts'

const newKey = Buffer.alloc(32, 'a newer key').toString('base64')

describe('numlet suppliers', async () => {
  const server = await testServer({ env: { NUMLET_PUBLIC_URL: publicUrl } })
  const { db, app, databaseUrl } = server
  const env = { NUMLET_ENCRYPTION_KEY: testKey, NUMLET_PUBLIC_URL: publicUrl }
  const numlet = insideOn(databaseUrl, env)
  const suppliers = (...args: string[]) => numlet('suppliers', ...args, '--json')
  let sent = 0
  const send = async (name: string) => {
    const message = { ref: `SM${++sent}`, phone: '+12015550107', sender: 'Acme', text: 'code 1234' }
    const request = await twilio.request(webhookOf(name), app.now(), message)
    return (await sendRaw(server, { ...request, path: pathOf(request) })).status
  }
  const storedSecrets = async () => {
    const rows = await db.query<{ secrets: Record<string, string> }>(
      'select secrets from suppliers order by id',
    )
    return rows.flatMap(({ secrets }) => Object.values(secrets))
  }

  it('adds a supplier that posts JSON, and shows its secret this once', async () => {
    const made = jsonOf(await suppliers('add', 'hook', '--kind', 'http-callback'))
    expect(made).toEqual({
      ...{ name: 'hook', kind: 'http-callback' },
      secret: expect.stringMatching(/^nls_\w{40}$/),
      inbound_url: `${publicUrl}/api/callback`,
    })
    const alias = await suppliers('create', '--kind', 'http-callback', '--name', 'old-hook')
    expect(Object.keys(jsonOf(alias))).toEqual(Object.keys(made))
  })

  it.each(
    supplierKinds.flatMap((kind) => {
      const sample = allSamples.find((one) => one.kind === kind)
      return sample ? [[kind.name, kind, sample] as const] : []
    }),
  )('adds, shows and tests a supplier of the kind %s', async (name, kind, { settings }) => {
    const given = Object.entries(settings).flatMap(([key, value]) => [
      '--secret',
      `${key}=${value}`,
    ])
    const made = await suppliers('add', `my-${name}`, '--kind', name, ...given)
    const inbound_url = webhookOf(`my-${name}`)
    expect(jsonOf(made)).toEqual({ name: `my-${name}`, kind: name, inbound_url })
    const shown = jsonOf(await suppliers('show', `my-${name}`))
    expect(shown).toMatchObject({ state: 'on', has_secret: false, inbound_url, unreadable: 0 })
    expect(Object.keys(shown.settings)).toEqual(kind.settings.map(({ key }) => key))
    const tested = await suppliers('test', `my-${name}`)
    expect([tested.code, jsonOf(tested)]).toMatchObject([0, { ok: true }])
    expect(jsonOf(tested).not_checked).not.toEqual([])
    const secrets = kind.settings.flatMap(({ key, isSecret }) =>
      isSecret ? [settings[key] ?? ''] : [],
    )
    const others = [await numlet('log', '--json'), await suppliers('list')]
    for (const { stdout, stderr } of [made, { ...tested }, ...others])
      for (const secret of secrets.filter(Boolean)) expect(stdout + stderr).not.toContain(secret)
    for (const secret of secrets.filter(Boolean))
      expect(JSON.stringify([shown, await storedSecrets()])).not.toContain(secret)
  })

  it('takes messages at once at the URL that it printed', async () => {
    expect(await send('my-twilio')).toBe(200)
    await app.refresh()
    const shown = jsonOf(await suppliers('show', 'my-twilio'))
    expect(shown).toMatchObject({ messages_24h: 1, refused_24h: 0 })
    expect(shown.last_message_at).not.toBeNull()
  })

  it('names all that is wrong at once, and explains the settings of the kind', async () => {
    const before = jsonOf(await suppliers('list'))
    const args = ['--set', 'colour=blue', 'signature_method=rot13', '--set', 'max_age_s=1']
    const wrong = await suppliers('add', 'x', '--kind', 'vonage', ...args, '--set', 'max_age_s=2')
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    for (const words of [
      'colour is not a setting of the kind vonage.',
      /^signature_method must be one of md5hash/m,
      'max_age_s is given twice.',
      'signature_secret is missing.',
      /^ {2}signature_secret \(secret, required\): Signature secret\. /m,
    ])
      expect(wrong.stderr).toMatch(words)
    const key = await suppliers('add', 'x', '--kind', 'telnyx', '--set', 'public_key=short')
    expect(key).toMatchObject({ code: 1, stdout: '' })
    expect(key.stderr).toContain('public_key must be')
    expect(await suppliers('add', 'x', '--kind', 'http-callback', '--set', 'a=b')).toMatchObject({
      stderr:
        'a is not a setting of the kind http-callback.\nThe kind http-callback has no settings.\n',
    })
    const unknown = await suppliers('add', 'x', '--kind', 'magic')
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toContain('http-callback, twilio')
    expect((await suppliers('add', '--kind', 'twilio')).code).toBe(2)
    expect((await suppliers('add', 'x', '--kind', 'twilio', '--set', 'no value')).code).toBe(2)
    expect(jsonOf(await suppliers('list'))).toEqual(before)
  })

  it('reads a secret from standard input', async () => {
    const program = numletOn(databaseUrl)
    const add = ['suppliers', 'add', 'piped', '--kind', 'twilio', '--secret', 'auth_token=-']
    const made = await program([...add, '--json'], `${authToken}\n`, env)
    expect(jsonOf(made)).toMatchObject({ name: 'piped' })
    expect(await send('piped')).toBe(200)
  })

  it('changes settings, takes optional ones away, and keeps the rest', async () => {
    const other = 'another-token-of-thirty-two-bytes'
    const changed = jsonOf(await suppliers('set', 'my-twilio', '--secret', `auth_token=${other}`))
    expect(changed.settings).toMatchObject({ auth_token: 'set', shared_key: 'set' })
    expect(await send('my-twilio')).toBe(401)
    await suppliers('set', 'my-twilio', '--secret', `auth_token=${authToken}`)
    expect(await send('my-twilio')).toBe(200)
    const less = jsonOf(await suppliers('set', 'my-twilio', '--set', 'shared_key='))
    expect(less.settings).toMatchObject({ auth_token: 'set', shared_key: 'not set' })
    const refused = await suppliers('set', 'my-twilio', '--set', 'auth_token=')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('auth_token is missing.')
    expect((await suppliers('set', 'my-twilio')).code).toBe(2)
    expect((await suppliers('set', 'nobody', '--set', 'a=b')).stderr).toContain(
      'no supplier nobody',
    )
  })

  it('pauses and resumes, and has no secret to rotate where the vendor has given it', async () => {
    expect(jsonOf(await suppliers('pause', 'my-twilio')).state).toBe('paused')
    expect(await send('my-twilio')).toBe(200)
    expect(jsonOf(await suppliers('resume', 'my-twilio')).state).toBe('on')
    expect(jsonOf(await suppliers('disable', 'my-twilio')).state).toBe('off')
    expect(await send('my-twilio')).toBe(403)
    expect(await suppliers('test', 'my-twilio')).toMatchObject({ code: 1 })
    expect(jsonOf(await suppliers('enable', 'my-twilio')).state).toBe('on')
    const rotated = await suppliers('rotate', 'my-twilio')
    expect(rotated).toMatchObject({ code: 1, stdout: '' })
    expect(rotated.stderr).toContain('suppliers set')
  })

  it('encrypts secrets, and encrypts them again with a new key', async () => {
    const before = await storedSecrets()
    expect(before.length).toBeGreaterThan(3)
    for (const one of before) expect(one).toMatch(/^sealed:/)
    const both = { ...env, NUMLET_ENCRYPTION_KEY: `${newKey},${testKey}` }
    const rekey = () => insideOn(databaseUrl, both)('suppliers', 'rekey', '--json')
    expect(jsonOf(await rekey()).sealed).toBe(before.length)
    expect(jsonOf(await rekey()).sealed).toBe(0)
    for (const one of await storedSecrets()) expect(before).not.toContain(one)
    const withNew = insideOn(databaseUrl, { ...env, NUMLET_ENCRYPTION_KEY: newKey })
    expect(jsonOf(await withNew('suppliers', 'test', 'my-twilio', '--json')).ok).toBe(true)
    const withOld = await suppliers('test', 'my-twilio')
    expect(withOld.code).toBe(1)
    expect(jsonOf(withOld).checks).toContainEqual({
      ...{ name: 'auth_token', ok: false },
      detail: 'cannot be decrypted: NUMLET_ENCRYPTION_KEY lacks its key',
    })
  })

  it('shows requests that could not be read only for a reason', async () => {
    await db.query(
      `insert into inbound_requests (supplier_id, received_at, method, query, headers, body, due_at,
         state, reason)
       select id, now(), 'POST', 'a=1', '{}', $1, now(), 'unreadable', 'no text' from suppliers
        where name = 'my-plivo'`,
      [Buffer.from('Text=a+secret+text')],
    )
    const listed = await suppliers('unreadable', 'my-plivo')
    const [one] = jsonOf(listed)
    expect(one).toMatchObject({ state: 'unreadable', reason: 'no text', method: 'POST', bytes: 21 })
    expect(listed.stdout).not.toContain('secret')
    const id = String(one.request)
    expect((await suppliers('read', 'my-plivo', id)).code).toBe(2)
    const read = await suppliers('read', 'my-plivo', id, '--reason', 'a new format?')
    expect(jsonOf(read)).toMatchObject({ query: 'a=1', body: 'Text=a+secret+text' })
    expect(jsonOf(await suppliers('reread', 'my-plivo'))).toEqual({ name: 'my-plivo', requests: 1 })
    expect(jsonOf(await suppliers('unreadable', 'my-plivo'))).toEqual([])
    const log = await numlet('log', '--json')
    expect(log.stdout).toContain('supplier.read')
    expect(log.stdout).not.toContain('secret+text')
  })
})
