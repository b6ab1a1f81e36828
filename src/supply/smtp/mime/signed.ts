// Opaque S/MIME signatures (RFC 8551, 3.5): finds the email that is inside. The signature is not checked.

/** Signed data, and the data in it (RFC 5652, 4 and 5), as object identifiers in BER. */
const signedData = '2a864886f70d010702'

const tags = { bytes: 0x04, name: 0x06, sequence: 0x30, inside: 0xa0, bytesInPieces: 0x24 } as const
/** Pieces within pieces; senders use one level. */
const maxNesting = 4
const maxElements = 100_000

type Element = {
  readonly tag: number
  readonly start: number
  readonly end: number
  readonly next: number
}

/** The content of signed data. @returns null if these bytes are something else, such as encrypted */
export function signedContent(bytes: Buffer): Buffer | null {
  const [whole] = childrenOf(bytes, { start: 0, end: bytes.length }, 1)
  if (whole?.tag !== tags.sequence) return null
  const [name, wrapping] = childrenOf(bytes, whole, 2)
  if (name?.tag !== tags.name || wrapping?.tag !== tags.inside) return null
  if (bytes.toString('hex', name.start, name.end) !== signedData) return null
  const [signed] = childrenOf(bytes, wrapping, 1)
  // Version, digest algorithms, and what is signed.
  const content = signed && childrenOf(bytes, signed, 3)[2]
  const inside = content && childrenOf(bytes, content, 2)[1]
  if (inside?.tag !== tags.inside) return null
  const [data] = childrenOf(bytes, inside, 1)
  return data ? Buffer.concat(piecesOf(bytes, data, 0)) : null
}

/** Long contents come in pieces, each a string of bytes. */
function piecesOf(bytes: Buffer, data: Element, nesting: number): Buffer[] {
  if (data.tag === tags.bytes) return [bytes.subarray(data.start, data.end)]
  if (data.tag !== tags.bytesInPieces || nesting >= maxNesting) return []
  return childrenOf(bytes, data, maxElements).flatMap((one) => piecesOf(bytes, one, nesting + 1))
}

function childrenOf(
  bytes: Buffer,
  { start, end }: Pick<Element, 'start' | 'end'>,
  count: number,
): Element[] {
  const found: Element[] = []
  for (let at = start; at < end && found.length < count; ) {
    const element = elementAt(bytes, at, end)
    if (!element) break
    found.push(element)
    at = element.next
  }
  return found
}

/** An element that is cut off ends with the bytes. */
function elementAt(bytes: Buffer, at: number, end: number): Element | null {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined || at + 2 > end) return null
  if (tag === 0 && first === 0) return null
  if (first === 0x80) return { tag, ...endless(bytes, at + 2, end) }
  const size = first < 0x80 ? 0 : first & 0x7f
  if (size > 4 || at + 2 + size > end) return null
  const length = size === 0 ? first : bytes.readUIntBE(at + 2, size)
  const start = at + 2 + size
  const last = Math.min(end, start + length)
  return { tag, start, end: last, next: last }
}

/** An element without a length ends with two zeros, as do those without a length in it. */
function endless(bytes: Buffer, start: number, end: number): Omit<Element, 'tag'> {
  let depth = 1
  for (let at = start; at + 2 <= end; ) {
    const isEnd = bytes[at] === 0 && bytes[at + 1] === 0
    if (isEnd && --depth === 0) return { start, end: at, next: at + 2 }
    const isEndless = !isEnd && bytes[at + 1] === 0x80
    if (isEndless) depth++
    const next = isEnd || isEndless ? at + 2 : elementAt(bytes, at, end)?.next
    if (next === undefined) break
    at = next
  }
  return { start, end, next: end }
}
