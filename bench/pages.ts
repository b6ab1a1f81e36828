// `pages`: how long the dashboard takes in Chromium: a first load on a slow processor, from page to page, and
// from the acceptance of a message to its code on the screen; compared with a bare page and a bare reader.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { passwords } from '../src/core/people/password.ts'
import { addMembership, createUser } from '../src/core/people/users.ts'
import { chromiumPath, openBrowser } from '../test/harness/browser.ts'
import { builtWeb } from '../test/harness/web.ts'
import {
  type BenchServer,
  fillPlatform,
  type Platform,
  type ServerProcess,
  startServer,
} from './ground.ts'
import { percentile, type Result, result } from './measure.ts'
import { changePage, codeShown, coldLoad, nowMs } from './pages-browser.ts'
import { openStream } from './streams.ts'

const loads = 9
/** A phone of the middle sort beside the machine of a developer. */
const slowdown = 4
const changes = 20
const codes = Number(process.env.PAGES_CODES ?? 40)
const email = 'bench@example.com'
const password = 'nine grey herons by the lake'

export async function pages(ground: BenchServer): Promise<Result[]> {
  if (chromiumPath === null) {
    process.stderr.write('  There is no Chromium: nothing is measured.\n')
    return []
  }
  await builtWeb()
  const platform = await fillPlatform(ground, 'bench_pages', { numbers: 2_000, accounts: 1 })
  await addUser(platform)
  const server = await startServer(platform.url, { NUMLET_MAIL_URL: '' })
  const url = `http://${server.host}:${server.port}`
  const browser = await openBrowser()
  const context = await browser.newContext()
  const page = await context.newPage()
  await signIn(page, url)
  const session = await context.storageState()
  const results = await firstLoads(browser, { session, url })
  results.push(await fromPageToPage(page))
  results.push(...(await toTheScreen(page, { url, server, platform })))
  await browser.close()
  await server.stop()
  await platform.db.end()
  return results
}

async function addUser({ db }: Platform): Promise<void> {
  const now = new Date()
  const hash = await passwords().hash(password)
  await db.begin(async (tx) => {
    const userId = await createUser(tx, now, { email, password: hash, verifiedAt: now })
    const [account] = await tx.query<{ id: number }>('select id from accounts where id > 0 limit 1')
    await addMembership(tx, now, { userId, accountId: account?.id ?? 0, role: 'owner' })
  })
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/app/sign-in`)
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Home' }).waitFor()
}

type Place = { readonly session: Parameters<typeof coldLoad>[1]['session']; readonly url: string }

/** Home with nothing in the browser's cache, and a page without script or style in the same browser. */
async function firstLoads(browser: Browser, { session, url }: Place): Promise<Result[]> {
  const bare = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<main><h1>Home</h1></main>'),
  )
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve))
  const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}`
  const [ours, theirs] = [[], []] as [number[][], number[]]
  for (let round = 0; round < loads; round++) {
    const { shown, usable } = await coldLoad(browser, { session, slowdown, url: `${url}/app` })
    ours.push([shown, usable])
    theirs.push((await coldLoad(browser, { session, slowdown, url: bareUrl })).shown)
  }
  bare.close()
  const yardstick = percentile(theirs, 0.5)
  const middle = (at: number) =>
    percentile(
      ours.map((one) => one[at] as number),
      0.5,
    )
  return [
    result(`first load, shown (${slowdown} times slower processor)`, 'ms', middle(0), yardstick),
    result('first load, usable', 'ms', middle(1), yardstick),
  ]
}

/** Between Orders and Wallet, which were both seen before; the yardstick is one frame of the screen. */
async function fromPageToPage(page: Page): Promise<Result> {
  const there = () => changePage(page, 'a[href="/app/orders"]', 'Orders')
  const back = () => changePage(page, 'a[href="/app/wallet"]', 'Wallet')
  for (const visit of [there, back]) await visit()
  const took: number[] = []
  for (let round = 0; round < changes; round++) took.push(await there(), await back())
  const frames: number[] = []
  for (let round = 0; round < changes; round++)
    frames.push(
      await page.evaluate(`new Promise((resolve) => requestAnimationFrame((begun) =>
        requestAnimationFrame((end) => resolve(end - begun))))`),
    )
  return result('page to page, p95', 'ms', percentile(took, 0.95), percentile(frames, 0.95))
}

type Running = {
  readonly url: string
  readonly server: ServerProcess
  readonly platform: Platform
}

/** From the acceptance of a message to its code, painted; and to a reader of the stream in this process. */
async function toTheScreen(page: Page, { url, server, platform }: Running): Promise<Result[]> {
  const key = platform.keys[0] as string
  let told: (at: number) => void = () => {}
  const stream = await openStream(server, key, '?types=order.code_received', () => told(nowMs()))
  const [painted, read] = [[], []] as [number[], number[]]
  for (let sent = 0; sent < codes; sent++) {
    const order = await post<{ id: string; phone: string }>(`${url}/v1/orders`, key, {
      service: 'telegram',
    })
    await page.goto(`${url}/app/orders/${order.id}`)
    await page.locator('[data-testid=code][data-empty]').waitFor()
    const shown = codeShown(page)
    const heard = new Promise<number>((resolve) => {
      told = resolve
    })
    const sms = `Telegram code ${10_000 + sent}. You can also tap on this link to log in.`
    await post(`${url}/api/callback`, platform.secret, {
      event: 'incoming_message',
      message: { id: `bench-${sent}`, number: order.phone, sender: 'Telegram', sms },
    })
    const accepted = nowMs()
    painted.push(Math.max(0, (await shown) - accepted))
    read.push(Math.max(0.1, (await heard) - accepted))
  }
  stream.destroy()
  return [0.5, 0.95].map((share) =>
    result(
      `accepted to painted, p${share * 100}`,
      'ms',
      percentile(painted, share),
      percentile(read, share),
    ),
  )
}

async function post<T>(url: string, key: string, body: unknown): Promise<T> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const reply = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}`)
  return (await reply.json()) as T
}
