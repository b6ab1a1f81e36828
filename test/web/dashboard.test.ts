// The web application in Chromium: signing in, buying by keyboard alone, codes without reload, money back.
import { afterAll, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../harness/browser.ts'
import { call } from '../harness/server.ts'
import { barriers, patienceMs, signIn, somePlaces, visit, webServer } from './browsing.ts'

type Listed = { readonly data: readonly { readonly id: string; readonly phone: string }[] }

describe.skipIf(chromiumPath === null)('the dashboard', { timeout: 3 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer()
  const { server, key, user } = web
  const browser = await openBrowser()
  afterAll(() => browser.close())

  const balance = async () =>
    (await call<{ balance: string }>(server, key, 'GET', '/v1/balance')).body.balance
  const orders = async () => (await call<Listed>(server, key, 'GET', '/v1/orders')).body.data

  it('leads to sign-in and back, and says what was wrong', async () => {
    const { page, complaints, context } = await visit(browser)
    await page.goto(`${server.url}/app/buy?q=wa%20us`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(new URL(page.url()).searchParams.get('next')).toBe('/buy?q=wa+us')
    await page.getByLabel('Email').fill(user.email)
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('password is wrong').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(user.password)
    await page.keyboard.press('Enter')
    await page.getByRole('table', { name: 'Offers, cheapest first' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/app/buy')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('goes to no other site after signing in, whatever the address says', async () => {
    for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/%5cevil']) {
      const { page, context } = await visit(browser)
      await page.goto(`${server.url}/app/sign-in?next=${encodeURIComponent(next)}`)
      await page.getByLabel('Email').fill(user.email)
      await page.getByLabel('Password', { exact: true }).fill(user.password)
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => !url.pathname.endsWith('/sign-in'))
      expect(new URL(page.url()).origin, next).toBe(server.url)
      await context.close()
    }
  })

  it('buys by keyboard alone, shows the code without reload, in each tab, and copies it', async () => {
    const { page, complaints, context, tab } = await visit(browser)
    await signIn(page, web)
    const other = await tab()
    await other.goto(`${server.url}/app`)
    await other.getByRole('heading', { name: 'Home' }).waitFor()
    await page.bringToFront()
    await page.keyboard.press('b')
    await page.getByRole('searchbox', { name: 'Service and country' }).waitFor()
    await page.keyboard.type('wa us')
    // The address follows what was typed: from then on the hint is of the whole of it.
    await page.waitForURL((url) => url.searchParams.get('q') === 'wa us')
    await page.getByText('Enter buys the first').waitFor()
    await page.getByRole('button', { name: 'Buy for $0.40' }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Copy the number' }).waitFor()
    const [order] = await orders()
    expect(page.url()).toContain(order?.id)
    await web.deliver(order?.phone ?? '', '593-821')
    await page.getByRole('img', { name: 'Code 5 9 3 8 2 1' }).waitFor()
    await other.getByText('593 821').first().waitFor()
    expect(await page.title()).toContain('593 821')
    await page.getByTestId('announcer').getByText('5 9 3 8 2 1').waitFor({ state: 'attached' })
    await page.keyboard.press('c')
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe('593821')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('sells once on a double click', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    const before = (await orders()).length
    await page.goto(`${server.url}/app/buy?q=telegram%20gb`)
    await page
      .getByRole('button', { name: /^Buy for/ })
      .first()
      .dblclick()
    await page.getByRole('button', { name: 'Copy the number' }).waitFor()
    expect((await orders()).length).toBe(before + 1)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('cancels when that may be, and the money is back on the page', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    const order = await web.buy()
    const held = await balance()
    // The server's clock stands still, so the page's must not run ahead of it.
    await page.clock.install({ time: order.created_at })
    await page.goto(`${server.url}/app/orders/${order.id}`)
    const early = page.getByRole('button', { name: /^Cancel in \d:\d\d/ })
    await early.waitFor()
    expect(await early.isDisabled()).toBe(true)
    server.advance(125)
    await page.clock.fastForward(125_000)
    await page.getByRole('button', { name: 'Cancel and get $0.40 back' }).click()
    await page.getByText('Cancelled; $0.40 given back').waitFor()
    const after = await balance()
    expect(Number(after) - Number(held)).toBeCloseTo(0.4)
    await page.getByRole('banner').getByText(`$${after}`).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('asks for the password over the page when the session has ended, and goes on', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    const before = (await orders()).length
    await page.goto(`${server.url}/app/buy?q=wa%20us`)
    const buy = page.getByRole('button', { name: /^Buy for/ }).first()
    await buy.waitFor()
    await context.clearCookies()
    await buy.click()
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
    await dialog.getByLabel('Password', { exact: true }).fill(user.password)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Copy the number' }).waitFor()
    expect((await orders()).length).toBe(before + 1)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('says that the server is gone, and that it is back', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/buy?q=wa%20us`)
    await page
      .getByRole('button', { name: /^Buy for/ })
      .first()
      .waitFor()
    await context.setOffline(true)
    await page.getByText('The server does not answer').waitFor()
    expect(await page.getByRole('searchbox').inputValue()).toBe('wa us')
    await context.setOffline(false)
    await page.getByText('The server does not answer').waitFor({ state: 'hidden' })
    expect(complaints).toEqual([])
    await context.close()
  })

  it('has no barrier on its main pages, and fits a phone', async () => {
    const places = await somePlaces(web)
    const { page, complaints, context } = await visit(browser, { width: 390, height: 844 })
    await signIn(page, web)
    for (const path of ['', '/buy?q=wa%20us', '/orders', `/orders/${places.received}`]) {
      await page.goto(`${server.url}/app${path}`)
      await page.getByRole('main').getByRole('table').or(page.getByTestId('code')).first().waitFor()
      expect(await barriers(page), path).toEqual([])
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(width, path).toBeLessThanOrEqual(390)
    }
    expect(complaints).toEqual([])
    await context.close()
  })
})
