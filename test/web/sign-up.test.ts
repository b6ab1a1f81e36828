// Signing up in Chromium: the mail's link, a forgotten password, links that sign in once, and hostile texts.
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { makeSignInLink } from '../../src/core/operating/people.ts'
import { chromiumPath, openBrowser } from '../harness/browser.ts'
import { mailFolder, outbox } from '../harness/outbox.ts'
import { call } from '../harness/server.ts'
import { patienceMs, signIn, visit, webServer } from './browsing.ts'

const folder = mailFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(chromiumPath === null)('people', { timeout: 3 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer({ NUMLET_DATA: folder })
  const { server, user } = web
  const sent = outbox(server, folder)
  const browser = await openBrowser()
  afterAll(() => browser.close())
  it('sign up, open the link in the mail, and see their first steps', async () => {
    const { page, complaints, context } = await visit(browser)
    await page.goto(`${server.url}/app/sign-in`)
    await page.getByRole('link', { name: 'Create an account' }).click()
    await page.getByLabel('Email').fill('kim@example.com')
    await page.getByLabel('Name (optional)').fill('Kim')
    await page.getByLabel('Password', { exact: true }).fill('short')
    await page.getByRole('button', { name: 'Create the account' }).click()
    const field = page.getByLabel('Password', { exact: true })
    // The server's word stands beside its field.
    await page.getByText('must have at least 10 characters').waitFor()
    await field.fill('nine grey herons by the lake')
    await page.getByRole('button', { name: 'Create the account' }).click()
    await page.getByRole('heading', { name: 'Look in your mail' }).waitFor()
    const [mail] = await sent()
    await page.goto(`${server.url}/app/verify#token=${mail?.token}`)
    await page.getByText('Your first code').waitFor()
    expect(page.url()).not.toContain('token')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('set a new password by a link, and are signed in', async () => {
    const { page, complaints, context } = await visit(browser)
    await page.goto(`${server.url}/app/forgot`)
    await page.getByLabel('Email').fill('kim@example.com')
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByRole('heading', { name: 'Look in your mail' }).waitFor()
    const token = (await sent()).at(-1)?.token
    await page.goto(`${server.url}/app/reset#token=${token}`)
    await page.getByLabel('New password').fill('a quiet harbour in autumn')
    await page.getByRole('button', { name: 'Set the password and sign in' }).click()
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('sign in by a link once, and are told when it was used', async () => {
    const made = await makeSignInLink(
      server.db,
      server.app.now(),
      { actor: 'test', reason: null },
      { email: user.email },
    )
    for (const [heading, text] of [
      ['Home', 'Your first code'],
      ['This link does not work', 'Sign in with a password'],
    ] as const) {
      const { page, complaints, context } = await visit(browser)
      await page.goto(`${server.url}/app/sign-in#token=${made.token}`)
      await page.getByRole('heading', { name: heading }).waitFor()
      await page.getByText(text).first().waitFor()
      expect(page.url()).not.toContain('token')
      expect(complaints).toEqual([])
      await context.close()
    }
  })

  it('see what strangers wrote as text: nothing of it runs, loads or is an element', async () => {
    const hostile = '<img src=x onerror="document.title=1"><script>alert(1)</script>"><b id=own>'
    const order = await web.buy({ reference: hostile, metadata: { '<i id=own>': hostile } })
    await call(server, web.key, 'PATCH', `/v1/orders/${order.id}`, { note: hostile })
    await web.deliver(order.phone, `593-821 ${hostile}`, 'WhatsApp')
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    for (const path of [`/orders/${order.id}`, '/orders', '/', `/orders?q=${hostile}`]) {
      await page.goto(`${server.url}/app${path}`)
      await page.getByRole('main').waitFor()
      await page.getByText('593', { exact: false }).or(page.getByText('No order')).first().waitFor()
      expect(await page.locator('#own, main img, main script').count(), path).toBe(0)
    }
    expect(complaints).toEqual([])
    await context.close()
  })
})
