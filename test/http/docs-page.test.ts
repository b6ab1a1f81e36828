// The reference page at /docs, in a real browser.
import { mkdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../harness/browser.ts'
import { call, testServer } from '../harness/server.ts'

/** How long the page may take on a busy machine. */
const patienceMs = 120_000

/** Where screenshots go when somebody wants to look. */
const pictures = process.env.NUMLET_TEST_SCREENSHOTS

describe('/docs', async () => {
  const server = await testServer({ template: 'catalog' })

  it('is served with a policy that lets it reach nobody else', async () => {
    for (const path of ['/docs', '/docs/']) {
      const page = await call<string>(server, null, 'GET', path)
      expect(page.status).toBe(200)
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
      const policy = page.headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'")
      expect(policy).toMatch(/script-src 'self' 'sha256-[^']+';/)
      expect(policy).not.toMatch(/https?:|unsafe-eval/)
      expect(page.headers.get('x-content-type-options')).toBe('nosniff')
      expect(page.headers.get('x-frame-options')).toBe('DENY')
      expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    }
  })

  it('sends the script once: afterwards 304', async () => {
    const first = await call(server, null, 'GET', '/docs/scalar.js')
    expect(first.status).toBe(200)
    const etag = first.headers.get('etag') as string
    const again = await call(server, null, 'GET', '/docs/scalar.js', undefined, {
      'if-none-match': etag,
    })
    expect(again.status).toBe(304)
    const plain = await call(server, null, 'GET', '/docs/scalar.js', undefined, {
      'accept-encoding': 'identity',
    })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(plain.status).toBe(200)
  })

  describe.skipIf(chromiumPath === null)('in Chromium', { timeout: 2 * patienceMs }, async () => {
    if (chromiumPath === null) return
    const browser = await openBrowser()
    afterAll(() => browser.close())

    const open = async (width: number) => {
      const page = await browser.newPage({ viewport: { width, height: 900 } })
      const elsewhere: string[] = []
      const failed: string[] = []
      const complaints: string[] = []
      page.on('request', (request) => {
        const url = request.url()
        if (!url.startsWith(`${server.url}/`) && !/^(data|blob):/.test(url)) elsewhere.push(url)
      })
      page.on('response', (response) => {
        if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`)
      })
      page.on('console', (line) => {
        if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text())
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.setDefaultTimeout(patienceMs)
      await page.goto(`${server.url}/docs`)
      return { page, elsewhere, failed, complaints }
    }

    const picture = async (page: Page, name: string) => {
      if (pictures === undefined) return
      mkdirSync(pictures, { recursive: true })
      await page.screenshot({ path: `${pictures}/${name}.png` })
    }

    it('shows every operation, asks no other host and has no complaint', async () => {
      const { page, elsewhere, failed, complaints } = await open(1400)
      const { body } = await call<{
        paths: Record<string, Record<string, { summary: string }>>
      }>(server, null, 'GET', '/openapi.json')
      await page.getByRole('heading', { name: 'Numlet', exact: true }).waitFor()
      await picture(page, 'docs-wide')
      const contents = page.getByRole('complementary', { name: 'Sidebar for Numlet' })
      const operations = Object.values(body.paths).flatMap((path) => Object.values(path))
      expect(operations.length).toBeGreaterThan(20)
      const missing = async () => {
        const links = (await contents.getByRole('link').allTextContents()).join('\n')
        return operations.filter(({ summary }) => !links.includes(summary))
      }
      await expect.poll(missing, { timeout: patienceMs }).toEqual([])
      await contents.getByRole('link', { name: 'Create an order' }).first().click()
      await page
        .getByRole('heading', { name: 'Create an order' })
        .first()
        .waitFor({ state: 'visible' })
      await picture(page, 'docs-operation')
      expect({ elsewhere, failed, complaints }).toEqual({
        elsewhere: [],
        failed: [],
        complaints: [],
      })
      await page.close()
    })

    it('fits a narrow window', async () => {
      const { page, elsewhere, failed, complaints } = await open(390)
      await page.getByRole('heading', { name: 'Numlet', exact: true }).waitFor()
      await picture(page, 'docs-narrow')
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(width).toBeLessThanOrEqual(390)
      expect({ elsewhere, failed, complaints }).toEqual({
        elsewhere: [],
        failed: [],
        complaints: [],
      })
      await page.close()
    })
  })
})
