// The same message with another code: other digits, another length, digits of the language's script.
import { foldText } from '../fold.ts'
import type { Place } from '../places.ts'
import type { Random } from './random.ts'
import { type Changed, rewritten, type Subject } from './subject.ts'

const vowels = 'AEIOU'
const consonants = 'BCDFGHJKLMNPQRSTVWXZ'
/** A length that a message may name: with another length it would contradict itself. */
const namedLengths: Readonly<Record<number, RegExp>> = {
  4: /(?<!\d)4(?!\d)|four|vier|quatre|cuatro|quatro|quattro|четыр|чотир|cztero|dört|四/i,
  5: /(?<!\d)5(?!\d)|five|fünf|cinq|cinco|cinque|пят|п.ят|pięci|beş|五/i,
  6: /(?<!\d)6(?!\d)|six|sech|seis|sei\b|zes|шест|шіст|sześci|altı|六/i,
  7: /(?<!\d)7(?!\d)|seven|sieb|sept|siete|sete|sette|сем|сім|yedi|七/i,
  8: /(?<!\d)8(?!\d)|eight|acht|huit|ocho|oito|otto|вос|sekiz|八/i,
}

/** Other characters of the same kinds in the same groups. */
export function otherCode(subject: Subject): Changed {
  const { message, text, places, random } = subject
  const { expected } = message
  if (expected === null || places.length === 0 || !/^[A-Za-z\d]+$/.test(expected)) return null
  const isPaired = places.some(({ start, end }) => /\D/.test(foldText(text.slice(start, end))))
  const code = freshCode(text, () =>
    [...expected].map((char, i) => otherChar(char, random, isPaired && i % 2 === 0)).join(''),
  )
  if (code === null || places.some((place) => !fits(text, place, code))) return null
  return { text: rewritten(text, places, (written) => inPlaceOf(written, code)), expected: code }
}

/** A code of so many digits, where it is written as one run of them and nothing names its length. */
export function codeOfLength(subject: Subject, length: number): Changed {
  const { message, text, places, random } = subject
  const { expected } = message
  if (expected === null || places.length === 0 || expected.length === length) return null
  if (!/^\d{4,8}$/.test(expected) || namedLengths[expected.length]?.test(text)) return null
  if (places.some(({ start, end }) => end - start !== expected.length)) return null
  const code = freshCode(text, () =>
    Array.from({ length }, () => String(random.below(10))).join(''),
  )
  if (code === null) return null
  const write = (written: string) => {
    const zero = zeroOf(written.charCodeAt(0))
    return [...code].map((digit) => String.fromCharCode(zero + Number(digit))).join('')
  }
  return { text: rewritten(text, places, write), expected: code }
}

/** First digit of the script that a language is also written with. */
const scriptZeros: Readonly<Record<string, number>> = {
  ...{ ar: 0x660, fa: 0x6f0, ps: 0x6f0, ur: 0x6f0, ckb: 0x660, hi: 0x966, mr: 0x966, ne: 0x966 },
  ...{ bn: 0x9e6, as: 0x9e6, gu: 0xae6, pa: 0xa66, or: 0xb66, te: 0xc66, kn: 0xce6, th: 0xe50 },
  ...{ lo: 0xed0, my: 0x1040, km: 0x17e0, ja: 0xff10, zh: 0xff10 },
}

/** All digits in those of the language's own script. */
export function ownDigits({ message, text, isHtml }: Subject): Changed {
  const zero = scriptZeros[message.lang]
  if (zero === undefined || isHtml || !/\d/.test(text) || /[@/]/.test(text)) return null
  if (/[A-Za-z]\d|\d[A-Za-z]/.test(text)) return null
  return { text: text.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit))) }
}

/** A code that the message does not have yet, and that is no year. */
function freshCode(text: string, make: () => string): string | null {
  const folded = foldText(text)
  for (let tries = 0; tries < 20; tries++) {
    const code = make()
    if (!folded.includes(code) && !/^(?:19|20)\d\d$/.test(code)) return code
  }
  return null
}

/** `isHigh` keeps pairs of digits from being days and months. */
function otherChar(char: string, random: Random, isHigh: boolean): string {
  if (/\d/.test(char)) return String(isHigh ? 4 + random.below(6) : random.below(10))
  const set = vowels.includes(char.toUpperCase()) ? vowels : consonants
  const other = set[random.below(set.length)] ?? char
  return char === char.toLowerCase() ? other.toLowerCase() : other
}

function fits(text: string, { start, end }: Place, code: string): boolean {
  const written = foldText(text.slice(start, end)).replace(/[^\p{L}\p{N}]/gu, '')
  return written.length === code.length
}

/** The new code in the groups and the digits of the old one. */
function inPlaceOf(written: string, code: string): string {
  let at = 0
  return [...written]
    .map((char) => {
      const folded = foldText(char)
      if (!/^[A-Za-z\d]$/.test(folded)) return char
      const next = code[at++] ?? ''
      if (!/\d/.test(folded) || char === folded) return next
      return String.fromCodePoint((char.codePointAt(0) ?? 0) - Number(folded) + Number(next))
    })
    .join('')
}

function zeroOf(unit: number): number {
  const value = Number(foldText(String.fromCharCode(unit)))
  return unit - value
}
