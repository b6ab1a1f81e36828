// Letters as they are compared: which of them make words, and which are one to the reader.

export const letterClass = { none: 0, digit: 1, spaced: 2, unspaced: 3 } as const

/** Blocks of one class, most of all units, which need no look at each of them. */
const wholeBlocks = [
  [0x3400, 0x4dbf, letterClass.unspaced], // Han
  [0x4e00, 0x9fff, letterClass.unspaced],
  [0xac00, 0xd7a3, letterClass.unspaced], // Hangul
  [0xd800, 0xdfff, letterClass.spaced], // halves of pairs
  [0xe000, 0xf8ff, letterClass.none], // private use
] as const

/** Units of scripts that have case, or accents that writers of short messages leave out. */
const formedBlocks = [
  [0x41, 0x58f],
  [0x10a0, 0x10ff],
  [0x1c80, 0x1fff],
  [0x2071, 0x2188],
  [0x2c60, 0x2dff],
] as const

/** Scripts whose words touch each other. */
const touching =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}]+/gu

/** Class of every UTF-16 unit: does a word go on here, and do words of its script touch? */
export const classOf = buildClasses()
/** The lower-case letter without its accents that each unit is compared as. */
export const keyOf = buildKeys()

/** The lower-case letter without its accents that a unit is compared as. */
export function keyUnit(unit: number): number {
  return keyOf[unit] ?? unit
}

/**
 * How many units may be capitals, and how many of them stand side by side at most. Beyond ASCII every unit
 * may be one.
 */
export function capitalsIn(text: string): { readonly count: number; readonly longest: number } {
  let count = 0
  let longest = 0
  let run = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const mayBe = (unit >= 65 && unit <= 90) || (unit > 0x7f && unit !== 0xe000)
    if (!mayBe) run = 0
    else {
      count++
      if (++run > longest) longest = run
    }
  }
  return { count, longest }
}

function buildClasses(): Uint8Array {
  const table = new Uint8Array(65536)
  let from = 0x3a
  for (const [first, last, blockClass] of wholeBlocks) {
    fillClasses(table, from, first)
    table.fill(blockClass, first, last + 1)
    from = last + 1
  }
  fillClasses(table, from, 0x10000)
  table.fill(letterClass.digit, 0x30, 0x3a)
  return table
}

/** Looks at all units of a range at once: one search costs far less than one for each of them. */
function fillClasses(table: Uint8Array, from: number, to: number): void {
  for (const { 0: run, index } of unitsOf(from, to).matchAll(/[\p{L}\p{M}]+/gu)) {
    const first = from + index
    table.fill(letterClass.spaced, first, first + run.length)
    for (const { 0: part, index: at } of run.matchAll(touching))
      table.fill(letterClass.unspaced, first + at, first + at + part.length)
  }
}

/** The units from one to before another as a text. */
function unitsOf(from: number, to: number): string {
  const parts: string[] = []
  for (let unit = from; unit < to; unit++) parts.push(String.fromCharCode(unit))
  return parts.join('')
}

function buildKeys(): Uint16Array {
  const table = new Uint16Array(65536)
  for (let unit = 0; unit < 65536; unit++) table[unit] = unit
  const hasForms = /[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Armenian}\p{sc=Georgian}]/u
  for (const [first, last] of formedBlocks) {
    for (let unit = first; unit <= last; unit++) {
      const char = String.fromCharCode(unit)
      if (hasForms.test(char))
        table[unit] = char.toLowerCase().normalize('NFD').toLowerCase().charCodeAt(0)
    }
  }
  const alike: readonly (readonly [string, string])[] = [
    [' ', '\n-_'],
    ['i', 'ıİ'],
    ['l', 'łŁ'],
    ['d', 'đĐðÐɗƊ'],
    ['k', 'ƙƘ'],
    ['b', 'ɓƁ'],
    ['o', 'øØœŒ'],
    ['a', 'æÆ'],
    ['s', 'ßẞ'],
    ['h', 'ħĦ'],
    ['t', 'ŧŦ'],
    ['σ', 'ς'],
    ['ی', 'يىئې'],
    ['ک', 'كڪ'],
    ['ا', 'أإآٱ'],
    ['ه', 'ةھہە'],
    ['و', 'ؤ'],
  ]
  for (const [key, others] of alike) {
    for (const other of others) table[other.charCodeAt(0)] = key.charCodeAt(0)
  }
  return table
}
