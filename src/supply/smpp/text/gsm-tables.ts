// The 7-bit alphabets of 3GPP TS 23.038: the default one with its extension, and those of languages, as what
// they change. Turkish, Spanish and Portuguese are here, those of South Asia in gsm-tables-south-asia.ts.
import { southAsianAlphabets, southAsianExtensions } from './gsm-tables-south-asia.ts'

/** The code of "the next character is of the extension table". */
export const escapeCode = 0x1b

/** Section 6.2.1, in the order of the codes. The place of the escape is never read. */
export const defaultAlphabet =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'

type Characters = Readonly<Record<number, string>>

/** Section 6.2.1.1. */
const extension: Characters = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
}

/** What a language adds to the extension table (annex A.2), by its identifier. */
const singleShifts: Readonly<Record<number, Characters>> = {
  ...southAsianExtensions,
  1: { 71: 'Ğ', 73: 'İ', 83: 'Ş', 99: 'ç', 103: 'ğ', 105: 'ı', 115: 'ş' },
  2: {
    ...{ 9: 'ç', 65: 'Á', 73: 'Í', 79: 'Ó', 85: 'Ú' },
    ...{ 97: 'á', 105: 'í', 111: 'ó', 117: 'ú' },
  },
  3: {
    ...{ 5: 'ê', 9: 'ç', 11: 'Ô', 12: 'ô', 14: 'Á', 15: 'á', 31: 'Ê' },
    ...{ 18: 'Φ', 19: 'Γ', 21: 'Ω', 22: 'Π', 23: 'Ψ', 24: 'Σ', 25: 'Θ' },
    ...{ 65: 'À', 73: 'Í', 79: 'Ó', 85: 'Ú', 91: 'Ã', 92: 'Õ' },
    ...{ 97: 'Â', 105: 'í', 111: 'ó', 117: 'ú', 123: 'ã', 124: 'õ', 127: 'â' },
  },
}

/** What a language changes in the default alphabet (annex A.3). Spanish has no such table. */
const lockingShifts: Readonly<Record<number, Characters>> = {
  ...southAsianAlphabets,
  1: { 4: '€', 7: 'ı', 11: 'Ğ', 12: 'ğ', 28: 'Ş', 29: 'ş', 64: 'İ', 96: 'ç' },
  3: {
    ...{ 4: 'ê', 6: 'ú', 7: 'í', 8: 'ó', 9: 'ç', 11: 'Ô', 12: 'ô', 14: 'Á', 15: 'á' },
    ...{ 18: 'ª', 19: 'Ç', 20: 'À', 21: '∞', 22: '^', 23: '\\', 24: '€', 25: 'Ó', 26: '|' },
    ...{ 28: 'Â', 29: 'â', 30: 'Ê', 36: 'º', 64: 'Í', 91: 'Ã', 92: 'Õ', 93: 'Ú', 96: '~' },
    ...{ 123: 'ã', 124: 'õ', 125: '`' },
  },
}

/** The languages of a message, as its header says; 0 is the default. */
export type Languages = { readonly locking: number; readonly single: number }

export const noLanguages: Languages = { locking: 0, single: 0 }

export type Tables = { readonly main: readonly string[]; readonly extended: Characters }

/** The two tables of a message. A language that is not here has the default ones. */
export const tablesOf = ({ locking, single }: Languages): Tables => ({
  main: mains[locking] ?? usualMain,
  extended: extensions[single] ?? extension,
})

const usualMain = [...defaultAlphabet]
const mains = mapped(lockingShifts, (changes) =>
  usualMain.map((character, code) => changes[code] ?? character),
)
const extensions = mapped(singleShifts, (added) => ({ ...extension, ...added }))

function mapped<Table>(
  shifts: Readonly<Record<number, Characters>>,
  table: (shift: Characters) => Table,
): Readonly<Record<number, Table>> {
  return Object.fromEntries(Object.entries(shifts).map(([id, shift]) => [id, table(shift)]))
}
