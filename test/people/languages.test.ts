// The language of mails: the chosen one, else that of the page, else English; and the tables of words.
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { acceptedLanguage } from '../../src/http/accept-language.ts'
import { mailOf } from '../../src/mail/texts.ts'
import { english } from '../../src/mail/words/english.ts'
import { indonesian } from '../../src/mail/words/indonesian.ts'
import type { Words } from '../../src/mail/words/words.ts'
import { mailFolder, outbox } from '../harness/outbox.ts'
import { goodPassword, signedIn, testBrowser, testUser } from '../harness/people.ts'
import { testServer } from '../harness/server.ts'

const folder = mailFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const inIndonesian = { 'accept-language': 'id' }

describe('mails', async () => {
  const server = await testServer({ env: { NUMLET_DATA: folder } })
  const sent = outbox(server, folder)
  const subjects = async () => (await sent()).map(({ subject }) => subject)
  const askReset = (email: string, headers: Record<string, string> = {}) =>
    testBrowser(server).ask('POST', '/v1/user/reset-requests', { email }, headers)

  it('to somebody new are in the language of the page, and so are later ones', async () => {
    const wanted = { email: 'new@example.com', name: 'Sari', password: goodPassword }
    const browser = testBrowser(server)
    expect((await browser.ask('POST', '/v1/user', wanted, inIndonesian)).status).toBe(202)
    const [mail] = await sent()
    expect(mail?.subject).toBe('Konfirmasi alamat email Anda untuk Numlet')
    expect(mail?.text).toContain('Halo Sari,')
    expect(mail?.html).toContain('lang="id"')
    const body = { token: mail?.token }
    expect((await browser.ask('POST', '/v1/user/verify', body, inIndonesian)).status).toBe(201)
    await askReset(wanted.email, { 'accept-language': 'en' })
    expect(await subjects()).toEqual(['Buat kata sandi baru untuk Numlet'])
    await browser.ask('PATCH', '/v1/user', { locale: 'en' })
    await askReset(wanted.email, inIndonesian)
    expect(await subjects()).toEqual(['Set a new password for Numlet'])
  })

  it('are in English for a language without texts, and for a program that names none', async () => {
    const { email } = await testUser(server)
    await askReset(email, { 'accept-language': 'fr-CA, fr;q=0.8' })
    await askReset(email)
    expect(await subjects()).toEqual(Array(2).fill('Set a new password for Numlet'))
  })

  it('that invite are in the language of the invited, else of whoever invites', async () => {
    const owner = await testUser(server)
    const browser = await signedIn(server, owner)
    await browser.ask('PATCH', '/v1/user', { locale: 'id' })
    const known = await testUser(server)
    const theirs = await signedIn(server, known)
    await theirs.ask('PATCH', '/v1/user', { locale: 'en' })
    await sent()
    for (const email of ['stranger@example.com', known.email])
      await browser.ask('POST', '/v1/team/invitations', { email, role: 'member' })
    expect(await subjects()).toEqual(['Undangan ke Numlet', 'An invitation to Numlet'])
  })

  it('about the security of a user are in the language that they chose', async () => {
    const user = await testUser(server)
    const browser = await signedIn(server, user)
    await browser.ask('PATCH', '/v1/user', { locale: 'id' })
    const change = { current: user.password, new: 'a quiet harbour in autumn' }
    const { status } = await browser.ask('POST', '/v1/user/password', change)
    expect(status).toBe(204)
    expect(await subjects()).toEqual(['Kata sandi Anda di Numlet telah diubah'])
  })
})

describe('the language that a client asks for', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['id', 'id'],
    ['ID-id', 'id'],
    ['fr, id;q=0.5, en;q=0.4', 'id'],
    ['en;q=0.4, id;q=0.5', 'id'],
    ['en, id', 'en'],
    ['id;q=0, en;q=0.1', 'en'],
    ['id;q=0', null],
    ['id;q=much', null],
    ['*', null],
    [`${'fr,'.repeat(5_000)}id`, null],
  ])('%j is %s', (header, language) => expect(acceptedLanguage(header)).toBe(language))
})

describe('the words of mails', () => {
  const namesIn = (words: Words) =>
    Object.entries(words.mails).map(([kind, { subject, before, link, after }]) => {
      const names = [subject, ...before, link, ...after].join(' ').matchAll(/\{(\w+)\}/g)
      return [kind, [...new Set([...names].map(([, name]) => name))].sort()]
    })

  it('name the same facts in each language', () => {
    expect(namesIn(indonesian)).toEqual(namesIn(english))
  })

  it.each(Object.keys(english.mails))('%s leaves no brace, and reads no fact again', (kind) => {
    for (const language of ['en', 'id'] as const) {
      const facts = { name: '{platform}', account: '<b>{name}', at: '2026-11-20T09:30:00.000Z' }
      const letter = { mailId: 1n, attempts: 1, name: 'x', to: 'a@example.com', language, facts }
      const url = 'https://example.com/'
      const text = kind as keyof Words['mails']
      const mail = mailOf({ ...letter, text, url }, { name: 'Numlet' })
      const rest = mail.text.replace('{platform}', '').replace('<b>{name}', '')
      expect(rest).not.toMatch(/[{}]/)
      expect(mail.html).not.toContain('<b>')
    }
  })
})
