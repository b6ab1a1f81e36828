// People in tests: users with accounts, and browsers that keep a session.

import { passwords } from '../../src/core/people/password.ts'
import type { Role } from '../../src/core/people/person.ts'
import { addMembership, createUser } from '../../src/core/people/users.ts'
import { call, type Reply, type TestServer, testCustomer } from './server.ts'

export const goodPassword = 'nine grey herons by the lake'

let hashed: Promise<string> | undefined
let users = 0

/** A user of a new account, or of one that is there. */
export async function testUser(
  { db }: Pick<TestServer, 'db'>,
  options: { accountId?: number; role?: Role; email?: string; password?: string | null } = {},
) {
  const accountId = options.accountId ?? (await testCustomer(db)).accountId
  const email = options.email ?? `user${++users}@example.com`
  hashed ??= passwords().hash(goodPassword)
  const password = options.password === null ? null : await hashed
  const now = new Date()
  const userId = await db.begin(async (tx) => {
    const id = await createUser(tx, now, { email, password, verifiedAt: now })
    await addMembership(tx, now, { userId: id, accountId, role: options.role ?? 'owner' })
    return id
  })
  return { email, userId, accountId, password: goodPassword }
}

export type Browser = {
  /** One call with the cookie, from a page of the server unless the headers say otherwise. */
  ask<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply<T>>
  cookie(): string
}

/** A browser with no session yet. It keeps the cookies that it gets. */
export function testBrowser(server: Pick<TestServer, 'url'>, origin = server.url): Browser {
  let cookie = ''
  return {
    cookie: () => cookie,
    async ask(method, path, body, headers = {}) {
      const reply = await call<never>(server, null, method, path, body, {
        ...(cookie === '' ? {} : { cookie }),
        ...(method === 'GET' ? {} : { origin, 'sec-fetch-site': 'same-origin' }),
        ...headers,
      })
      const given = reply.headers.get('set-cookie')
      if (given !== null) cookie = /Max-Age=0/.test(given) ? '' : (given.split(';', 1)[0] as string)
      return reply
    },
  }
}

/** A browser that has signed in. */
export async function signedIn(
  server: Pick<TestServer, 'url'>,
  user: { email: string; password: string },
): Promise<Browser> {
  const browser = testBrowser(server)
  const { email, password } = user
  const reply = await browser.ask('POST', '/v1/session', { email, password })
  if (reply.status !== 201) throw new Error(`signing in answered ${reply.status}`)
  return browser
}
