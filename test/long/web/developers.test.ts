// The pages for developers in Chromium: a key made, used and ended; webhooks tested and sent again.
import { afterAll, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../../harness/browser.ts'
import { testUser } from '../../harness/people.ts'
import { allowLocal, openReceiver, testEngine } from '../../harness/receiver.ts'
import { call } from '../../harness/server.ts'
import { barriers, patienceMs, settled, signIn, visit, webServer } from '../../web/browsing.ts'

type Key = {
  readonly name: string
  readonly max_spend_a_day: string | null
  readonly scopes: string[]
}

describe.skipIf(chromiumPath === null)('developers', { timeout: 3 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer(allowLocal)
  const { server } = web
  const browser = await openBrowser()
  afterAll(() => browser.close())
  const keys = async () =>
    (await call<{ data: Key[] }>(server, web.key, 'GET', '/v1/keys')).body.data

  it('make a key that is shown once, run examples with it, and revoke it', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.getByRole('table', { name: 'Keys, newest first' }).waitFor()
    await page.keyboard.press('n')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Name' }).fill('nightly job')
    await dialog.getByLabel('At most a day').fill('zero')
    await dialog.getByRole('button', { name: 'Create the key' }).click()
    await dialog.getByLabel('At most a day').and(page.locator('[aria-invalid=true]')).waitFor()
    await dialog.getByLabel('At most a day').fill('12.50')
    await dialog.getByRole('button', { name: 'Create the key' }).click()
    const secret = (await dialog.getByTestId('secret').textContent()) ?? ''
    expect((await call(server, secret, 'GET', '/v1/balance')).status).toBe(200)
    expect(await keys()).toContainEqual(
      expect.objectContaining({ name: 'nightly job', max_spend_a_day: '12.50' }),
    )
    await dialog.getByRole('link', { name: 'Try it in the examples' }).click()
    for (const name of ['/v1', 'WhichOtp', 'OTPZap', 'OTPWALL', 'ZapOTP', '5sim']) {
      await page.getByRole('button', { name, exact: true }).click()
      const example = page.getByRole('region', { name: 'Balance', exact: true })
      await example.getByRole('button', { name: 'Run it', exact: true }).click()
      await example.getByRole('status').getByText('200', { exact: true }).waitFor()
    }
    await page.getByRole('link', { name: 'Keys' }).click()
    await page.getByRole('button', { name: 'Change nightly job' }).click()
    await page.getByRole('menuitem', { name: 'Revoke' }).click()
    await page.getByRole('button', { name: 'Revoke the key' }).click()
    await page.getByText('nightly job', { exact: true }).waitFor({ state: 'detached' })
    expect((await call(server, secret, 'GET', '/v1/balance')).status).toBe(401)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('add a webhook, test it, show what its receiver said, and send it again', async () => {
    const receiver = await openReceiver()
    const engine = testEngine(server.app)
    receiver.react(500)
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/developers/webhooks`)
    await page.getByRole('button', { name: 'Add a webhook' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Address').fill(receiver.url)
    await dialog.getByRole('radio', { name: /^handler_api/ }).check()
    await dialog.getByRole('button', { name: 'Add the webhook' }).click()
    expect(await dialog.getByTestId('secret').textContent()).toMatch(/^whsec_/)
    await dialog.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('link', { name: receiver.url }).click()
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByRole('button', { name: /webhook\.test/ }).waitFor()
    await engine.deliver()
    await page.getByRole('button', { name: /webhook\.test.*500/ }).click()
    await page.getByText('answer 500').waitFor()
    receiver.react(200)
    await page.getByRole('button', { name: 'Send it again' }).click()
    await expect.poll(() => page.getByRole('button', { name: /webhook\.test/ }).count()).toBe(2)
    await engine.deliver()
    await page.getByRole('button', { name: /webhook\.test.*Delivered.*200/ }).waitFor()
    expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toMatchObject({ service: 'ot' })
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await dialog.getByRole('radio', { name: /^OTPZap/ }).check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('definition').filter({ hasText: 'OTPZap' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('show what programs asked, with filters that stand in the address', async () => {
    const { page, complaints, context } = await visit(browser)
    await call(server, web.key, 'GET', '/v1/orders/ord_00000000000')
    await call(server, web.key, 'GET', '/v1/balance')
    await server.app.requestLog.flush()
    await signIn(page, web)
    await page.goto(`${server.url}/app/developers/requests`)
    const rows = page.getByRole('table', { name: 'Requests, newest first' }).getByRole('row')
    await rows.filter({ hasText: '/v1/balance' }).first().waitFor()
    await page.getByRole('button', { name: '4xx' }).click()
    await rows.filter({ hasText: '/v1/balance' }).first().waitFor({ state: 'detached' })
    await rows
      .filter({ hasText: 'GET /v1/orders/ord_00000000000' })
      .getByText('404', { exact: true })
      .waitFor()
    expect(page.url()).toContain('status=4xx')
    await page.getByRole('searchbox', { name: 'Path starts with' }).fill('/v1/nothing')
    await page.keyboard.press('Enter')
    await page.getByText('No requests match').waitFor()
    await page.reload()
    await page.getByText('No requests match').waitFor()
    await page.getByRole('button', { name: 'Show all requests' }).click()
    await rows.filter({ hasText: '/v1/balance' }).first().waitFor()
    expect(await page.getByRole('searchbox', { name: 'Path starts with' }).inputValue()).toBe('')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('show members of a team what owners alone may do, and nobody a barrier', async () => {
    await web.buy()
    const member = await testUser(server, { accountId: web.user.accountId, role: 'member' })
    const { page, complaints, context } = await visit(browser, { width: 390, height: 844 })
    await signIn(page, { ...web, user: member })
    await page.goto(`${server.url}/app/developers`)
    await page.getByText('Keys: only for owners').waitFor()
    for (const path of ['/developers', '/developers/examples', '/developers/usage']) {
      await page.goto(`${server.url}/app${path}`)
      await settled(page)
      expect(await barriers(page), path).toEqual([])
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(width, path).toBeLessThanOrEqual(390)
    }
    expect(complaints).toEqual([])
    await context.close()
  })
})
