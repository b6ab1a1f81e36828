// How mails leave this machine: by SMTP, or as files in a folder where no mail server is set.
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createTransport } from 'nodemailer'
import SMTPConnection, {
  type SMTPConnectionAuth,
  type SMTPEnvelope,
} from 'nodemailer/lib/smtp-connection'
import type { Logger } from '../log.ts'
import type { MailText } from './texts.ts'

export type Outgoing = MailText & {
  readonly from: string
  readonly to: string
  /** The same for each attempt, and for no other mail. */
  readonly name: string
}

/**
 * Takes a mail.
 * @param last is called before the last byte: from then on the mail may arrive. If it returns false, it must
 * not
 * @throws if it was not taken, or nobody knows
 */
export type Carry = (mail: Outgoing, last: () => Promise<boolean>) => Promise<void>

export type Carrier = { readonly carry: Carry; close(): void }

/** How long a mail server may take to accept a connection, and for each answer. */
export type Patience = { readonly connectMs: number; readonly answerMs: number }

export const usualPatience: Patience = { connectMs: 10_000, answerMs: 60_000 }

/** Hosts whose mails nobody else can read on their way. */
const isLoopback = (host: string) =>
  /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d+){3}|\[::1\])$/.test(host)

/** Whether mails go over TLS or not at all: their links sign people in. The URL may say otherwise. */
export function needsTls(url: string): boolean {
  const { hostname, searchParams } = new URL(url)
  const asked = searchParams.get('requireTLS')
  if (asked !== null) return asked === 'true'
  return searchParams.get('ignoreTLS') !== 'true' && !isLoopback(hostname)
}

/** Sends by SMTP. @param url `smtp://` or `smtps://`, with user and password */
export function bySmtp(url: string, { connectMs, answerMs }: Patience): Carrier {
  const { options } = createTransport({
    url,
    requireTLS: needsTls(url),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: answerMs,
  })
  return {
    async carry(mail, last) {
      const { message, envelope } = await written(mail)
      const connection = new SMTPConnection(options)
      try {
        await connected(connection, options.auth)
        await sent(connection, envelope, message, last)
      } finally {
        connection.close()
      }
    },
    close() {},
  }
}

/** @throws what the connection or the server has against it */
function connected(
  connection: SMTPConnection,
  auth: SMTPConnectionAuth | undefined,
): Promise<void> {
  return new Promise((done, fail) => {
    connection.on('error', fail)
    connection.connect((error) => {
      if (error) fail(error)
      else if (!auth || !connection.allowsAuth) done()
      else connection.login(auth, (wrong) => (wrong ? fail(wrong) : done()))
    })
  })
}

/** @NOTE the library reads the message when the server waits for it, and not before */
function sent(
  connection: SMTPConnection,
  envelope: SMTPEnvelope,
  message: Buffer,
  last: () => Promise<boolean>,
): Promise<void> {
  async function* chunks() {
    yield message
    if (!(await last())) throw new Error('somebody else sends this mail')
  }
  return new Promise((done, fail) => {
    connection.on('error', fail)
    const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: 1 })
    connection.send(envelope, stream, (error) => (error ? fail(error) : done()))
  })
}

const writer = createTransport({ streamTransport: true, buffer: true })

/** A mail as it is sent. Servers that get it twice can tell by its id. */
async function written({ name, ...mail }: Outgoing) {
  const host =
    mail.from
      .split('@')
      .at(-1)
      ?.replace(/[^\w.-]/g, '') || 'localhost'
  const { message, envelope } = await writer.sendMail({ ...mail, messageId: `<${name}@${host}>` })
  return { message: message as Buffer, envelope: { from: envelope.from, to: envelope.to } }
}

/** Writes each mail to a file of its own, which only this user can read. The log names the file, and nothing
 * of what it says. */
export function toFiles(folder: string, log: Logger): Carrier {
  return {
    async carry(mail, last) {
      const { message } = await written(mail)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const path = join(folder, `${mail.name}.eml`)
      const unfinished = join(folder, `.${mail.name}`)
      const file = await open(unfinished, 'w', 0o600)
      try {
        await file.writeFile(message)
      } finally {
        await file.close()
      }
      if (!(await last())) throw new Error('somebody else writes this mail')
      await rename(unfinished, path)
      log.info({ file: path }, 'a mail was written to a file')
    },
    close() {},
  }
}
