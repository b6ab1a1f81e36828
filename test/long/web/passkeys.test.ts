// Passkeys in Chromium, with an authenticator of its own: added, used to sign in and as second factor,
// renamed and removed.
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumPath, openBrowser } from '../../harness/browser.ts'
import { testUser } from '../../harness/people.ts'
import { barriers, patienceMs, settled, signIn, visit, webServer } from '../../web/browsing.ts'

type Authenticator = { readonly cdp: CDPSession; readonly id: string }

/** An authenticator in the machine, whose user is there and shows who they are. */
async function authenticatorOf(page: Page): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { cdp, id }
}

describe.skipIf(chromiumPath === null)('a passkey', { timeout: 3 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer()
  const { server } = web
  // Passkeys belong to names.
  const url = server.url.replace('127.0.0.1', 'localhost')
  const browser = await openBrowser()
  afterAll(() => browser.close())
  // All tests come from one network.
  beforeEach(async () => {
    await server.db.query('delete from attempts')
  })

  async function withPasskey() {
    const person = await testUser(server)
    const visited = await visit(browser)
    const { page } = visited
    const own = await authenticatorOf(page)
    await signIn(page, { ...web, server: { ...server, url }, user: person })
    await page.goto(`${url}/app/settings/security`)
    await page.getByLabel('Name of the passkey').fill('Laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
    await codes.first().waitFor()
    const code = (await codes.first().textContent()) as string
    expect(await codes.count()).toBe(10)
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByRole('button', { name: 'Remove: Laptop' }).waitFor()
    return { ...visited, person, own, code }
  }

  const leave = async (page: Page) => {
    await page.context().clearCookies()
    await page.goto(`${url}/app/sign-in`)
  }
  const atHome = (page: Page) => page.getByRole('heading', { name: 'Home' }).waitFor()

  it('of another site is named in the settings, and not offered as second factor', async () => {
    const { page, complaints, context, person } = await withPasskey()
    await server.db.query(`update passkeys set host = 'old.example.com' where user_id = $1`, [
      person.userId,
    ])
    await page.reload()
    await page.getByText('It was made for old.example.com and cannot be used here.').waitFor()
    await settled(page)
    expect(await barriers(page)).toEqual([])
    await leave(page)
    await page.getByLabel('Email').fill(person.email)
    await page.getByLabel('Password', { exact: true }).fill(person.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('textbox', { name: /code/i }).waitFor()
    expect(await page.getByRole('button', { name: /passkey/i }).count()).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('is added, and signs in without an address or a password', async () => {
    const { page, complaints, context } = await withPasskey()
    await settled(page)
    expect(await barriers(page)).toEqual([])
    await leave(page)
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await atHome(page)
    // Both factors are given: what needs a recent one asks for nothing.
    await page.goto(`${url}/app/settings/security`)
    await page.getByRole('button', { name: 'Make new ones' }).click()
    await page.getByRole('button', { name: 'Make new codes' }).click()
    await page.getByRole('list', { name: 'Recovery codes' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('is the second factor after a password, and over a page; or a recovery code is', async () => {
    const { page, complaints, context, person, code } = await withPasskey()
    const password = async () => {
      await leave(page)
      await page.getByLabel('Email').fill(person.email)
      await page.getByLabel('Password', { exact: true }).fill(person.password)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('heading', { name: 'One more step' }).waitFor()
    }
    await password()
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await atHome(page)
    await password()
    await page.getByLabel('Recovery code').fill(code)
    await page.getByRole('button', { name: 'Go on' }).click()
    await atHome(page)
    await page.goto(`${url}/app/settings/security`)
    server.advance(16 * 60)
    await page.getByRole('button', { name: 'Remove: Laptop' }).click()
    await page.getByRole('button', { name: 'Remove it' }).click()
    const again = page.getByRole('dialog', { name: 'Is it still you?' })
    await again.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('button', { name: 'Remove: Laptop' }).waitFor({ state: 'detached' })
    await leave(page)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('The passkey was not accepted.').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('is renamed, and is not added twice to one device', async () => {
    const { page, complaints, context } = await withPasskey()
    await page.getByRole('button', { name: 'Rename: Laptop' }).click()
    const hostile = '<img src=x onerror="document.title=1">'
    await page.getByLabel('New name').fill(hostile)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText(hostile, { exact: true }).waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('This device has a passkey of yours already.').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('that does not recognise its user signs in nobody, and the page says so', async () => {
    const { page, complaints, context, own } = await withPasskey()
    await own.cdp.send('WebAuthn.setUserVerified', {
      authenticatorId: own.id,
      isUserVerified: false,
    })
    await leave(page)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('No passkey was used.').waitFor()
    expect(await page.getByRole('heading', { name: 'Sign in' }).count()).toBe(1)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('cannot belong to an address, and the page says what to do', async () => {
    const person = await testUser(server)
    const { page, complaints, context } = await visit(browser)
    await page.goto(`${server.url}/app/sign-in`)
    await page.getByLabel('Email').waitFor()
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0)
    await signIn(page, { ...web, user: person })
    await page.goto(`${server.url}/app/settings/security`)
    await page.getByText('open it as http://localhost').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})
