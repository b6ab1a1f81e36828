// Every page of the web application in light, dark, on a phone and in the pseudo-language: no barrier, no
// broken policy, nothing wider than the screen. And codes behind a proxy that keeps streams back.
import { createServer, request, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../../harness/browser.ts'
import {
  barriers,
  type Look,
  patienceMs,
  settled,
  signIn,
  somePlaces,
  visit,
  type Web,
  webServer,
} from '../../web/browsing.ts'
import { type Places, pages } from '../../web/pages.ts'

const looks: Readonly<Record<string, Look>> = {
  light: { scheme: 'light' },
  dark: { scheme: 'dark' },
  phone: { scheme: 'light', width: 390, height: 844 },
  'phone, dark': { scheme: 'dark', width: 390, height: 844 },
  'twice as large': { width: 640, height: 410 },
  pseudo: { locale: 'pseudo' },
  indonesian: { locale: 'id' },
}

describe.skipIf(chromiumPath === null)('the pages', { timeout: 8 * patienceMs }, () => {
  let web: Web
  let places: Places
  let browser: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => {
    if (chromiumPath === null) return
    web = await webServer()
    places = await somePlaces(web)
    browser = await openBrowser()
  }, 8 * patienceMs)
  afterAll(() => browser?.close())

  it.each(Object.keys(looks))(
    'in %s: can be used by all, keep the policy and fit',
    async (name) => {
      const look = looks[name] as Look
      const { page, complaints, context } = await visit(browser, look)
      const wrong: string[] = []
      const see = async (path: string, label: string) => {
        await page.goto(`${web.server.url}/app${path}`)
        await settled(page)
        wrong.push(...(await barriers(page)).map((one) => `${label}: ${one}`))
        const [width, room] = await page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, innerWidth]',
        )
        if (width > room) wrong.push(`${label} is ${width} wide, and the window ${room}`)
      }
      const outside = pages.filter((one) => one.isOutside)
      for (const one of outside) await see(one.path(places), one.name)
      await page.goto(`${web.server.url}/app/sign-in`)
      await page.locator('input[name=email]').fill(web.user.email)
      await page.locator('input[name=password]').fill(web.user.password)
      await page.keyboard.press('Enter')
      await page.locator('main table').first().waitFor()
      for (const one of pages.filter((page) => !page.isOutside))
        await see(one.path(places), one.name)
      expect(wrong).toEqual([])
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  it('show a code behind a proxy that keeps the stream of events back', async () => {
    const proxy = await bufferingProxy(web.server.url)
    const { page, complaints, context } = await visit(browser)
    const through = { ...web, server: { ...web.server, url: proxy.url } }
    await signIn(page, through)
    const order = await web.buy()
    await page.goto(`${proxy.url}/app/orders/${order.id}`)
    await page.getByRole('button', { name: 'Copy the number' }).waitFor()
    await web.deliver(order.phone, '271-828')
    await page.getByRole('img', { name: 'Code 2 7 1 8 2 8' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
    proxy.server.closeAllConnections()
    proxy.server.close()
  })
})

/** A proxy that hands an answer on when it has all of it: a stream never ends, so nothing of it arrives. */
async function bufferingProxy(target: string): Promise<{ url: string; server: Server }> {
  const server = createServer((incoming, answer) => {
    const onward = request(
      new URL(incoming.url ?? '/', target),
      { method: incoming.method, headers: incoming.headers },
      (reply) => {
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => parts.push(part))
        reply.on('end', () => {
          answer.writeHead(reply.statusCode ?? 502, reply.headers)
          answer.end(Buffer.concat(parts))
        })
      },
    )
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return { url: `http://127.0.0.1:${address.port}`, server }
}
