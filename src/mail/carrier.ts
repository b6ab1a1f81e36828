// How mails leave this machine: by SMTP, or as files in a folder where no mail server is set.
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Logger } from '../log.ts'
import type { MailText } from './texts.ts'

export type Outgoing = MailText & { readonly from: string; readonly to: string }

/** Takes a mail. @throws if it was not taken; the mail is then tried again */
export type Carry = (mail: Outgoing) => Promise<void>

const connectTimeoutMs = 10_000
const answerTimeoutMs = 30_000

/** Sends by SMTP. @param url `smtp://` or `smtps://`, with user and password */
export function bySmtp(url: string): { readonly carry: Carry; close(): void } {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: answerTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async carry(mail) {
      await transport.sendMail(mail)
    },
    close: () => transport.close(),
  }
}

/** Writes each mail to a file of its own, which only this user can read. The log names the file, and nothing
 * of what it says. */
export function toFiles(folder: string, log: Logger): { readonly carry: Carry; close(): void } {
  const writer = createTransport({ streamTransport: true, buffer: true })
  return {
    async carry(mail) {
      const { message } = await writer.sendMail(mail)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const time = new Date().toISOString().replace(/[:.]/g, '-')
      const name = `${time}-${randomBytes(4).toString('hex')}.eml`
      const unfinished = join(folder, `.${name}`)
      const file = await open(unfinished, 'wx', 0o600)
      try {
        await file.writeFile(message as Buffer)
      } finally {
        await file.close()
      }
      await rename(unfinished, join(folder, name))
      log.info({ file: join(folder, name) }, 'a mail was written to a file')
    },
    close() {},
  }
}
