// The secrets of authenticators go over to a new encryption key.
import { generateSync } from 'otplib'
import { expect, it } from 'vitest'
import { testKey } from '../harness/database.ts'
import { signedIn, testUser } from '../harness/people.ts'
import { serverOn, testServer } from '../harness/server.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

const newKey = Buffer.alloc(32, 'a newer key').toString('base64')

it('encrypts the secrets of authenticators with a new key, and does without the old one', async () => {
  const server = await testServer()
  const numlet = (keys: string) =>
    insideOn(server.databaseUrl, { NUMLET_ENCRYPTION_KEY: keys })('users', 'rekey', '--json')
  const user = await testUser(server)
  const browser = await signedIn(server, user)
  const { secret } = (await browser.ask<{ secret: string }>('POST', '/v1/user/totp')).body
  expect(await numlet(newKey)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^the encryption key [0-9a-f]{8} is missing\n$/),
  })
  expect(jsonOf(await numlet(`${newKey},${testKey}`))).toMatchObject({ sealed: 1 })
  expect(jsonOf(await numlet(`${newKey},${testKey}`))).toMatchObject({ sealed: 0 })

  const later = await serverOn(server.databaseUrl, { NUMLET_ENCRYPTION_KEY: newKey })
  const again = await signedIn(later, user)
  const code = generateSync({ secret, epoch: Math.floor(later.app.now().getTime() / 1000) })
  expect((await again.ask('POST', '/v1/user/totp/confirm', { code })).status).toBe(200)
})
