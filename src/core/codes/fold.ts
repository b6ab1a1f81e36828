// Folding a message to one plain form: capped, compatibility forms undone, digits in ASCII, invisible marks out.

/**
 * What is read of a text. Codes stand near the start, sometimes at the very end; the rest of a
 * long message is never examined, so that its length can cost nothing.
 */
export const headChars = 5000
export const tailChars = 1500

/** First code point of each run of ten decimal digits in Unicode (general category Nd). */
const digitZeros = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
  0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
  0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
  0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
  0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11de0,
  0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
  0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
] as const

/** Digits that Unicode does not call decimal: the first of each row, with the value it has. */
const digitRows = [
  [0x1369, 1, 9], // Ethiopic
  [0x2776, 1, 9], // negative circled
  [0x2780, 1, 9], // circled sans-serif
  [0x278a, 1, 9], // negative circled sans-serif
  [0x24f5, 1, 9], // double circled
  [0x24ff, 0, 1], // negative circled zero
  [0x1f10b, 0, 1], // circled zero
  [0x1f10c, 0, 1], // negative circled zero, sans-serif
] as const

/** Ranges of characters that show nothing, or only decorate a letter that is read without them. */
const droppedRanges = [
  [0x0000, 0x0008],
  [0x00ad, 0x00ad],
  [0x0300, 0x036f],
  [0x055b, 0x055c],
  [0x055e, 0x055e],
  [0x0591, 0x05bd],
  [0x05bf, 0x05bf],
  [0x05c1, 0x05c7],
  [0x0610, 0x061a],
  [0x061c, 0x061c],
  [0x0640, 0x0640],
  [0x064b, 0x065f],
  [0x0670, 0x0670],
  [0x06d6, 0x06dc],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x20d0, 0x20f0],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
  [0xe0100, 0xe01ef],
] as const

const sameAs: readonly (readonly [string, string])[] = [
  ['-', '‐‑‒–—―−﹣⁃־᠆'],
  ['·', '•‧∙⋅●・･᛫▪◦'],
  ["'", '‘’ʼʹʻ`´′׳'],
  ['"', '“”„‟«»″״'],
  ['\n', '\u0085\u2028\u2029\v\f'],
  [' ', '\u00a0\u1680\u3000\t'],
  [',', '،、٬'],
  ['.', '۔'],
  ['%', '٪'],
  ['*', '⁎∗★☆✱'],
]

const folded = foldTable()
const foldable = new RegExp(`[${foldedRanges()}]`, 'gu')
const plain = /^[\n\x20-\x7e]*$/

/** The head and the tail of a text too long to be read whole. */
export function capText(text: string, head = headChars, tail = tailChars): string {
  if (text.length <= head + tail) return text
  return `${text.slice(0, head)}\n${text.slice(-tail)}`
}

/** The plain form of a text: what every later step reads. Runs of spaces become one. */
export function foldText(text: string): string {
  if (plain.test(text)) return text.includes('  ') ? text.replace(/ {2,}/g, ' ') : text
  // Compatibility forms can grow eighteenfold: the limit holds for what comes out as well.
  const composed = capText(text.replace(/\r\n?/g, '\n').normalize('NFKC'))
  return plainMarks(composed).replace(/ {2,}/g, ' ')
}

/** The plain form of a text of our own, of any length. */
export function foldMarks(text: string): string {
  return plain.test(text) ? text : plainMarks(text.normalize('NFKC'))
}

function plainMarks(text: string): string {
  return text.replace(foldable, (char) => folded.get(char) ?? '')
}

/** Where the folded piece stood in the text as received, or the piece itself where it was rebuilt. */
export function asReceived(text: string, piece: string): string {
  if (text.includes(piece)) return piece
  let plainText = ''
  const origin: number[] = []
  let at = 0
  for (const char of capText(text)) {
    const plainChar = foldText(char)
    for (let i = 0; i < plainChar.length; i++) origin.push(at)
    plainText += plainChar
    at += char.length
  }
  const found = plainText.indexOf(piece)
  const last = origin[found + piece.length - 1]
  const first = origin[found]
  if (found < 0 || first === undefined || last === undefined) return piece
  const capped = capText(text)
  return capped.slice(first, last + String.fromCodePoint(capped.codePointAt(last) ?? 0).length)
}

function foldTable(): Map<string, string> {
  const table = new Map<string, string>()
  for (const [from, to] of droppedRanges) {
    for (let point = from; point <= to; point++) table.set(String.fromCodePoint(point), '')
  }
  for (const zero of digitZeros) {
    for (let value = 0; value < 10; value++) {
      table.set(String.fromCodePoint(zero + value), String(value))
    }
  }
  for (const [first, value, count] of digitRows) {
    for (let i = 0; i < count; i++) table.set(String.fromCodePoint(first + i), String(value + i))
  }
  for (const [plainChar, others] of sameAs) {
    for (const other of others) table.set(other, plainChar)
  }
  return table
}

/** The folded characters as the inside of a character class. */
function foldedRanges(): string {
  const points = [...folded.keys()].map((char) => char.codePointAt(0) ?? 0).sort((a, b) => a - b)
  let ranges = ''
  for (let i = 0; i < points.length; i++) {
    const first = points[i] ?? 0
    while (points[i + 1] === (points[i] ?? 0) + 1) i++
    ranges += `\\u{${first.toString(16)}}-\\u{${(points[i] ?? 0).toString(16)}}`
  }
  return ranges
}
