// Two people at one order, and a server that is gone: both pages end right without reload, the money is
// right, and what was typed stays.
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../harness/browser.ts'
import { testUser } from '../harness/people.ts'
import { call } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { patienceMs, signIn, visit, webServer } from './browsing.ts'

type Order = { readonly id: string; readonly state: string; readonly code: string | null }

const shown: Readonly<Record<string, string>> = {
  waiting: 'Waiting',
  received: 'Code received',
  cancelled: 'Cancelled',
  finished: 'Finished',
}

describe.skipIf(chromiumPath === null)('one order', { timeout: 4 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer()
  const { server, key, user } = web
  const member = await testUser(server, { accountId: user.accountId, role: 'member' })
  const browser = await openBrowser()
  afterAll(() => browser.close())

  const read = async (id: string) =>
    (await call<Order>(server, key, 'GET', `/v1/orders/${id}`)).body
  const balance = async () =>
    (await call<{ balance: string }>(server, key, 'GET', '/v1/balance')).body.balance
  const orders = async () =>
    (await call<{ data: Order[] }>(server, key, 'GET', '/v1/orders')).body.data

  /** Two people who have the page of one order open, when it may be cancelled. */
  async function together(order: { readonly id: string; readonly created_at: string }) {
    const people = await Promise.all([visit(browser), visit(browser)])
    const pages = people.map(({ page }) => page)
    for (const [i, page] of pages.entries()) {
      await signIn(page, i === 0 ? web : { ...web, user: { ...user, ...member } })
      await page.clock.install({ time: order.created_at })
      await page.goto(`${server.url}/app/orders/${order.id}`)
      await page.getByTestId('phone').waitFor()
    }
    server.advance(125)
    for (const page of pages) await page.clock.fastForward(125_000)
    const [one, two] = pages as [Page, Page]
    return {
      one,
      two,
      /** Both pages have the same truth as the server, and none of them complains. */
      async agree(ids: readonly string[]) {
        for (const [i, page] of pages.entries()) {
          const id = page.url().split('/').at(-1) as string
          expect(ids, `page ${i}`).toContain(id)
          const { state } = await read(id)
          const head = page.getByRole('region', { name: 'Number and code' })
          await head.getByText(shown[state] as string, { exact: true }).waitFor()
          const money = page.getByRole('banner').getByText(`$${await balance()}`)
          await money.waitFor()
        }
        for (const { complaints } of people) expect(complaints).toEqual([])
        for (const { context } of people) await context.close()
        await expectCleanAudit(server.db)
      },
    }
  }

  it('is cancelled by one while the other takes another number: once, on both pages', async () => {
    const before = Number(await balance())
    const order = await web.buy()
    const { one, two, agree } = await together(order)
    await Promise.all([
      one.getByRole('button', { name: 'Cancel and get $0.40 back' }).click(),
      two.getByRole('button', { name: 'Another number' }).click(),
    ])
    const head = (page: Page) => page.getByRole('region', { name: 'Number and code' })
    await head(one).getByText('Cancelled', { exact: true }).waitFor()
    // The second was too late and is told so, or has another number.
    const refused = two.getByRole('alert')
    await expect
      .poll(async () => (await refused.count()) > 0 || !two.url().endsWith(order.id))
      .toBe(true)
    const later = (await orders()).filter(({ state }) => state === 'waiting')
    expect(later.length).toBe(two.url().endsWith(order.id) ? 0 : 1)
    expect(Number(await balance())).toBeCloseTo(before - 0.4 * later.length)
    await agree([order.id, ...later.map(({ id }) => id)])
    for (const { id } of later) await call(server, key, 'POST', `/v1/orders/${id}/cancel`, {})
  })

  it('is cancelled while its code comes: paid or given back, never both, on both pages', async () => {
    for (let round = 0; round < 2; round++) {
      const before = Number(await balance())
      const order = await web.buy()
      const { one, agree } = await together(order)
      await Promise.all([
        one.getByRole('button', { name: 'Cancel and get $0.40 back' }).click(),
        web.deliver(order.phone, '593-821'),
      ])
      await expect.poll(async () => (await read(order.id)).state).not.toBe('waiting')
      const { state, code } = await read(order.id)
      expect(code !== null).toBe(state === 'received')
      expect(Number(await balance())).toBeCloseTo(state === 'received' ? before - 0.4 : before)
      await agree([order.id])
    }
  })

  it('is finished by one while the other asks for another code: finished on both pages', async () => {
    const order = await web.buy()
    const { one, two, agree } = await together(order)
    await web.deliver(order.phone, '848-137')
    await two.getByRole('button', { name: 'Finish' }).waitFor()
    await Promise.all([
      one.getByRole('button', { name: 'Finish' }).click(),
      two.getByRole('button', { name: 'Ask for another code' }).click(),
    ])
    await expect.poll(async () => (await read(order.id)).state).toBe('finished')
    await agree([order.id])
  })

  it('keeps what was typed while the server is gone, says so, and saves it afterwards', async () => {
    const order = await web.buy()
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/orders/${order.id}`)
    await page.getByRole('button', { name: 'Add a note' }).click()
    const text = 'For the test of the shop'
    await page.locator('textarea').fill(text)
    await context.setOffline(true)
    await page.getByText('The server does not answer').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.locator('textarea').inputValue()).toBe(text)
    await context.setOffline(false)
    await page.getByText('The server does not answer').waitFor({ state: 'hidden' })
    if ((await page.locator('textarea').count()) > 0) {
      expect(await page.locator('textarea').inputValue()).toBe(text)
      await page.getByRole('button', { name: 'Save' }).click()
    }
    await page.getByText(text).waitFor()
    await page.locator('textarea').waitFor({ state: 'hidden' })
    expect(await read(order.id)).toMatchObject({ note: text })
    expect(complaints).toEqual([])
    await context.close()
  })
})
