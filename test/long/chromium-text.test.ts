// The texts of test/codes/pages are those that Chromium shows.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pages, plainly } from '../codes/pages/pages.ts'
import { chromiumPath, openBrowser } from '../harness/browser.ts'

describe.skipIf(chromiumPath === null)('Chromium', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  it('shows what the table of pages says', async () => {
    const page = await browser.newPage({ viewport: { width: 1024, height: 768 } })
    await page.route('**', (route) => route.abort())
    const others: string[] = []
    for (const { name, html, text, inner = text } of pages) {
      await page.setContent(html, { waitUntil: 'commit' })
      const shown = plainly(await page.locator('body').evaluate((body) => body.innerText))
      if (shown !== inner) others.push(`${name}: ${shown}`)
    }
    expect(others).toEqual([])
  })
})
