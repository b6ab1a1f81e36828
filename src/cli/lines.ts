// Reads files line by line: fast, with little memory, and with line numbers for errors.
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { Refusal } from './failure.ts'

export type Line = {
  /** The line number, from 1. */
  readonly at: number
  /** Null if the line is too long; it is skipped. */
  readonly text: string | null
}

/** Enough for an HTML mail on one JSON line; a file that is not text does not fill the memory. */
const maxLineLength = 8 * 1024 * 1024
const chunkBytes = 256 * 1024

/** The lines of a file (`-` is stdin), some thousands at a time, without a byte order mark and without the CR
 * of CRLF. */
export async function* linesOf(path: string): AsyncGenerator<Line[]> {
  let rest = ''
  let isTooLong = false
  let at = 0
  const take = (text: string): Line => {
    at++
    const line = { at, text: isTooLong ? null : withoutMarks(text, at) }
    isTooLong = false
    return line
  }
  for await (const chunk of chunksOf(path)) {
    const pieces = chunk.split('\n')
    pieces[0] = rest + pieces[0]
    rest = pieces.pop() as string
    const lines = pieces.map(take)
    if (rest.length > maxLineLength) {
      rest = ''
      isTooLong = true
    }
    if (lines.length > 0) yield lines
  }
  if (rest !== '' || isTooLong) yield [take(rest)]
}

async function* chunksOf(path: string): AsyncGenerator<string> {
  const source: Readable =
    path === '-' ? process.stdin : createReadStream(path, { highWaterMark: chunkBytes })
  source.setEncoding('utf8')
  try {
    yield* source
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Refusal(`${path} cannot be read: ${reasons[code ?? ''] ?? message}.`)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
}

function withoutMarks(text: string, at: number): string {
  const start = at === 1 && text.startsWith('\ufeff') ? 1 : 0
  return text.endsWith('\r') ? text.slice(start, -1) : text.slice(start)
}
