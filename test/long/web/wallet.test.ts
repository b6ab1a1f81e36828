// The wallet in Chromium: topping up live, the statement of a period, the low-balance mark, what members may.
import { afterAll, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../../harness/browser.ts'
import { testUser } from '../../harness/people.ts'
import { call, testCustomer } from '../../harness/server.ts'
import { patienceMs, settled, signIn, visit, webServer } from '../../web/browsing.ts'

type Transfers = { readonly data: readonly { readonly payment_reference: string }[] }
type Deposits = { readonly data: readonly { readonly id: string; readonly state: string }[] }

describe.skipIf(chromiumPath === null)('the wallet', { timeout: 3 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer({
    NUMLET_MANUAL_INSTRUCTIONS: 'Example Bank\nAccount 12345678',
    NUMLET_MANUAL_FEE_PERCENT: '2.5',
  })
  const { server, key, user } = web
  const browser = await openBrowser()
  afterAll(() => browser.close())

  it('tops up once on a double click, pays in the sandbox, and is live in each tab', async () => {
    const { page, complaints, context, tab } = await visit(browser)
    await signIn(page, web)
    await page.keyboard.press('g')
    await page.keyboard.press('w')
    const amount = page.getByLabel('Amount (USD)')
    await amount.fill('12,50')
    await page.getByRole('button', { name: 'Top up $12.50' }).dblclick()
    await page.getByRole('heading', { name: 'Top-up of $12.50' }).waitFor()
    const { body } = await call<Deposits>(server, key, 'GET', '/v1/deposits')
    expect(body.data.length).toBe(1)
    const other = await tab()
    await other.goto(page.url())
    await other.getByRole('button', { name: 'Pay $12.50' }).waitFor()
    await page.bringToFront()
    await page.getByRole('button', { name: 'Pay $12.50' }).click()
    await page.getByText('Paid: $12.50 is in your balance.').first().waitFor()
    await page.getByRole('banner').getByText('$112.50').waitFor()
    await other.getByText('Paid: $12.50 is in your balance.').first().waitFor()
    const invoice = page.getByRole('link', { name: 'Open the invoice' })
    const answer = await page.request.get(
      new URL((await invoice.getAttribute('href')) ?? '', server.url).href,
    )
    expect(await answer.text()).toContain('12.50 USD')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('shows the lines of a bank transfer, and their reference to copy', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/wallet`)
    await page.getByText('No fee · any currency').waitFor()
    await page.getByRole('radio', { name: /^Bank transfer.*Fee: 2.5% · any currency/ }).check()
    await page.getByText('The fee comes on top.').waitFor()
    await page.getByRole('button', { name: /^Top up \$/ }).click()
    await page.getByText('Account 12345678').waitFor()
    await page.getByText('$25.63').first().waitFor()
    const { body } = await call<Transfers>(server, key, 'GET', '/v1/deposits?limit=1')
    await page.getByRole('button', { name: 'Copy the reference' }).click()
    const copied = await page.evaluate('navigator.clipboard.readText()')
    expect(copied).toBe(body.data[0]?.payment_reference)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('shows a QR code where the gateway has one', async () => {
    const rupiah = await testCustomer(server.db, { currency: 'IDR' })
    const person = await testUser(server, { accountId: rupiah.accountId })
    const { page, complaints, context } = await visit(browser)
    await signIn(page, { ...web, user: { ...user, ...person } })
    await page.goto(`${server.url}/app/wallet`)
    await page.getByRole('button', { name: /^Top up / }).click()
    await page.getByRole('img', { name: 'QR code of the payment' }).waitFor()
    await page.getByRole('button', { name: 'Copy the text of the code' }).click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^000201/)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('shows what strangers wrote as text', async () => {
    const hostile = '<img src=x onerror="document.title=1"><b id=own>'
    const wish = { amount: '5.00', gateway: 'sandbox', reference: hostile }
    const { body } = await call<{ id: string; payment_url: string }>(
      ...([server, key, 'POST', '/v1/deposits', wish] as const),
    )
    await fetch(body.payment_url, { method: 'POST' })
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    for (const path of ['/wallet', `/wallet/deposits/${body.id}`]) {
      await page.goto(`${server.url}/app${path}`)
      await page.getByText(hostile).first().waitFor()
      expect(await page.locator('#own, main img').count(), path).toBe(0)
    }
    expect(complaints).toEqual([])
    await context.close()
  })

  it('says beside the amount what is wrong with it, and keeps what was typed', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/wallet`)
    await page.getByLabel('Amount (USD)').fill('0.00001')
    await page.getByRole('button', { name: /^Top up \$/ }).click()
    await page.getByRole('alert').or(page.locator('[id$=-error]')).first().waitFor()
    expect(await page.getByLabel('Amount (USD)').inputValue()).toBe('0.00001')
    await page.getByLabel('Amount (USD)').fill('ten')
    const none = page.getByRole('button', { name: 'Type an amount' })
    expect(await none.isDisabled()).toBe(true)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('shows the statement of a period, which stands in the address, and saves it', async () => {
    const order = await web.buy()
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/wallet`)
    const table = page.getByRole('table', { name: 'Statement' })
    await table.getByRole('link', { name: 'Held for an order' }).first().waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV' }).click()
    expect((await download).suggestedFilename()).toBe('transactions.csv')
    await page.getByRole('combobox', { name: 'Period' }).selectOption('last-month')
    await page.getByText('Nothing moved in this period').waitFor()
    expect(new URL(page.url()).searchParams.get('from')).toMatch(/^\d{4}-\d\d-01$/)
    await page.getByRole('button', { name: 'Show all' }).click()
    await table.getByRole('link', { name: 'Held for an order' }).first().click()
    await page.waitForURL(`**/orders/${order.id}`)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('warns below the mark, which owners set and members only see', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/wallet`)
    await page.getByLabel('Warn below (USD)').fill('500')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('The balance is below $500.00.').waitFor()
    const member = await testUser(server, { accountId: user.accountId, role: 'member' })
    const theirs = await visit(browser)
    await signIn(theirs.page, { ...web, user: { ...user, ...member } })
    await theirs.page.goto(`${server.url}/app/wallet`)
    await theirs.page.getByText('Only owners of the account change this.').waitFor()
    expect(await theirs.page.getByLabel('Warn below (USD)').count()).toBe(0)
    expect([...complaints, ...theirs.complaints]).toEqual([])
    await context.close()
    await theirs.context.close()
  })

  it('leads somebody without money there, from the start and from an offer', async () => {
    const poor = await testCustomer(server.db, { credit: '0' })
    const person = await testUser(server, { accountId: poor.accountId })
    const { page, complaints, context } = await visit(browser)
    await signIn(page, { ...web, user: { ...user, ...person } })
    await page.getByRole('link', { name: 'Top up first' }).click()
    await page.getByText('There is no money to buy with.').waitFor()
    await settled(page)
    await page.goto(`${server.url}/app/buy?q=wa%20us`)
    await page
      .getByRole('link', { name: /top up first$/ })
      .first()
      .click()
    await page.getByRole('heading', { name: 'Wallet' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})
