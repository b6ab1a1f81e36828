// Base64 (RFC 2045, section 6.8) as it arrives: with garbage in it, without padding, with text around it.

const sampled = 4_000
/** Shorter texts could be decoded to letters by chance. */
const minProof = 3

/** Whether a body that is labelled base64 is base64: some are plain text. */
export function isBase64(body: string): boolean {
  const sample = body.slice(0, sampled).trim()
  const [firstLine = ''] = sample.split('\n', 1)
  if (/^[A-Za-z0-9+/]{16,}={0,2}\s*$/.test(firstLine)) return true
  if (/^[\d\s=]+$/.test(sample)) return false
  const foreign = sample.replace(/[A-Za-z0-9+/=_\s-]/g, '').length
  const hasBlanks = sample.split('\n').some((line) => /[ \t]/.test(line.trimEnd()))
  if (foreign * 10 < sample.length && !hasBlanks && !/=[^=\s]/.test(sample)) return true
  // Much garbage, blanks or equals signs: plain text, unless what can be decoded is a text.
  return isCleanText(base64Bytes(sample.slice(0, endOfBase64(sample))))
}

/** Base64, and text that a mailing list appended without encoding it. */
export function base64Body(body: string): Buffer {
  const end = endOfBase64(body)
  return Buffer.concat([base64Bytes(body.slice(0, end)), Buffer.from(body.slice(end), 'latin1')])
}

/** Skips characters outside the alphabet; separately encoded pieces may be concatenated. */
export function base64Bytes(text: string): Buffer {
  const letters = text.replace(/[^A-Za-z0-9+/=_-]+/g, '')
  if (!/=[^=]/.test(letters)) return Buffer.from(letters, 'base64')
  const pieces: Buffer[] = []
  let open = ''
  for (const piece of letters.split(/=+/)) {
    open += piece
    // No piece ends after one letter of four: the equals sign is garbage.
    if (open.length % 4 === 1) continue
    pieces.push(Buffer.from(open, 'base64'))
    open = ''
  }
  return Buffer.concat([...pieces, Buffer.from(open, 'base64')])
}

/** Where the encoded part of a body ends, and text follows. */
function endOfBase64(body: string): number {
  const end = endOfPadding(body)
  if (end < 0) return startOfProse(body)
  const rest = body.slice(end)
  if (rest.trim() === '') return body.length
  const isEncoded = /^[A-Za-z0-9+/=\s]*$/.test(rest)
  const isText = isCleanText(base64Bytes(body.slice(0, end)))
  const goesOn = isCleanText(base64Bytes(rest.slice(0, sampled)))
  if (isText) return goesOn ? body.length : end
  return isEncoded || isCleanText(base64Bytes(body.slice(0, sampled))) ? body.length : end
}

/** After the first equals signs that can be padding; -1 if there are none. */
function endOfPadding(body: string): number {
  let letters = 0
  let at = 0
  for (const { 0: signs, index } of body.matchAll(/=+/g)) {
    letters += body.slice(at, index).replace(/[^A-Za-z0-9+/_-]+/g, '').length
    at = index + signs.length
    if (letters % 4 !== 1) return at
  }
  return -1
}

/** Base64 without padding ends before the first line of words that decode to nothing. */
function startOfProse(body: string): number {
  for (let at = 0; at < body.length; ) {
    const newline = body.indexOf('\n', at)
    const next = newline < 0 ? body.length : newline + 1
    const line = body.slice(at, next)
    if (/\S[ \t]+\S/.test(line) && !isCleanText(base64Bytes(line))) {
      const head = body.slice(0, at).replace(/[^A-Za-z0-9+/]+$/, '')
      return head !== '' && isCleanText(base64Bytes(head)) ? head.length : body.length
    }
    at = next
  }
  return body.length
}

/** Valid UTF-8 without control characters; bytes that are decoded by mistake hardly ever are. */
export function isCleanText(bytes: Buffer): boolean {
  if (bytes.length < minProof) return false
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return !/[^\P{Cc}\t\n\r\f]/u.test(text)
  } catch {
    // Not UTF-8.
    return false
  }
}
