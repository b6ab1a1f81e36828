// The first five minutes, on a phone: sign up, top up in the sandbox, buy, and copy the code; by what is on
// the screen alone.
import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../harness/browser.ts'
import { mailFolder, outbox } from '../harness/outbox.ts'
import { barriers, patienceMs, visit, webServer } from './browsing.ts'

const folder = mailFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const phone = { width: 390, height: 844 }
const password = 'nine grey herons by the lake'

/** What is on the clipboard. */
const copied = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()')

describe.skipIf(chromiumPath === null)(
  'the first minutes',
  { timeout: 3 * patienceMs },
  async () => {
    if (chromiumPath === null) return
    const web = await webServer({ NUMLET_DATA: folder })
    const sent = outbox(web.server, folder)
    const browser = await openBrowser()
    afterAll(() => browser.close())

    it('lead from signing up to a copied code', async () => {
      const { page, complaints, context } = await visit(browser, phone)
      await page.goto(web.server.url)
      await page.getByRole('link', { name: 'Create an account' }).click()
      await page.getByLabel('Email').fill('kim@example.com')
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Create the account' }).click()
      await page.getByRole('heading', { name: 'Look in your mail' }).waitFor()
      await page.goto(`${web.server.url}/app/verify#token=${(await sent())[0]?.token}`)
      await page.getByRole('main').getByRole('link', { name: 'Top up first' }).click()
      await page.getByRole('button', { name: /^Top up/ }).click()
      await page.getByRole('button', { name: /^Pay/ }).click()
      await page.getByRole('link', { name: 'Buy a number' }).click()
      await page.getByRole('searchbox').fill('wa us')
      await page.getByText('Enter buys the first').waitFor({ state: 'attached' })
      await page
        .getByRole('button', { name: /^Buy for/ })
        .first()
        .click()
      await page.getByRole('button', { name: 'Copy the number' }).click()
      const number = await copied(page)
      expect(number).toMatch(/^\+1\d{10}$/)
      await web.deliver(number, '316-227')
      await page.getByRole('img', { name: 'Code 3 1 6 2 2 7' }).waitFor()
      await page.getByRole('button', { name: 'Copy code' }).click()
      await expect.poll(() => copied(page)).toBe('316227')
      expect(await barriers(page)).toEqual([])
      expect(complaints).toEqual([])
      await context.close()
    })
  },
)
