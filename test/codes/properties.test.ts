// What holds for every text: nothing is thrown, nothing is invented, nothing beyond the cap is read.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extractCode } from '../../src/core/codes/extract.ts'
import { capText, foldText, headChars, tailChars } from '../../src/core/codes/fold.ts'
import { htmlToText } from '../../src/core/codes/html.ts'
import { maskText } from '../../src/core/codes/mask.ts'
import { anyCharacter } from '../harness/texts.ts'

const words = fc.constantFrom(
  ...['code', 'Your code is', 'код', '验证码', 'order', 'call', '<b>', '</p>', ':', '-', '.', '\n'],
  ...[
    '441092',
    '4 4 1 0',
    'A1B2',
    'QWPLMN',
    'four',
    'two',
    'one',
    'six',
    '٤٤١٠',
    '\u200b',
    '@a.b #1234',
  ],
)
const message = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 300 }),
  fc.array(words, { maxLength: 30 }).map((parts) => parts.join(' ')),
)
const invisible = ['\u200b', '\u00ad', '\u2060', '\u200e', '\ufeff']
const digits = fc.integer({ min: 100_000, max: 999_999 }).map(String)

describe('any text', () => {
  test('is answered, with a confidence between none and full', () => {
    fc.assert(
      fc.property(message, (text) => {
        const { code, asWritten, confidence } = extractCode({ text })
        expect(confidence).toBeGreaterThanOrEqual(0)
        expect(confidence).toBeLessThanOrEqual(1)
        expect(asWritten === null).toBe(code === null)
      }),
    )
  })

  test('gives only a code of letters and digits, and only what is in it', () => {
    fc.assert(
      fc.property(message, (text) => {
        const { code, asWritten } = extractCode({ text })
        if (code === null || asWritten === null) return
        expect(code).toMatch(/^[\p{L}\p{N}]+$/u)
        const folded = foldText(htmlToText(text))
        const isShown = foldText(text).includes(foldText(asWritten)) || folded.includes(asWritten)
        expect(isShown).toBe(true)
      }),
    )
  })

  test('is covered one unit for one', () => {
    fc.assert(
      fc.property(message, (text) => {
        const folded = foldText(text)
        expect(maskText(folded)).toHaveLength(folded.length)
      }),
    )
  })

  test('is folded once and for all', () => {
    fc.assert(
      fc.property(
        fc.array(words).map((parts) => parts.join(' ')),
        (text) => {
          expect(foldText(foldText(text))).toBe(foldText(text))
        },
      ),
    )
  })
})

describe('a code', () => {
  test('is the same with invisible characters strewn over the message', () => {
    fc.assert(
      fc.property(digits, fc.constantFrom(...invisible), (code, mark) => {
        const text = [...`Your code is ${code}. Do not share it.`].join(mark)
        expect(extractCode({ text }).code).toBe(code)
      }),
    )
  })

  test('is the same in the digits of any script', () => {
    const zeros = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x1040, 0x17e0, 0xff10, 0x1d7ce, 0x1e950]
    fc.assert(
      fc.property(digits, fc.constantFrom(...zeros), (code, zero) => {
        const written = [...code]
          .map((digit) => String.fromCodePoint(zero + Number(digit)))
          .join('')
        expect(extractCode({ text: `Your code is ${written}` }).code).toBe(code)
      }),
    )
  })
})

describe('digits', () => {
  test('of every script that Unicode has are folded', () => {
    for (let point = 0x80; point < 0x20000; point++) {
      const char = String.fromCodePoint(point)
      if (/\p{Nd}/u.test(char)) expect(foldText(char), point.toString(16)).toMatch(/^\d$/)
    }
  })
})

describe('a long text', () => {
  const filler = 'lorem ipsum dolor sit amet '

  test('is read at its head and its tail', () => {
    const long = filler.repeat(40_000)
    expect(extractCode({ text: `Your code is 441092. ${long}` }).code).toBe('441092')
    expect(extractCode({ text: `${long} Your code is 441092` }).code).toBe('441092')
  })

  test('is not read between them', () => {
    const long = filler.repeat(1_000)
    expect(extractCode({ text: `${long} Your code is 441092. ${long}` }).code).toBeNull()
    expect(capText('x'.repeat(1_000_000))).toHaveLength(headChars + tailChars + 1)
  })

  test('does not grow by folding', () => {
    // U+FDFA stands for eighteen letters.
    expect(foldText(capText('\ufdfa'.repeat(1_000_000))).length).toBeLessThanOrEqual(
      headChars + tailChars + 1,
    )
  })

  test.each(['<', '1', ' 1 1 1', '1-', '<div>', '<div hidden>', 'a', '\u200b', 'e\u0301', 'code '])(
    'of nothing but %j is answered with no code',
    (piece) => {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
      expect(extractCode({ text, subject: text }).code).toBeNull()
    },
  )
})
