// The other direction of src/supply/smpp/text/gsm.ts, in the plainest way, for tests.
import {
  escapeCode,
  type Languages,
  noLanguages,
  tablesOf,
} from '../../../src/supply/smpp/text/gsm-tables.ts'

/** One character of seven bits in each byte. @throws if the alphabet lacks a character */
export function encodeSeptets(text: string, languages: Languages = noLanguages): Uint8Array {
  const { main, extended } = tablesOf(languages)
  return Uint8Array.from(
    [...text].flatMap((character) => {
      const code = main.findIndex((one, at) => one === character && at !== escapeCode)
      if (code >= 0) return [code]
      const [shifted] = Object.entries(extended).find(([, one]) => one === character) ?? []
      if (shifted === undefined) throw new Error(`no code for ${character}`)
      return [escapeCode, Number(shifted)]
    }),
  )
}

/** Seven bits each without gaps, after some bits that fill up a header. */
export function packSeptets(septets: Uint8Array, fillBits = 0): Uint8Array {
  const bits = [
    ...Array.from({ length: fillBits }, () => 0),
    ...[...septets].flatMap((septet) => [0, 1, 2, 3, 4, 5, 6].map((bit) => (septet >> bit) & 1)),
  ]
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  for (const [at, bit] of bits.entries())
    bytes[at >> 3] = (bytes[at >> 3] as number) | (bit << (at & 7))
  return bytes
}
