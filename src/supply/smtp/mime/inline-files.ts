// Files that old programs embed in a text: uuencode, yEnc and BinHex.
import { findUuencoded } from './transfer.ts'

export type InlineFile = {
  readonly name: string
  readonly bytes: Buffer
  readonly kind: string
  readonly isDecoded: boolean
}

const maxFiles = 50
const yEncBegin = /^=ybegin [^\n]{0,200}?name=([^\n]{0,200})\n/m
const yEncEnd = /^=yend[^\n]*(?:\n|$)/m
const binHex =
  /^\(This file must be converted with BinHex[^\n]{0,80}\)\n\s*:[^:]*:[^\S\n]*(?:\n|$)/m

/** What remains of a text without its files. Files in yEnc and BinHex are not decoded. */
export function withoutFiles(text: string): {
  readonly shown: string
  readonly files: readonly InlineFile[]
} {
  let shown = text
  const files: InlineFile[] = []
  while (files.length < maxFiles) {
    const file = findUuencoded(shown)
    if (!file || file.bytes.length === 0) break
    shown = `${shown.slice(0, file.start)}${shown.slice(file.end)}`
    files.push({ ...file, kind: 'application/octet-stream', isDecoded: true })
  }
  for (const find of [findYEnc, findBinHex])
    while (files.length < maxFiles) {
      const found = find(shown)
      if (!found) break
      const { start, end, ...file } = found
      const bytes = Buffer.from(shown.slice(start, end), 'latin1')
      files.push({ ...file, bytes, isDecoded: false })
      shown = `${shown.slice(0, start)}${shown.slice(end)}`
    }
  return { shown, files }
}

type Found = {
  readonly name: string
  readonly kind: string
  readonly start: number
  readonly end: number
}

function findYEnc(text: string): Found | null {
  const begin = text.includes('=ybegin ') ? yEncBegin.exec(text) : null
  if (!begin) return null
  const from = begin.index + begin[0].length
  const close = yEncEnd.exec(text.slice(from))
  const end = close ? from + close.index + close[0].length : text.length
  const name = begin[1]?.trim() ?? ''
  return { name, kind: 'application/octet-stream', start: begin.index, end }
}

function findBinHex(text: string): Found | null {
  const found = text.includes('(This file must be') ? binHex.exec(text) : null
  if (!found) return null
  const end = found.index + found[0].length
  return { name: '', kind: 'application/mac-binhex40', start: found.index, end }
}
