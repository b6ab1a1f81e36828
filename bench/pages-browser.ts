// What a browser sees of the dashboard, by its own clock, for the benchmark `pages`.
import type { Browser, BrowserContext, Page } from 'playwright-core'

/** Evaluated in the page: ms since the epoch, with their fraction, as `nowMs` in this process. */
const clock = 'performance.timeOrigin + performance.now()'

/** Ms since the epoch, with their fraction. */
export const nowMs = (): number => performance.timeOrigin + performance.now()

/** Records when the page has its heading, and when nothing of it is awaited any more. */
const watch = `
  const seen = {}
  window.seenAt = seen
  const look = () => {
    if (!document.querySelector('main h1')) return
    seen.shown ??= performance.now()
    if (document.querySelector('main .bone, main [aria-busy=true]')) return
    seen.usable ??= performance.now()
    window.isUsable?.(seen)
  }
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true })`

export type Load = { readonly shown: number; readonly usable: number }

type Session = Awaited<ReturnType<BrowserContext['storageState']>>

/** Loads an address in a browser with nothing kept, on a processor that is slower by the factor.
 * @returns ms from the navigation until the page had its heading, and until all of it was there */
export async function coldLoad(
  browser: Browser,
  { session, url, slowdown }: { session: Session; url: string; slowdown: number },
): Promise<Load> {
  const context = await browser.newContext({ storageState: session })
  await context.addInitScript(watch)
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  await page.goto(url)
  const seen = await page.evaluate<Load>(`new Promise((resolve) => {
    window.isUsable = resolve
    if (window.seenAt.usable !== undefined) resolve(window.seenAt)
  })`)
  await context.close()
  return seen
}

/** Presses a link that leads to another page. @returns ms until its heading is there and painted */
export const changePage = (page: Page, link: string, heading: string): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const begun = performance.now()
    const isThere = () => [...document.querySelectorAll('main h1')]
      .some((one) => one.textContent === ${JSON.stringify(heading)})
    const look = () => {
      if (!isThere()) return
      observer.disconnect()
      requestAnimationFrame(() => resolve(performance.now() - begun))
    }
    const observer = new MutationObserver(look)
    observer.observe(document.body, { childList: true, subtree: true, characterData: true })
    document.querySelector(${JSON.stringify(link)}).click()
  })`)

/** @returns when the code of the order that the page shows was painted */
export const codeShown = (page: Page): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector('[data-testid=code]:not([data-empty])')) return
      observer.disconnect()
      requestAnimationFrame(() => resolve(${clock}))
    }
    const observer = new MutationObserver(look)
    observer.observe(document.body, { childList: true, subtree: true, attributes: true })
    look()
  })`)
