// What strangers may send: too large, made to be a burden, no mail at all; and what happens when we fail.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { toConfig } from '../../src/config.ts'
import { selfSigned } from '../../src/supply/smtp/certificate.ts'
import { startMailServer } from '../../src/supply/smtp/server.ts'
import { mailText, openMail, type Talk, talkTo, testMailServer } from '../harness/mail.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyOne, ownDomain } from './market.ts'

const server = await testServer({ template: 'catalog' })
const { app, db } = server
const mail = await testMailServer(server)
const { accountId } = await testCustomer(db, { credit: '1000' })
const domain = await ownDomain(db, { capacity: 10_000 })
const inbox = () => buyOne(app, { accountId, domains: [domain] })
const stored = '250 2.6.0 Stored'

/** Sends a mail's bytes to a fresh inbox. @returns the answer, and how many messages the inbox has */
async function answerTo(raw: string | Buffer): Promise<{ answer: string; messages: number }> {
  const order = await inbox()
  const talk = await talkTo(mail)
  await openMail(talk, [order.email])
  talk.socket.write(raw)
  const answer = await talk.say(Buffer.from('\r\n.\r\n'))
  talk.end()
  return { answer, messages: (await app.messages.of(order.id)).length }
}

const refused = { answer: '554 5.6.0 The mail cannot be read', messages: 0 }

describe('what is refused for good', () => {
  it('a mail that says that it is too large', async () => {
    const talk = await talkTo(mail)
    await talk.say('EHLO client.example.com')
    expect(await talk.say('MAIL FROM:<a@example.com> SIZE=5242881')).toMatch(/^552/)
    talk.end()
  })

  it('a mail that is too large and does not say so', async () => {
    const line = `${'x'.repeat(998)}\r\n`
    const { answer, messages } = await answerTo(mailText('Large', '') + line.repeat(5_300))
    expect(answer).toMatch(/^552 5\.3\.4/)
    expect(messages).toBe(0)
    expect((await answerTo(mailText('Not too large', '') + line.repeat(5_000))).answer).toBe(stored)
  })

  it('what is no mail', async () => {
    for (const raw of ['', '\r\n\r\n', '   ', '\u0000\u0001\u0002'])
      expect(await answerTo(raw)).toEqual(refused)
    expect(await answerTo(Buffer.from([0xff, 0xfe, 0x00, 0x41, 0x0d, 0x0a]))).toEqual(refused)
  })

  it('parts in parts in parts', async () => {
    const nested = Array.from(
      { length: 300 },
      (_, i) => `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`,
    ).join('')
    expect(await answerTo(`From: a@example.com\r\nSubject: Bomb\r\n${nested}`)).toEqual(refused)
  })

  it('ten thousand parts', async () => {
    const parts = '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(10_000)
    const head = 'From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'
    expect(await answerTo(head + parts)).toEqual(refused)
  })

  it('too many headers, and one that is too long', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `X-Header-${i}: ${i}`)
    expect(await answerTo(mailText('Headers', 'Code 112233', many))).toEqual(refused)
    const long = `X-Long: ${`${'y'.repeat(900)}\r\n `.repeat(400)}z`
    expect(await answerTo(mailText('Long', 'Code 112233', [long]))).toEqual(refused)
  })
})

describe('what is taken all the same', () => {
  it('mails in mails, markup in markup, broken encodings, and a code in the midst of them', async () => {
    let enclosed = mailText('Inner', 'The code is 190028.')
    for (let i = 0; i < 8; i++)
      enclosed = mailText('Outer', enclosed, ['Content-Type: message/rfc822'])
    expect((await answerTo(enclosed)).answer).toBe(stored)
    const html = (body: string) =>
      mailText('Html', body, ['Content-Type: text/html; charset=utf-8'])
    for (const body of [
      '<div>'.repeat(5_000),
      '<'.repeat(50_000),
      '<p style="'.repeat(9_000),
      '<!--',
    ])
      expect((await answerTo(html(body))).answer).toBe(stored)
    const broken = [
      'Content-Transfer-Encoding: base64',
      'Content-Type: text/plain; charset=nonsense',
    ]
    expect((await answerTo(mailText('Broken', '@@@@=====', broken))).answer).toBe(stored)
    const unended = 'Content-Type: multipart/alternative; boundary="never"'
    expect(
      (await answerTo(mailText('Unended', '--never\r\n\r\nCode 771100', [unended]))).messages,
    ).toBe(1)
  })

  it('NULs, halves of letters, and other bytes that no database stores', async () => {
    const raw = Buffer.concat([
      Buffer.from('From: a@example.com\r\nSubject: N\u0000UL \ud800\r\n\r\nCode \u0000 445566 '),
      Buffer.from([0xff, 0xc3, 0x28, 0x80]),
    ])
    expect(await answerTo(raw)).toEqual({ answer: stored, messages: 1 })
  })
})

/** The app with another way to take mails. */
const taking = (receiveMail: App['messages']['receiveMail']) => ({
  messages: { ...app.messages, receiveMail },
})

describe('when we fail', () => {
  const servingWith = async (changed: Partial<App>) => {
    const failing = await startMailServer({ ...app, ...changed }, { host: '127.0.0.1', port: 0 })
    afterAll(() => failing.stop())
    return failing
  }
  const gone = async () => {
    throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
  }

  it('the sender is told to try again, at RCPT and at the end', async () => {
    const blind = await talkTo(await servingWith({ inboxes: { ...app.inboxes, isOpen: gone } }))
    await blind.say('EHLO client.example.com')
    await blind.say('MAIL FROM:<a@example.com>')
    expect(await blind.say('RCPT TO:<x@example.com>')).toMatch(/^451 4\.3\.0/)
    blind.end()
    const order = await inbox()
    const numb = await talkTo(await servingWith(taking(gone)))
    await openMail(numb, [order.email])
    numb.socket.write(mailText('Lost', 'Code 333444'))
    expect(await numb.say('.')).toMatch(/^451 4\.3\.0/)
    numb.end()
  })

  it('of two inboxes one may have been stored; the sender comes again, and each has it once', async () => {
    const [one, two] = [await inbox(), await inbox()]
    let failures = 1
    const half = await servingWith(
      taking((now, arrived) =>
        arrived.address === two.email && failures-- > 0
          ? gone()
          : app.messages.receiveMail(now, arrived),
      ),
    )
    const headers = ['Message-ID: <half@example.com>']
    const answers: string[] = []
    for (let i = 0; i < 2; i++) {
      const talk = await talkTo(half)
      await openMail(talk, [one.email, two.email])
      talk.socket.write(mailText('Half', 'Code 333444', headers))
      answers.push(await talk.say('.'))
      talk.end()
    }
    expect(answers).toEqual([expect.stringMatching(/^451/), stored])
    for (const { id } of [one, two]) expect(await app.messages.of(id)).toHaveLength(1)
  })

  it('a stop lets what has come in whole be stored and answered, and ends all else', async () => {
    const order = await inbox()
    let release = () => {}
    let begun = () => {}
    const isStored = new Promise<void>((resolve) => {
      begun = resolve
    })
    const stopping = await startMailServer(
      {
        ...app,
        ...taking(async (now, arrived) => {
          begun()
          await new Promise<void>((resolve) => {
            release = resolve
          })
          return app.messages.receiveMail(now, arrived)
        }),
      },
      { host: '127.0.0.1', port: 0 },
    )
    const idle = await talkTo(stopping)
    const talk = await talkTo(stopping)
    await openMail(talk, [order.email])
    talk.socket.write(mailText('Last', 'Code 333444'))
    const answer = talk.say('.')
    await isStored
    const stopped = stopping.stop()
    release()
    expect(await answer).toBe(stored)
    await stopped
    expect(await idle.hear()).toMatch(/^421 .* The server is stopping; try again later$/)
    expect(await idle.hear()).toBe('closed')
    expect(await app.messages.of(order.id)).toHaveLength(1)
  })
})

describe('connections', () => {
  it('are limited for each address, and given back', async () => {
    const talks: Talk[] = []
    const first = await startMailServer(app, { host: '127.0.0.1', port: 0 })
    for (let i = 0; i < 50; i += 10)
      talks.push(...(await Promise.all(Array.from({ length: 10 }, () => talkTo(first)))))
    for (const talk of talks) expect(await talk.say('NOOP')).toMatch(/^250/)
    const refusedOne = await talkTo(first)
    expect(await refusedOne.say('NOOP')).toBe('closed')
    for (const talk of talks) talk.end()
    await first.stop()
  })
})

describe('TLS', () => {
  const certificateOf = async (port: number) => {
    const talk = await talkTo({ port })
    await talk.say('EHLO client.example.com')
    expect(await talk.say('STARTTLS')).toMatch(/^220/)
    const socket = connectTls({ socket: talk.socket, rejectUnauthorized: false })
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
    })
    const certificate = socket.getPeerCertificate()
    socket.destroy()
    return certificate
  }

  it('has a certificate of our own making where none is given', async () => {
    const { subject, subjectaltname, valid_to } = await certificateOf(mail.port)
    expect(subjectaltname).toBe(`DNS:${subject.CN}`)
    expect(new Date(valid_to).getTime()).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000)
  })

  it('uses the files that are given, and says which cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'numlet-tls-'))
    afterAll(() => rm(folder, { recursive: true }))
    const made = selfSigned('mx.example.com', new Date('2045-01-01T00:00:00Z'))
    const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
    await writeFile(files.certFile, made.cert)
    await writeFile(files.keyFile, made.key)
    const env = { NUMLET_SMTP_CERT: files.certFile, NUMLET_SMTP_KEY: files.keyFile }
    const listening = { host: '127.0.0.1', port: 0 }
    const given = await startMailServer({ ...app, config: toConfig(env) }, listening)
    expect((await certificateOf(given.port)).subject.CN).toBe('mx.example.com')
    await given.stop()
    const wrong = toConfig({ ...env, NUMLET_SMTP_KEY: join(folder, 'none.pem') })
    await expect(startMailServer({ ...app, config: wrong }, listening)).rejects.toThrow(
      /^NUMLET_SMTP_KEY names .*none\.pem, which cannot be read \(ENOENT\)\.$/,
    )
    expect(() => toConfig({ NUMLET_SMTP_CERT: 'x' })).toThrow(/must be set together/)
    expect(() => toConfig({ NUMLET_SMTP_PORT: 'high' })).toThrow(/NUMLET_SMTP_PORT must be a port/)
    expect(toConfig({ NUMLET_SMTP_PORT: 'off' }).smtpPort).toBe(null)
    expect(toConfig({}).smtpPort).toBe(2525)
  })

  it('what was sent before it counts for nothing after it', async () => {
    const order = await inbox()
    const talk = await talkTo(mail)
    await talk.say('EHLO client.example.com')
    const injected = `STARTTLS\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<${order.email}>\r\n`
    expect(await talk.say(Buffer.from(injected))).toMatch(/^220/)
    const socket = connectTls({ socket: talk.socket, rejectUnauthorized: false })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    const answer = new Promise((resolve) => socket.once('data', (chunk) => resolve(String(chunk))))
    socket.write('DATA\r\n')
    expect(await answer).toMatch(/^503/)
    socket.destroy()
  })
})
