// The web application in a real browser: a server with people, and pages that complain to the test.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { chromiumPath } from '../harness/browser.ts'
import { testUser } from '../harness/people.ts'
import { call, type TestServer, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { builtWeb } from '../harness/web.ts'
import type { Places } from './pages.ts'

/** How long a page may take on a busy machine. */
export const patienceMs = 120_000

type Order = {
  readonly id: string
  readonly phone: string
  readonly email: string
  readonly code: string | null
  readonly created_at: string
}

export type Web = {
  readonly server: TestServer
  readonly user: { readonly email: string; readonly password: string; readonly accountId: number }
  /** Buys by the API, as another program of the same account would. */
  buy(body?: Record<string, unknown>): Promise<Order>
  /** A message to an order's number. */
  deliver(phone: string, code: string, sender?: string): Promise<void>
  /** A mail to an inbox. Its markup is taken as it is: what pages do with it is theirs to show. */
  mail(address: string, mail: { subject: string; text: string; html?: string }): Promise<void>
  readonly key: string
}

/** A server with the demo's numbers, and a person with money. */
export async function webServer(env: Record<string, string> = {}): Promise<Web> {
  if (chromiumPath !== null) await builtWeb()
  const server = await testServer({ env })
  const { accountId, key } = await testCustomer(server.db)
  const user = await testUser(server, { accountId })
  const { secret } = await testSupplier(server.db)
  return {
    server,
    user,
    key,
    async buy(body = {}) {
      const wish = { service: 'whatsapp', country: 'US', ...body }
      const reply = await call<Order>(server, key, 'POST', '/v1/orders', wish)
      expect(reply.status).toBe(201)
      return reply.body
    },
    async deliver(phone, code, sender = 'WhatsApp') {
      const message = { number: phone, sender, sms: `Your ${sender} code: ${code}` }
      const reply = await call(server, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message,
      })
      expect(reply.status).toBe(200)
    },
    async mail(address, { subject, text, html }) {
      await server.app.messages.receiveMail(server.app.now(), {
        ref: `${address} ${subject}`,
        address,
        sender: 'Shop <no-reply@shop.example.com>',
        subject,
        text,
        html: html ?? null,
      })
    },
  }
}

/** Orders in the states that pages show. */
export async function somePlaces(web: Web): Promise<Places> {
  const cancelled = await web.buy({ service: 'telegram', country: 'GB' })
  const received = await web.buy()
  web.server.advance(121)
  await call(web.server, web.key, 'POST', `/v1/orders/${cancelled.id}/cancel`, {})
  const waiting = await web.buy({ service: 'google' })
  await web.deliver(received.phone, '848-137')
  const unpaid = await topUp(web, '25.00')
  const paid = await topUp(web, '10.00')
  await fetch(paid.payment_url, { method: 'POST' })
  const states = { waiting: waiting.id, received: received.id, cancelled: cancelled.id }
  const deposits = { unpaid: unpaid.id, paid: paid.id }
  await web.server.app.requestLog.flush()
  return { ...states, ...deposits, ...(await lastingPlaces(web)) }
}

type Deposit = { readonly id: string; readonly payment_url: string }

/** A deposit at the sandbox, which is not paid yet. */
async function topUp(web: Web, amount: string): Promise<Deposit> {
  const wish = { amount, gateway: 'sandbox' }
  const reply = await call<Deposit>(web.server, web.key, 'POST', '/v1/deposits', wish)
  expect(reply.status).toBe(201)
  return reply.body
}

/** A rental and an inbox with messages, an eSIM, and a webhook. */
async function lastingPlaces(web: Web) {
  const rental = await web.buy({ kind: 'rental', duration: '3d' })
  await web.deliver(rental.phone, '204-771')
  await web.deliver(rental.phone, '118-530')
  const inbox = await web.buy(inboxWish)
  await web.mail(inbox.email, {
    subject: 'Confirm your address',
    text: 'Your code is 593821. Or follow https://shop.example.com/confirm?token=k3J9x2',
    html: '<p style="text-align:center">Your code is <b>593821</b>.</p>',
  })
  const esim = await web.buy(esimWish)
  const hook = { url: 'https://example.com/hooks/numlet', events: ['*'], description: 'Shop' }
  const made = await call<{ id: string }>(web.server, web.key, 'POST', '/v1/webhooks', hook)
  expect(made.status).toBe(201)
  return { rental: rental.id, inbox: inbox.id, esim: esim.id, webhook: made.body.id }
}

/** What an inbox and an eSIM are bought with; neither has a service or a country. */
export const inboxWish = {
  ...{ kind: 'email', site: 'shop.example.com' },
  ...{ service: undefined, country: undefined },
}
export const esimWish = {
  ...{ kind: 'esim', plan: 'USA 5GB / 30 days' },
  ...{ service: undefined, country: undefined },
}

export type Look = {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
  readonly locale?: string
}

export type Visit = {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained of: broken policies, errors in scripts. Nothing, if all is well. */
  readonly complaints: string[]
  /** Another tab of the same browser. */
  tab(): Promise<Page>
}

const violations = `addEventListener('securitypolicyviolation', (event) => {
  console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample)
})`

/** Opens a browser of somebody who is not signed in yet. */
export async function visit(browser: Browser, look: Look = {}): Promise<Visit> {
  const { width = 1280, height = 820, scheme = 'light', locale } = look
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(patienceMs)
  await context.addInitScript(violations)
  // In the page alone: the frame of a mail has no storage.
  const choice = `if (window === top) localStorage.setItem('numlet-locale', '${locale}')`
  if (locale) await context.addInitScript(choice)
  const complaints: string[] = []
  const tab = async () => {
    const page = await context.newPage()
    page.on('console', (line) => {
      // Refusals are told by their status, which the tests of the API know.
      const isStatus = line.text().startsWith('Failed to load resource')
      if (line.type() === 'error' && !isStatus) complaints.push(line.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error.stack)))
    return page
  }
  return { page: await tab(), context, complaints, tab }
}

/** Signs in as a person does, on the page. */
export async function signIn(page: Page, web: Web): Promise<void> {
  await page.goto(`${web.server.url}/app/sign-in`)
  await page.getByLabel('Email').fill(web.user.email)
  await page.getByLabel('Password', { exact: true }).fill(web.user.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()
}

/** Waits until a page shows what it has: no skeleton is left. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1, main .panel').first().waitFor()
  const waiting = page.locator('.bone, [aria-busy=true]')
  await expect.poll(() => waiting.count(), { timeout: patienceMs }).toBe(0)
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

type Finding = {
  readonly id: string
  readonly impact: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What people with screen readers or keyboards could not use on this page: serious or worse. */
export async function barriers(page: Page): Promise<string[]> {
  // @NOTE evaluated, not added as a script: the policy allows none of others
  await page.evaluate(axe)
  const found = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)`,
  )) as Finding[]
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)} ${node.failureSummary}`),
    )
}
