// Mail for tests: the program's own mail server, and independent senders.
import { connect, type Socket } from 'node:net'
import { createTransport, type SendMailOptions } from 'nodemailer'
import { afterAll } from 'vitest'
import type { CatalogSource } from '../../src/core/catalog/catalog.ts'
import { inboxDirectory } from '../../src/core/inboxes/inboxes.ts'
import { mailReceiver, type ReceiveMail } from '../../src/core/messages/mail.ts'
import { findCodes } from '../../src/core/messages/mail-codes.ts'
import type { Database } from '../../src/db/database.ts'
import { type MailServer, startMailServer } from '../../src/supply/smtp/server.ts'
import type { TestServer } from './server.ts'

/** Receives mail on a free port until the file is done. */
export async function testMailServer(server: Pick<TestServer, 'app'>): Promise<MailServer> {
  const mail = await startMailServer(server.app, { host: '127.0.0.1', port: 0 })
  afterAll(() => mail.stop())
  return mail
}

/** The verb alone, as another node has it; it searches in the calling process. */
export const testMailReceiver = (db: Database, catalog: CatalogSource): ReceiveMail =>
  mailReceiver({
    db,
    catalog,
    directory: inboxDirectory(db),
    delivered: () => {},
    findCodes: async (mail, selections) => findCodes(mail, selections).found,
  })

export type Sent = { readonly response: string }

/** Sends one mail like a modern program: EHLO, STARTTLS, MAIL, RCPT, DATA. @throws what was refused */
export async function sendMail(
  { port }: { readonly port: number },
  mail: SendMailOptions,
): Promise<Sent> {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    tls: { rejectUnauthorized: false },
    requireTLS: true,
  })
  try {
    return await transport.sendMail({ from: '"Example" <noreply@example.com>', ...mail })
  } finally {
    transport.close()
  }
}

/** A manual conversation: each line is sent when the response to the previous one has arrived. */
export type Talk = {
  readonly socket: Socket
  /** @returns the last line of the response */
  say(line: string | Buffer): Promise<string>
  /** The next response, without sending anything. */
  hear(): Promise<string>
  end(): void
}

/** @param server its port, and the local address that the conversation comes from */
export async function talkTo(server: {
  readonly port: number
  readonly localAddress?: string | undefined
}): Promise<Talk> {
  const { port, localAddress } = server
  const socket = connect({ port, host: '127.0.0.1', ...(localAddress && { localAddress }) })
  let heard = ''
  let isOver = false
  let wake = () => {}
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1')
    wake()
  })
  const over = () => {
    isOver = true
    wake()
  }
  socket.on('close', over)
  socket.on('error', over)
  const hear = async (): Promise<string> => {
    for (;;) {
      const answer = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(heard)?.[0]
      if (answer !== undefined) {
        heard = heard.slice(answer.length)
        return answer.trimEnd().split('\r\n').at(-1) as string
      }
      if (isOver) return 'closed'
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const talk: Talk = {
    socket,
    hear,
    say(line) {
      socket.write(typeof line === 'string' ? `${line}\r\n` : line)
      return hear()
    },
    end: () => socket.destroy(),
  }
  await hear()
  return talk
}

/** The steps up to DATA. Each must be accepted. */
export async function openMail(talk: Talk, to: readonly string[]): Promise<string> {
  await talk.say('EHLO client.example.com')
  await talk.say('MAIL FROM:<noreply@example.com>')
  for (const address of to) await talk.say(`RCPT TO:<${address}>`)
  return talk.say('DATA')
}

/** A mail's text with the usual headers. */
export const mailText = (subject: string, body: string, headers: readonly string[] = []): string =>
  [
    'From: Example <noreply@example.com>',
    `Subject: ${subject}`,
    'Date: Fri, 20 Nov 2026 10:00:00 +0000',
    ...headers,
    '',
    ...body.split('\n'),
    '',
  ].join('\r\n')
