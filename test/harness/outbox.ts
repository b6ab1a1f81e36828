// The mails to users of a test server, which writes them to files.
import { mkdtempSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestServer } from './server.ts'

export type SentMail = {
  readonly to: string
  readonly subject: string
  /** Of the plain text. */
  readonly text: string
  readonly html: string
  /** The token of its link; null if it has none. */
  readonly token: string | null
  readonly mode: number
}

/** A data directory for a server whose mails are read. */
export const mailFolder = () => mkdtempSync(join(tmpdir(), 'numlet-mails-'))

/** Sends the mails that are due, and returns those that no call has returned before, the oldest first. */
export function outbox(server: TestServer, folder: string) {
  const seen = new Set<string>()
  return async (): Promise<SentMail[]> => {
    while ((await server.app.mailer.send(server.app.now(), 'Numlet')) > 0);
    const place = join(folder, 'outbox')
    const names = (await readdir(place).catch(() => [])).sort()
    const fresh = names.filter((name) => !seen.has(name))
    for (const name of fresh) seen.add(name)
    return Promise.all(fresh.map((name) => read(join(place, name))))
  }
}

async function read(path: string): Promise<SentMail> {
  const raw = await readFile(path, 'utf8')
  const [head = ''] = raw.split('\r\n\r\n', 1)
  const header = (name: string) =>
    new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, 'im').exec(head)?.[1]?.replace(/\r\n\s*/g, ' ')
  const [text = '', html = ''] = raw
    .split(/Content-Type: text\/html/i)
    .map((part) => part.replace(/=\r\n/g, '').replace(/=3D/g, '='))
  return {
    to: header('To') ?? '',
    subject: header('Subject') ?? '',
    ...{ text, html },
    token: /#token=([\w-]{43})/.exec(text)?.[1] ?? null,
    mode: (await stat(path)).mode & 0o777,
  }
}
