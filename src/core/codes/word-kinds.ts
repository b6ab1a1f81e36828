// The kinds of words that stand around a code. A word may be of several kinds.

/** What the lists in words/ call a kind, and its bit. docs/codes.md says what each of them means. */
export const kinds = {
  code: 1,
  strong: 2,
  use: 4,
  auth: 8,
  other: 16,
  ref: 32,
  call: 64,
  old: 128,
  fresh: 256,
  time: 512,
  unit: 1024,
  money: 2048,
  warn: 4096,
  digits: 8192,
  by: 16384,
  gone: 32768,
  not: 65536,
  notAfter: 131072,
  ends: 262144,
  settled: 524288,
  small: 1048576,
  now: 2097152,
  done: 4194304,
  thing: 8388608,
} as const

/** The digit that a word says, in the bits above those of the kinds. */
const digitShift = 24
const digitMask = 15
/** A stem: any ending may follow. */
export const stemBit = 1 << 30
/** A word of a script that leaves no blanks between words. */
export const touchBit = 1 << 29
/** The next meaning belongs to the same word, in another language. */
export const moreBit = 1 << 28

/** What one line of a list says of its word: kinds, the digit, whether it is a stem. */
export type Meaning = number

export const digitOf = (meaning: Meaning): number => (meaning >>> digitShift) & digitMask

/** The kinds of a meaning, as a bit set. */
export const kindsOf = (meaning: Meaning): number => meaning & ((1 << digitShift) - 1)

/** The bits of what stands in the first column of a list: "strong", "code,auth", "7"; null if unknown. */
export function meaningNamed(column: string): Meaning | null {
  let bits = 0
  for (const name of column.split(',')) {
    if (/^\d$/.test(name) && (bits & kinds.digits) === 0)
      bits |= kinds.digits | (Number(name) << digitShift)
    else if (name === 'strong') bits |= kinds.strong | kinds.code
    else if (name !== 'digits' && Object.hasOwn(kinds, name))
      bits |= kinds[name as keyof typeof kinds]
    else return null
  }
  return bits
}
