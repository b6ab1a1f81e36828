// What `data_coding` says: the alphabet of a text (SMPP 3.4, section 5.2.19, and 3GPP TS 23.038, section 4).

/** What an SMSC may mean by 0, its default alphabet; an operator says which. */
export const defaultAlphabets = ['gsm7', 'gsm7-packed', 'ascii', 'latin1', 'utf-8'] as const
export type DefaultAlphabet = (typeof defaultAlphabets)[number]

export type Alphabet =
  | DefaultAlphabet
  | 'utf-16'
  | 'binary'
  | 'iso-8859-5'
  | 'iso-8859-8'
  | 'japanese'
  | 'euc-kr'

const alphabets: Readonly<Record<number, Alphabet>> = {
  1: 'ascii',
  2: 'binary',
  3: 'latin1',
  4: 'binary',
  5: 'japanese',
  6: 'iso-8859-5',
  7: 'iso-8859-8',
  8: 'utf-16',
  9: 'japanese',
  10: 'japanese',
  13: 'japanese',
  14: 'euc-kr',
}

/** The two bits with which the network's own groups of codings name an alphabet. */
const byBits = [null, 'binary', 'utf-16', null] as const

/** The alphabet of a `data_coding`. What is reserved is the default alphabet, as the standard has it. */
export function alphabetOf(dataCoding: number, usual: DefaultAlphabet): Alphabet {
  if (dataCoding < 0x10) return alphabets[dataCoding] ?? usual
  const group = dataCoding >> 4
  // General coding, with a class, or marked to be deleted once read. The sixth bit: it is compressed.
  if (group < 0x8 && (dataCoding & 0x20) !== 0) return 'binary'
  if (group < 0x8) return byBits[(dataCoding >> 2) & 3] ?? usual
  // A message that waits, with a text in UCS-2; the two groups before it are in the default alphabet.
  if (group === 0xe) return 'utf-16'
  if (group === 0xf) return (dataCoding & 0x04) === 0 ? usual : 'binary'
  return usual
}
