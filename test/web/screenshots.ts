// Pictures of every page and state: light, dark, phone, the pseudo-language, twice as large; in one sheet.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect, it } from 'vitest'
import { openBrowser } from '../harness/browser.ts'
import { type Look, settled, somePlaces, visit, webServer } from './browsing.ts'
import { type Places, pages, type Shown } from './pages.ts'

const folder = resolve(process.env.NUMLET_TEST_SCREENSHOTS ?? 'data/screenshots')

type Named = Look & { readonly name: string }

const looks: readonly Named[] = [
  { name: 'dark', scheme: 'dark' },
  { name: 'phone', scheme: 'light', width: 390, height: 844 },
  { name: 'phone-dark', scheme: 'dark', width: 390, height: 844 },
  { name: 'pseudo', locale: 'pseudo' },
  { name: 'light', scheme: 'light' },
  { name: 'indonesian', locale: 'id' },
  // What 200 % leaves of a window of 1280 x 820.
  { name: 'zoomed', width: 640, height: 410 },
]

const web = await webServer()
const browser = await openBrowser()
afterAll(() => browser.close())
mkdirSync(folder, { recursive: true })

async function shown(page: Page, places: Places, one: Shown): Promise<void> {
  await page.goto(`${web.server.url}/app${one.path(places)}`)
  await settled(page)
}

it('takes a picture of each page in each look', async () => {
  const places = await somePlaces(web)
  const taken: string[] = []
  for (const { name, ...look } of looks) {
    const { page, complaints, context } = await visit(browser, look)
    const take = async (one: Shown) => {
      await shown(page, places, one)
      const file = `${one.name}.${name}.png`
      await page.screenshot({ path: join(folder, file), fullPage: true })
      taken.push(file)
    }
    for (const one of pages.filter(({ isOutside }) => isOutside)) await take(one)
    await enter(page)
    for (const one of pages.filter(({ isOutside }) => !isOutside)) await take(one)
    expect(complaints).toEqual([])
    await context.close()
  }
  writeFileSync(join(folder, 'index.html'), sheetOf(taken))
  process.stderr.write(`${taken.length} pictures: ${join(folder, 'index.html')}\n`)
})

/** Signs in without the words of a language. */
async function enter(page: Page): Promise<void> {
  await page.goto(`${web.server.url}/app/sign-in`)
  await page.locator('input[name=email]').fill(web.user.email)
  await page.locator('input[name=password]').fill(web.user.password)
  await page.keyboard.press('Enter')
  await page.locator('main table').first().waitFor()
}

const sheetOf = (files: readonly string[]) => `<!doctype html><meta charset="utf-8">
<title>Pages</title><style>
body{font:13px system-ui;margin:16px;background:#888}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(360px,1fr));gap:16px}
figure{margin:0;background:#fff;padding:8px}img{width:100%;display:block}
</style><main>${files
  .map(
    (file) =>
      `<figure><a href="${file}"><img src="${file}" alt="" loading="lazy"></a>${file}</figure>`,
  )
  .join('\n')}</main>`
