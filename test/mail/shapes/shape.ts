// A damaged or old-fashioned mail, and what a lenient mail program shows of it.

export type Shown = {
  readonly text: string
  /** `Hi` where it is not given. */
  readonly subject?: string
  /** `Example <noreply@example.com>` where it is not given. */
  readonly from?: string
  /** Looked at only where it is given. */
  readonly code?: string | null
  /** False where nothing can be read. */
  readonly isReadable?: boolean
}

export type Shape = Shown & {
  readonly name: string
  /** One character for each byte. */
  readonly raw: string
}

/** Text as its UTF-8 bytes, a character for each. */
export const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

export const base64 = (text: string | Buffer) =>
  Buffer.from(text as string)
    .toString('base64')
    .replace(/(.{76})/g, '$1\r\n')

/** Bytes as hexadecimal digits. */
export const hex = (digits: string) =>
  Buffer.from(digits.replaceAll(' ', ''), 'hex').toString('latin1')

export const sender = 'From: Example <noreply@example.com>'

/** Lines with CRLF; those that are given as one text may have `\n`. */
export const lines = (...all: readonly string[]) => all.join('\n').replace(/\r?\n/g, '\r\n')

/** A mail with a sender, a subject, more header lines, and a body. */
export const mail = (headers: readonly string[], body: string) =>
  lines(sender, 'Subject: Hi', ...headers, '', body, '')

/** A mail that is expected to be shown so. */
export const shape = (name: string, raw: string, shown: Shown | string): Shape => ({
  name,
  raw,
  ...(typeof shown === 'string' ? { text: shown } : shown),
})

/** Many mails that show the same code, by the header lines that differ. */
export const showing = (
  text: string,
  body: string,
  cases: Readonly<Record<string, readonly string[]>>,
) => Object.entries(cases).map(([name, headers]) => shape(name, mail(headers, body), text))
