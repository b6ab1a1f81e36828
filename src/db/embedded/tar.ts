// Tar archives of plain files and directories (POSIX ustar), written and read as streams.

export type TarEntry = {
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly size: number
}

/** An entry while it is read. Its content must be read to the end before the next entry. */
export type TarItem = TarEntry & { readonly content: AsyncIterable<Buffer> }

const blockBytes = 512
const maxPathBytes = 100
const kinds = { file: '0', directory: '5' } as const

/** The header of an entry; its content follows, then `paddingOf` its size. */
export function headerOf({ path, kind, size }: TarEntry): Buffer {
  if (Buffer.byteLength(path) > maxPathBytes) throw new Error(`the path is too long: ${path}`)
  const header = Buffer.alloc(blockBytes)
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at)
  header.write(path, 0)
  octal(kind === 'file' ? 0o600 : 0o700, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(Date.now() / 1000), 136, 12)
  header.write('        ', 148)
  header.write(kinds[kind], 156)
  header.write('ustar\x0000', 257)
  octal(checksumOf(header), 148, 7)
  return header
}

/** What fills the last block of a content. */
export const paddingOf = (size: number) => Buffer.alloc(-size & (blockBytes - 1))

/** The end of an archive. */
export const endOfTar = () => Buffer.alloc(2 * blockBytes)

/** Reads an archive to its end mark. @throws if it is cut off or damaged */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarItem> {
  const bytes = byteReader(source)
  for (;;) {
    const header = await bytes.take(blockBytes)
    if (header.every((byte) => byte === 0)) return
    const entry = parseHeader(header)
    yield { ...entry, content: bytes.upTo(entry.size) }
    await bytes.take(paddingOf(entry.size).length)
  }
}

function parseHeader(header: Buffer): TarEntry {
  const text = (at: number, length: number) =>
    header.toString('utf8', at, at + length).replace(/\0.*$/s, '')
  const expected = Number.parseInt(text(148, 8), 8)
  const blank = Buffer.from(header)
  blank.write('        ', 148)
  const size = Number.parseInt(text(124, 12), 8)
  const kind = text(156, 1) === kinds.directory ? 'directory' : 'file'
  const isKnown = text(156, 1) === kinds[kind] && text(257, 5) === 'ustar'
  if (checksumOf(blank) !== expected || !isKnown || !(size >= 0))
    throw new Error('it is not a tar archive, or it is damaged')
  return { path: text(0, maxPathBytes), kind, size }
}

/** Of a header whose own checksum is blank. */
const checksumOf = (header: Buffer) => header.reduce((sum, byte) => sum + byte, 0)

function byteReader(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const next = async (most: number): Promise<Buffer> => {
    while (rest.length === 0) {
      const { value, done } = await chunks.next()
      if (done) throw new Error('it ends too early')
      rest = value
    }
    const part = rest.subarray(0, most)
    rest = rest.subarray(part.length)
    return part
  }
  async function* upTo(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      const part = await next(left)
      left -= part.length
      yield part
    }
  }
  return {
    upTo,
    async take(count: number): Promise<Buffer> {
      const parts: Buffer[] = []
      for await (const part of upTo(count)) parts.push(part)
      return Buffer.concat(parts)
    },
  }
}
