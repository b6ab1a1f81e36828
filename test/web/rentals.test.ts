// Rentals, inboxes and eSIMs in Chromium: live messages, renewing, hostile mails, the QR code.
import { afterAll, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../harness/browser.ts'
import { openReceiver } from '../harness/receiver.ts'
import { call } from '../harness/server.ts'
import {
  barriers,
  esimWish,
  inboxWish,
  patienceMs,
  settled,
  signIn,
  visit,
  webServer,
} from './browsing.ts'
import { readQr } from './qr.ts'

type Esim = { readonly esim: { readonly activation_code: string } }

describe.skipIf(chromiumPath === null)('rentals', { timeout: 3 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer()
  const { server } = web
  const browser = await openBrowser()
  afterAll(() => browser.close())

  it('show each message of a rental without reload, and renew it once', async () => {
    const rental = await web.buy({ kind: 'rental', duration: '3d' })
    const { page, complaints, context } = await visit(browser)
    await page.clock.install({ time: rental.created_at })
    await signIn(page, web)
    await page.goto(`${server.url}/app/rentals/${rental.id}`)
    await page.getByText('Type the number where you sign up.').waitFor()
    await web.deliver(rental.phone, '204-771')
    const talk = page.getByRole('region', { name: 'Messages, oldest first' })
    await talk.getByText('Your WhatsApp code: 204-771').waitFor()
    await web.deliver(rental.phone, '118-530')
    await talk.getByText('118 530').waitFor()
    await page.getByRole('button', { name: /^Renew 3 days for \$/ }).dblclick()
    await page
      .getByText(/^[5-6] days left$/)
      .first()
      .waitFor()
    const { body } = await call<{ renewals: number }>(
      server,
      web.key,
      'GET',
      `/v1/orders/${rental.id}`,
    )
    expect(body.renewals).toBe(1)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('let nothing leave the frame of a hostile mail, and show its text', async () => {
    const trap = await openReceiver()
    const inbox = await web.buy(inboxWish)
    await web.mail(inbox.email, {
      subject: 'Confirm <img src=x onerror=alert(1)>',
      text: 'Your code is 593821',
      html: `<p style="color:#c00;background:url(${trap.url})">Your code is <b>593821</b></p>
        <img src="${trap.url}"><script>fetch('${trap.url}'); parent.document.title = 'taken'</script>
        <style>@import '${trap.url}'; p { background: url(${trap.url}) }</style>
        <link rel="stylesheet" href="${trap.url}"><meta http-equiv="refresh" content="0; url=${trap.url}">
        <iframe src="${trap.url}"></iframe><object data="${trap.url}"></object><base href="${trap.url}">
        <a href="${trap.url}" target="_top" ping="${trap.url}" onclick="location='${trap.url}'">Follow</a>
        <form action="${trap.url}"><input autofocus name="card"><button>Send</button></form>
        <svg onload="fetch('${trap.url}')"><image href="${trap.url}"/></svg>`,
    })
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/rentals/${inbox.id}`)
    const frame = page.frameLocator('iframe')
    await frame.getByText('593821').waitFor()
    await frame.getByText('Follow').click()
    await page.getByRole('region', { name: 'Plain text' }).getByText('593821').waitFor()
    expect(await frame.locator('font[color="#cc0000"]').count()).toBe(1)
    const size = await frame.locator('body').evaluate('getComputedStyle(document.body).padding')
    expect(size, 'our sheet of styles is loaded').toBe('16px')
    expect(new URL(page.url()).pathname).toBe(`/app/rentals/${inbox.id}`)
    expect(context.pages()).toHaveLength(1)
    expect(trap.received).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('show the QR code of an eSIM, and fit a phone without barriers', async () => {
    const esim = await web.buy(esimWish)
    const { page, complaints, context } = await visit(browser, { width: 390, height: 844 })
    await signIn(page, web)
    await page.goto(`${server.url}/app/rentals/${esim.id}`)
    const picture = page.getByRole('img', { name: 'QR code of the eSIM' })
    await picture.waitFor()
    const { body } = await call<Esim>(server, web.key, 'GET', `/v1/orders/${esim.id}`)
    expect(body.esim.activation_code).toMatch(/^LPA:1\$/)
    expect(await readQr(page, 'main img')).toBe(body.esim.activation_code)
    for (const path of [`/rentals/${esim.id}`, '/rentals?kind=email', '/rentals?kind=rental']) {
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
