// Endpoints of webhooks from the command line: what an operator sees, and the way to a new encryption key.
import { describe, expect, it } from 'vitest'
import { toConfig } from '../../src/config.ts'
import { vaultSource } from '../../src/core/vault/keys.ts'
import { secretKeeper } from '../../src/core/vault/secret-keeper.ts'
import { webhookSecrets } from '../../src/core/webhooks/secrets.ts'
import { keyStore } from '../../src/key-store.ts'
import { testKey } from '../harness/database.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

const newKey = Buffer.alloc(32, 'a newer key').toString('base64')

describe('numlet webhooks', async () => {
  const server = await testServer({ env: { NUMLET_WEBHOOK_ALLOW: '127.0.0.0/8' } })
  const { db, app } = server
  const { key, accountId } = await testCustomer(db)

  const numlet = (verb: string, keys: string | null) =>
    insideOn(
      server.databaseUrl,
      keys === null ? {} : { NUMLET_ENCRYPTION_KEY: keys },
    )(...['webhooks', verb, '--json'])
  const open = async (path: string) => {
    const url = `http://127.0.0.1:9${path}`
    const made = await call<{ id: string; secret: string }>(server, key, 'POST', '/v1/webhooks', {
      url,
      events: ['*'],
    })
    expect(made.status).toBe(201)
    return made.body
  }
  const stored = async () => {
    const rows = await db.query<{ secrets: string[] }>(
      `select array_remove(array[secret, old_secret, older_secret], null) as secrets
         from webhook_endpoints order by id`,
    )
    return rows.flatMap(({ secrets }) => secrets)
  }
  const readWith = (keys: string) => {
    const { encryptionKeys } = toConfig({ NUMLET_ENCRYPTION_KEY: keys })
    const store = keyStore({ given: encryptionKeys, dataDir: null })
    const keeper = secretKeeper(vaultSource(store, webhookSecrets))
    return async () => Promise.all((await stored()).map((one) => keeper.read(one)))
  }

  it('lists endpoints by their hosts, those with trouble first', async () => {
    const one = await open('/hook?key=hidden-word')
    const two = await open('/other')
    await db.query(`update webhook_endpoints set active = false, off_reason = 'gone'
                     where url like '%/other'`)
    const listed = await numlet('list', testKey)
    expect(listed.stdout).not.toContain('hidden-word')
    const account = app.ids.toToken('acc', accountId)
    expect(jsonOf(listed)).toMatchObject([
      { webhook_id: two.id, account_id: account, host: '127.0.0.1:9', state: 'gone' },
      { webhook_id: one.id, account_id: account, format: 'standard', events: '*', state: 'on' },
    ])
  })

  it('goes over to a new key, secrets in rotation with it, and does without the old one', async () => {
    const third = await open('/third')
    const path = `/v1/webhooks/${third.id}/rotate`
    const rotated = await call<{ secret: string }>(server, key, 'POST', path)
    expect(rotated.status).toBe(200)
    await call(server, key, 'POST', path)
    const before = await readWith(testKey)()
    expect(before).toHaveLength(5)
    expect(await numlet('rekey', newKey)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^the encryption key [0-9a-f]{8} is missing\n$/),
    })
    expect(await numlet('rekey', null)).toMatchObject({ code: 1, stdout: '' })
    const both = `${newKey},${testKey}`
    expect(jsonOf(await numlet('rekey', both))).toMatchObject({ sealed: 5 })
    expect(jsonOf(await numlet('rekey', both))).toMatchObject({ sealed: 0 })
    expect(await readWith(newKey)()).toEqual(before)
    await expect(readWith(testKey)()).rejects.toThrow('is missing')
    const log = await db.query<{ detail: { sealed: number } }>(
      `select detail from audit_log where action = 'webhooks.rekey' order by id`,
    )
    expect(log.map((line) => line.detail.sealed)).toEqual([5, 0])
  })

  it('seals what lay there as it was, from before there was a key', async () => {
    await db.query(`update webhook_endpoints set secret = 'plain:whsec_0123456789abcdef'
                     where url like '%/hook%'`)
    expect(jsonOf(await numlet('rekey', newKey))).toMatchObject({ sealed: 1 })
    expect((await stored()).every((one) => one.startsWith('sealed:'))).toBe(true)
    expect((await readWith(newKey)())[0]).toBe('whsec_0123456789abcdef')
  })
})
