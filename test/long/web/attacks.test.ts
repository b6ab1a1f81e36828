// What other sites and other people try, in Chromium: forging requests, framing pages, writing markup where
// text is shown, and opening the addresses of what is not theirs.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { changePool } from '../../../src/core/operating/pools.ts'
import { changeService } from '../../../src/core/operating/services.ts'
import { chromiumPath, openBrowser } from '../../harness/browser.ts'
import { signedIn, testUser } from '../../harness/people.ts'
import { call, testCustomer } from '../../harness/server.ts'
import { patienceMs, settled, signIn, somePlaces, visit, webServer } from '../../web/browsing.ts'
import { pages } from '../../web/pages.ts'

/** Another site: its pages are blank, and do what the test has them do. */
async function otherSite() {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Other</title><p>Hi')
  })
  await new Promise<void>((done) => {
    server.listen(0, done)
  })
  afterAll(() => new Promise((done) => server.close(done)))
  const { port } = server.address() as AddressInfo
  return { sameSite: `http://127.0.0.1:${port}`, crossSite: `http://localhost:${port}` }
}

/** Sends what a site can send without asking: forms of each kind, and requests that need no preflight. */
const forge = (target: string, body: string) => `(async () => {
  for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const frame = document.body.appendChild(document.createElement('iframe'))
    frame.name = enctype + Math.random()
    const form = document.body.appendChild(document.createElement('form'))
    Object.assign(form, { method: 'POST', action: ${JSON.stringify(target)}, enctype, target: frame.name })
    const field = form.appendChild(document.createElement('input'))
    // As text/plain, name and value make JSON.
    Object.assign(field, { name: ${JSON.stringify(body.slice(0, -1))} + ',"x":"', value: '"}' })
    form.submit()
  }
  const outcomes = []
  for (const type of ['text/plain', 'application/json'])
    for (const mode of ['no-cors', 'cors'])
      outcomes.push(await fetch(${JSON.stringify(target)}, {
        method: 'POST', mode, credentials: 'include', body: ${JSON.stringify(body)},
        headers: { 'content-type': type },
      }).then((response) => response.type, () => 'failed'))
  return outcomes
})()`

const hostile =
  '<img src=x id=own onerror="window.own=1"><script>window.own=1</script>"\'><b id=own>'

describe.skipIf(chromiumPath === null)('an attack', { timeout: 3 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer()
  const { server, user, key } = web
  const other = await otherSite()
  const browser = await openBrowser()
  afterAll(() => browser.close())

  // Whose session the victim would go on in, unnoticed.
  await testUser(server, { email: 'evil@example.com' })

  const everything = async () => {
    const [row] = await server.db.query(
      `select (select count(*) from orders)::int as orders, (select count(*) from api_keys)::int as keys,
              (select count(*) from deposits)::int as deposits,
              (select count(*) from webhook_endpoints)::int as hooks,
              (select count(*) from one_time_links)::int as links,
              (select count(*) from sessions where ended_at is null)::int as sessions,
              (select array_agg(concat(id, email, name, password) order by id) from users) as users`,
    )
    return row
  }

  /** How many POST requests the server has refused, and how many it has not. */
  async function posts(): Promise<[refused: number, done: number]> {
    const { body } = await call<string>(server, null, 'GET', '/metrics')
    const counts = [0, 0] as [number, number]
    for (const line of String(body).split('\n')) {
      if (!line.startsWith('numlet_http_request_seconds_count{') || !line.includes('method="POST"'))
        continue
      const [, status = ''] = /status="(\d+)"/.exec(line) ?? []
      counts[status < '400' ? 1 : 0] += Number(line.split(' ').at(-1))
    }
    return counts
  }

  const forged = [
    ['/v1/orders', { service: 'whatsapp', country: 'US' }],
    ['/v1/keys', { name: 'theirs' }],
    ['/v1/deposits', { amount: '10.00', gateway: 'sandbox' }],
    ['/v1/webhooks', { url: 'https://example.com/theirs', events: ['*'] }],
    ['/v1/team/invitations', { email: 'evil@example.com', role: 'owner' }],
    ['/v1/user/password', { current: user.password, new: 'a password of the attacker' }],
    ['/v1/user/sessions/end-others', {}],
    ['/v1/session', { email: 'evil@example.com', password: user.password }],
    ['/v1/user/passkeys/options', {}],
  ] as const

  it.each(['sameSite', 'crossSite'] as const)(
    'by forms and requests of another site (%s) changes nothing, and reads nothing',
    async (place) => {
      const { page, context, tab } = await visit(browser)
      await signIn(page, web)
      const before = await everything()
      const evil = await tab()
      await evil.goto(other[place])
      for (const [path, body] of forged) {
        const [refusedBefore, doneBefore] = await posts()
        const outcomes = await evil.evaluate(forge(server.url + path, JSON.stringify(body)))
        // Three forms, and all requests but the one that a browser asks for first. They arrive.
        await expect
          .poll(async () => (await posts())[0] - refusedBefore, { timeout: patienceMs })
          .toBe(6)
        expect((await posts())[1], path).toBe(doneBefore)
        expect(outcomes, path).not.toContain('cors')
        expect(outcomes, path).not.toContain('basic')
      }
      expect(await everything()).toEqual(before)
      const read = (path: string) =>
        evil.evaluate(
          `fetch(${JSON.stringify(server.url + path)}, { credentials: 'include' })
             .then((response) => response.text(), () => 'not read')`,
        )
      for (const path of ['/v1/session', '/v1/orders', '/v1/keys'])
        expect(await read(path)).toBe('not read')
      // The same from our own page does what it says.
      await page.evaluate(
        `fetch('/v1/orders', { method: 'POST', headers: { 'content-type': 'application/json' },
           body: ${JSON.stringify(JSON.stringify(forged[0][1]))} })`,
      )
      expect(await everything()).not.toEqual(before)
      await context.close()
    },
  )

  it('by a frame around a page shows nothing of it', async () => {
    const { page, context, tab } = await visit(browser)
    await signIn(page, web)
    const { id } = await web.buy()
    const evil = await tab()
    for (const path of ['/app', `/app/orders/${id}`, '/app/settings/security', '/docs']) {
      await evil.goto(other.sameSite)
      await evil.evaluate(`new Promise((done) => {
        const frame = document.createElement('iframe')
        frame.onload = done
        frame.src = ${JSON.stringify(server.url + path)}
        document.body.append(frame)
      })`)
      const [, frame] = evil.frames()
      expect(frame?.url(), path).toMatch(/^chrome-error:/)
    }
    await context.close()
  })

  it('by markup in any text shows it as text, on every page', async () => {
    const by = { actor: 'test', reason: null }
    await changeService(server.db, by, 'whatsapp', { name: `WhatsApp ${hostile}`.slice(0, 100) })
    const pools = await server.db.query<{ id: string }>('select id from pools order by id')
    for (const { id } of pools) await changePool(server.db, by, id, { name: hostile.slice(0, 60) })
    const places = await somePlaces(web)
    const owner = await signedIn(server, user)
    const set = async (method: string, path: string, body: object) =>
      expect((await owner.ask(method, path, body)).status, path).toBeLessThan(300)
    await set('PATCH', '/v1/user', { name: hostile })
    await set('POST', '/v1/keys', { name: hostile })
    await set('PATCH', `/v1/orders/${places.received}`, { note: hostile })
    await set('PATCH', `/v1/orders/${places.rental}`, { note: hostile })
    await set('PATCH', `/v1/webhooks/${places.webhook}`, { description: hostile })
    await set('POST', '/v1/deposits', { amount: '10.00', gateway: 'sandbox', reference: hostile })
    await server.db.query('update accounts set name = $2 where id = $1', [user.accountId, hostile])
    await testUser(server, { accountId: user.accountId }).then(({ userId }) =>
      server.db.query('update users set name = $2 where id = $1', [userId, hostile]),
    )
    await server.db.query('update sessions set device = $1', [hostile])
    const order = await web.buy({
      reference: hostile,
      metadata: { [hostile.slice(0, 40)]: hostile },
    })
    await web.deliver(order.phone, `593-821 ${hostile}`, 'WhatsApp')
    const rented = await server.db.query<{ phone: string }>(
      `select phone from orders where kind = 'rental' limit 1`,
    )
    await web.deliver(rented[0]?.phone ?? '', `593-822 ${hostile}`, 'WhatsApp')

    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    const shown: string[] = []
    const all = [
      ...pages.map(({ name, path }) => [name, path(places)] as const),
      ['order', `/orders/${order.id}`] as const,
      ['search', `/orders?q=${encodeURIComponent(hostile)}`] as const,
    ]
    for (const [name, path] of all.filter(
      ([, one]) => !/^\/(sign|forgot|reset|verify)/.test(one),
    )) {
      await page.goto(`${server.url}/app${path}`)
      await settled(page)
      expect(await injected(page), name).toEqual([0, 'undefined'])
      if ((await page.getByText('onerror=').count()) > 0) shown.push(name)
    }
    // It was there to be shown.
    const expected = [
      'home',
      'orders',
      'order-received',
      'order',
      'settings-team',
      'keys',
      'webhook',
    ]
    expect(shown).toEqual(expect.arrayContaining(expected))
    expect(complaints).toEqual([])
    await context.close()
  })

  it('by the addresses of other people’s things finds nothing', async () => {
    const places = await somePlaces(web)
    const { accountId } = await testCustomer(server.db)
    const stranger = await testUser(server, { accountId })
    const { page, context } = await visit(browser)
    await signIn(page, { ...web, user: stranger })
    const statuses: number[] = []
    page.on('response', (response) => {
      const [, id] = /\/v1\/\w+\/([a-z]{3}_\w+)/.exec(response.url()) ?? []
      if (id !== undefined) statuses.push(response.status())
    })
    const { phone = '' } = (
      await call<{ phone: string }>(server, key, 'GET', `/v1/orders/${places.received}`)
    ).body
    const paths = [
      ...[`/orders/${places.received}`, `/orders/${places.waiting}`, `/rentals/${places.rental}`],
      ...[`/rentals/${places.inbox}`, `/rentals/${places.esim}`],
      ...[`/wallet/deposits/${places.paid}`, `/developers/webhooks/${places.webhook}`],
    ]
    for (const path of paths) {
      const before = statuses.length
      await page.goto(`${server.url}/app${path}`)
      await settled(page)
      expect(statuses.slice(before), path).toContain(404)
      const text = await page.getByRole('main').innerText()
      for (const secret of [phone, phone.slice(1), '848-137', '593821', 'example.com/hooks'])
        expect(text, path).not.toContain(secret)
    }
    expect(statuses.filter((status) => status !== 404)).toEqual([])
    await context.close()
  })
})

/** What of the markup became part of the page, and whether a script of it ran. */
const injected = (page: Page) =>
  page.evaluate<[number, string]>(`[document.querySelectorAll('#own').length, typeof window.own]`)
