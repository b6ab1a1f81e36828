// Settings in Chromium: name, password, sessions, an authenticator and its recovery codes, team, invitations.
import { readFileSync, rmSync } from 'node:fs'
import { generateSync } from 'otplib'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { debitAccount } from '../../../src/core/accounts/adjustments.ts'
import { type Amount, parseAmount } from '../../../src/core/money.ts'
import { chromiumPath, openBrowser } from '../../harness/browser.ts'
import { mailFolder, outbox } from '../../harness/outbox.ts'
import { signedIn, testUser } from '../../harness/people.ts'
import { barriers, patienceMs, signIn, visit, webServer } from '../../web/browsing.ts'

const folder = mailFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(chromiumPath === null)('the settings', { timeout: 3 * patienceMs }, async () => {
  if (chromiumPath === null) return
  const web = await webServer({ NUMLET_DATA: folder })
  const { server, user } = web
  const sent = outbox(server, folder)
  const browser = await openBrowser()
  afterAll(() => browser.close())
  // All tests come from one network.
  beforeEach(async () => {
    await server.db.query('delete from attempts')
  })

  const codeOf = (secret: string) =>
    generateSync({ secret, epoch: Math.floor(server.app.now().getTime() / 1000) })

  it('change the name, and end another session', async () => {
    await signedIn(server, user)
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/settings`)
    await page.getByLabel('Name').fill('Kim')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('button', { name: 'Kim: you and your settings' }).waitFor()
    await page.getByRole('link', { name: 'Security' }).click()
    await page.getByText('This browser').waitFor()
    await page
      .getByRole('button', { name: /^Sign out: / })
      .first()
      .click()
    await page.getByTestId('announcer').getByText('Signed out there').waitFor({ state: 'attached' })
    expect(complaints).toEqual([])
    await context.close()
  })

  it('say beside its field that a password is wrong, and change it', async () => {
    const person = await testUser(server)
    const { page, complaints, context } = await visit(browser)
    await signIn(page, { ...web, user: person })
    await page.goto(`${server.url}/app/settings/security`)
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByLabel('Password until now').fill('not the password')
    await page.getByLabel('New password').fill('a quiet harbour in autumn')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByText('This is not your password.').waitFor()
    await page.getByLabel('Password until now').fill(person.password)
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByText('It is changed.').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('set up an authenticator, and ask for it over the page when it was long ago', async () => {
    const person = await testUser(server)
    const { page, complaints, context } = await visit(browser)
    await signIn(page, { ...web, user: person })
    await page.goto(`${server.url}/app/settings/security`)
    await page.getByRole('button', { name: 'Set up an authenticator' }).click()
    await page.getByRole('img', { name: 'QR code for the authenticator' }).waitFor()
    await page.getByRole('button', { name: 'Copy the secret' }).click()
    const secret = await page.evaluate<string>('navigator.clipboard.readText()')
    await page.getByLabel('Code that it shows').fill('abc')
    await page.keyboard.press('Enter')
    await page.getByText('This code is not right.').waitFor()
    await page.getByLabel('Code that it shows').fill(codeOf(secret))
    const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
    await codes.first().waitFor()
    expect(await codes.count()).toBe(10)
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByRole('button', { name: 'Make new ones' }).waitFor()
    server.advance(16 * 60)
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: 'Remove it' }).click()
    const again = page.getByRole('dialog', { name: 'Is it still you?' })
    await again.getByLabel('Code of your authenticator').fill(codeOf(secret))
    await page.getByRole('button', { name: 'Set up an authenticator' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('switch a mail off, which stays off', async () => {
    const person = await testUser(server)
    const { page, complaints, context } = await visit(browser)
    await signIn(page, { ...web, user: person })
    await page.goto(`${server.url}/app/settings/notifications`)
    const deposit = page.getByRole('switch', { name: 'A deposit was added' })
    await deposit.click()
    await page.getByTestId('announcer').getByText('Saved').waitFor({ state: 'attached' })
    await page.reload()
    await deposit.waitFor()
    expect(await deposit.isChecked()).toBe(false)
    expect(await page.getByRole('switch', { name: 'A rental ends soon' }).isChecked()).toBe(true)
    expect(await barriers(page)).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('invite somebody, who joins by the link, and whose role is changed', async () => {
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/settings/team`)
    await page.getByRole('textbox', { name: 'Email' }).fill('lee@example.com')
    await page.getByRole('button', { name: 'Send the invitation' }).click()
    await page
      .getByRole('button', { name: 'Take back the invitation of lee@example.com' })
      .waitFor()
    const mail = (await sent()).find(({ to }) => to.includes('lee@example.com'))
    const theirs = await visit(browser)
    await theirs.page.goto(`${server.url}/app/invitation#token=${mail?.token}`)
    await theirs.page.getByLabel('Name (optional)').fill('Lee')
    await theirs.page.getByLabel('Password', { exact: true }).fill('short')
    await theirs.page.getByRole('button', { name: 'Join the account' }).click()
    await theirs.page.getByText('must have at least 10 characters').waitFor()
    await theirs.page.getByLabel('Password', { exact: true }).fill('nine grey herons by the lake')
    await theirs.page.getByRole('button', { name: 'Join the account' }).click()
    await theirs.page.getByRole('heading', { name: 'Home' }).waitFor()
    await theirs.page.goto(`${server.url}/app/settings/team`)
    await theirs.page.getByText('Only owners see and change the team.').waitFor()
    await page.reload()
    await page.getByRole('combobox', { name: 'Role of Lee' }).selectOption('owner')
    await page.getByTestId('announcer').getByText('Lee: Owner').waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Remove Lee' }).click()
    await page.getByRole('button', { name: 'Remove from the team' }).click()
    await page.getByRole('combobox', { name: 'Role of Lee' }).waitFor({ state: 'detached' })
    expect([...complaints, ...theirs.complaints]).toEqual([])
    await context.close()
    await theirs.context.close()
  })

  it('take an invitation as who one is, after signing out as somebody else', async () => {
    const known = await testUser(server)
    const { page, complaints, context } = await visit(browser)
    await signIn(page, web)
    await page.goto(`${server.url}/app/settings/team`)
    await page.getByRole('textbox', { name: 'Email' }).fill(known.email)
    await page.getByRole('button', { name: 'Send the invitation' }).click()
    await page.getByRole('button', { name: /^Take back/ }).waitFor()
    const mail = (await sent()).find(({ to }) => to.includes(known.email))
    await page.goto(`${server.url}/app/invitation#token=${mail?.token}`)
    await page.getByText(`The invitation is for ${known.email}`).waitFor()
    await page.getByRole('button', { name: 'Sign out and go on' }).click()
    await page.getByText(`${user.email} invites you to`).waitFor()
    await page.getByLabel('Email').fill(known.email)
    await page.getByLabel('Password', { exact: true }).fill(known.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('button', { name: 'Join the account' }).click()
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('export everything, and close an account of which nothing is open', async () => {
    const person = await testUser(server)
    const { page, complaints, context } = await visit(browser)
    await signIn(page, { ...web, user: person })
    await page.goto(`${server.url}/app/settings`)
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    const saved = readFileSync(await (await download).path(), 'utf8')
    expect(JSON.parse(saved.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'end' })
    expect(saved).toContain(person.email)
    const close = () => page.getByRole('button', { name: 'Close the account' })
    await close().click()
    const dialog = page.getByRole('dialog')
    const confirm = dialog.getByRole('button', { name: 'Close the account' })
    expect(await confirm.isDisabled()).toBe(true)
    const id = /acc_\w+/.exec((await download).suggestedFilename())?.[0] ?? ''
    await dialog.getByLabel(`Type ${id} to confirm`).fill(id)
    await confirm.click()
    // It has a balance.
    await dialog.getByRole('alert').waitFor()
    expect(await barriers(page)).toEqual([])
    const all = { accountId: person.accountId, amount: parseAmount('100') as Amount }
    await debitAccount(server.db, server.app.now(), { ...all, reference: 'paid out' })
    await confirm.click()
    await page.getByLabel('Email').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})
