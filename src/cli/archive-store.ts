// Archives as folders of a directory (core/archive/files.ts): compressed lines, written and read as streams.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import {
  type ArchiveFolder,
  type ArchiveStore,
  BadLines,
  type FileFacts,
} from '../core/archive/files.ts'
import { syncDirectory } from '../db/embedded/home.ts'

/** A mail's markup has 400,000 characters at most, of which each may take six bytes in JSON. */
const maxLineBytes = 8_000_000
const newline = 10
const ownerOnly = 0o600
const ownersFolder = 0o700

/** The archives in a directory. */
export function archiveStore(directory: string): ArchiveStore {
  const draftOf = (month: string) => join(directory, `.${month}.partial`)
  const replacedOf = (month: string) => join(directory, `.${month}.replaced`)
  const dropDraft = (month: string) => rm(draftOf(month), { recursive: true, force: true })
  return {
    async prepare() {
      await mkdir(directory, { recursive: true, mode: ownersFolder })
      for (const name of await readdir(directory))
        if (/^\.\d{4}-\d{2}\.(?:partial|replaced)$/.test(name))
          await rm(join(directory, name), { recursive: true, force: true })
    },
    async newDraft(month) {
      await dropDraft(month)
      await mkdir(draftOf(month), { mode: ownersFolder })
      return archiveFolder(draftOf(month))
    },
    dropDraft,
    async keepDraft(month, before) {
      const folder = join(directory, month)
      await syncDirectory(draftOf(month))
      const other = before === 'remove' ? replacedOf(month) : await nameToKeep(folder)
      await rename(folder, other).catch(unlessMissing)
      await rename(draftOf(month), folder)
      await syncDirectory(directory)
      await rm(replacedOf(month), { recursive: true, force: true })
      return archiveFolder(folder)
    },
    folder: (month) => archiveFolder(join(directory, month)),
  }
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}

/** `2026-01.before-1` or a higher number. */
async function nameToKeep(folder: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = `${folder}.before-${number}`
    if ((await lstat(name).catch(unlessMissing)) === null) return name
  }
}

/** The archive in a folder, whether there is one or not. */
export const archiveFolder = (path: string): ArchiveFolder => ({
  path,
  writeLines: (file, batches, signal) => writeLines(join(path, file), batches, signal),
  readLines: (file, use, signal) => readLines(join(path, file), use, signal),
  async writeText(file, text) {
    const handle = await open(join(path, file), 'wx', ownerOnly)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  readText: (file) => readFile(join(path, file), 'utf8').catch(unlessMissing),
})

async function writeLines(
  path: string,
  batches: AsyncIterable<readonly string[]>,
  signal: AbortSignal,
): Promise<FileFacts> {
  const facts = factsOf()
  await pipeline(
    Readable.from(texts(batches)),
    createGzip(),
    facts.pass,
    createWriteStream(path, { flags: 'wx', mode: ownerOnly }),
    { signal },
  )
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  return facts.take()
}

async function* texts(batches: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const lines of batches) if (lines.length > 0) yield `${lines.join('\n')}\n`
}

async function readLines(
  path: string,
  use: (lines: readonly string[]) => void | Promise<void>,
  signal: AbortSignal,
) {
  const facts = factsOf()
  let rows = 0
  let sum = 0n
  await pipeline(
    createReadStream(path),
    facts.pass,
    createGunzip(),
    async (source: AsyncIterable<Buffer>) => {
      for await (const lines of split(source)) {
        for (const line of lines) sum += lineNumber(line)
        rows += lines.length
        await use(lines.map((line) => line.toString('utf8')))
      }
    },
    { signal },
  )
  return { ...facts.take(), rows, sum }
}

/** A line in the sum of a table: `sumOf` in core/archive/tables.ts computes the same in the database. */
const lineNumber = (line: Buffer) => createHash('sha256').update(line).digest().readBigInt64BE(0)

/** Passes bytes on and counts them. */
function factsOf() {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    async *pass(source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    },
    take: (): FileFacts => ({ bytes, sha256: hash.digest('hex') }),
  }
}

async function* split(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of source) {
    const lines: Buffer[] = []
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      lines.push(Buffer.concat([...rest, chunk.subarray(from, at)]))
      rest = []
      restBytes = 0
      from = at + 1
    }
    rest.push(chunk.subarray(from))
    restBytes += chunk.length - from
    if (restBytes > maxLineBytes) throw new BadLines('a line is too long')
    if (lines.length > 0) yield lines
  }
  if (restBytes > 0) throw new BadLines('the last line is cut off')
}
