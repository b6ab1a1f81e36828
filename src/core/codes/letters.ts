// Letters as they are compared: which of them make words, and which are one to the reader.

export const letterClass = { none: 0, digit: 1, spaced: 2, unspaced: 3 } as const

/** Class of every UTF-16 unit: does a word go on here, and do words of its script touch? */
export const classOf = buildClasses()
const keyOf = buildKeys()

/** The lower-case letter without its accents that a unit is compared as. */
export function keyUnit(unit: number): number {
  return keyOf[unit] ?? unit
}

function buildClasses(): Uint8Array {
  const table = new Uint8Array(65536)
  const letter = /[\p{L}\p{M}]/u
  const touching =
    /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}]/u
  for (let unit = 48; unit < 65536; unit++) {
    if (unit <= 57) table[unit] = letterClass.digit
    else if (unit >= 0xd800 && unit <= 0xdfff) table[unit] = letterClass.spaced
    else {
      const char = String.fromCharCode(unit)
      if (letter.test(char)) {
        table[unit] = touching.test(char) ? letterClass.unspaced : letterClass.spaced
      }
    }
  }
  return table
}

function buildKeys(): Uint16Array {
  const table = new Uint16Array(65536)
  for (let unit = 0; unit < 65536; unit++) table[unit] = unit
  // Only scripts with case or with accents that writers of short messages leave out.
  const hasForms = /[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Armenian}\p{sc=Georgian}]/u
  for (let unit = 65; unit < 0x2e00; unit++) {
    const char = String.fromCharCode(unit)
    if (hasForms.test(char)) {
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
