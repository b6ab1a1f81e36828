// Harmless changes: what a message says to its reader stays the same, and so must the answer.
import { describe, expect, inject, test } from 'vitest'
import { knownNames } from '../../src/core/catalog/names.ts'
import { changeNames, variationsOf } from '../../src/core/codes/changes/changes.ts'
import { checkChanges } from '../../src/core/codes/changes/check.ts'
import { type LabelledMessage, labelledOf } from '../../src/core/codes/labelled.ts'
import { own } from './corpus.ts'

const names = knownNames()
const isLong = inject('isLong')
const sampleStep = isLong ? 1 : 23
/** Of the answers to our own messages so many stay: to all, or to the sample. It may rise, and never fall. */
const minKept = isLong ? 0.997 : 0.997

describe('harmless changes', () => {
  test('keep the answers to a sample of our own messages', () => {
    const sample = own.filter((_, i) => i % sampleStep === 0)
    const { tried, kept, departures } = checkChanges(sample, names)
    expect(tried).toBeGreaterThan(sample.length * 20)
    const shown = departures.map(({ id, change, after }) => `${id} ${change}: ${after}`).join('\n')
    expect(kept / tried, shown).toBeGreaterThanOrEqual(minKept)
  })

  test('are the same in every run, and each of them is made of some message', () => {
    const made = new Set<string>()
    for (const [turn, message] of own.entries()) {
      for (const { change } of variationsOf(message, names, turn)) made.add(change)
    }
    expect([...made].sort()).toEqual([...changeNames].sort())
    const [first] = own
    if (!first) throw new Error('no messages')
    expect(variationsOf(first, names, 3)).toEqual(variationsOf(first, names, 3))
  })

  test('are found where they mislead a naive pattern', () => {
    const message = messageOf({ id: '1', text: 'Your code is 482917.', expected: '482917' })
    const { departures } = checkChanges([message], names, ({ text }) => {
      return /\b\d{6}\b/.exec(text)?.[0] ?? null
    })
    const changes = departures.map(({ change }) => change)
    expect(changes).toEqual(
      expect.arrayContaining(['digits: 4', 'digits: 8', 'html: digits in spans']),
    )
    expect(changes).not.toContain('case: capitals')
  })
})

describe('a variation', () => {
  const variation = (line: object, change: string) =>
    variationsOf(messageOf(line), ['Harbour & Sons'], 0).find((one) => one.change === change)
      ?.message

  test.each([
    ['digits: 4', 'Code: 482917', '482917', /^Code: (\d{4})$/],
    ['digits: others', 'Code: 48-29-17', '482917', /^Code: (\d\d-\d\d-\d\d)$/],
    ['digits: others', 'Code: K7M2', 'K7M2', /^Code: ([A-Z]\d[A-Z]\d)$/],
    ['digits: others', 'رمز ٤٤١٠', '4410', /^رمز ([٠-٩]{4})$/],
  ])('by "%s" of %j has another code, and its label', (change, text, expected, form) => {
    const changed = variation({ id: '1', text, expected }, change)
    expect(changed?.text).toMatch(form)
    expect(changed?.expected).not.toBe(expected)
    const shown = form
      .exec(changed?.text ?? '')?.[1]
      ?.normalize('NFKC')
      .replaceAll('-', '')
    const digits = shown?.replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    expect(changed?.expected).toBe(digits)
  })

  test.each([
    ['case: capitals', 'Code: k7m2, see a.example/b', 'k7m2', 'CODE: k7m2, SEE a.example/b'],
    [
      'brand: another',
      'Tarn: code 4410. Tarn',
      '4410',
      'Harbour & Sons: code 4410. Harbour & Sons',
    ],
    ['header: <#>', 'Code: 4410', '4410', '<#> Code: 4410'],
    ['footer: stop', 'Code: 4410.', '4410', 'Code: 4410. Reply STOP to opt out.'],
    ['punctuation: final stop', 'Code: 4410.', '4410', 'Code: 4410'],
    ['lines: single', 'Code:\n\n4410', '4410', 'Code:\n4410'],
    ['html: bold code', 'A & B: 4410', '4410', '<p>A &amp; B: <b>4410</b></p>'],
    ['blanks: no-break', 'Code is 4410', '4410', 'Code\u00a0is\u00a04410'],
    ['digits: own script', 'कोड 4410', '4410', 'कोड ४४१०'],
  ])('by "%s" of %j is as written here', (change, text, expected, result) => {
    const changed = variation({ id: '1', text, expected, lang: 'hi' }, change)
    expect(changed).toMatchObject({ text: result, expected })
  })

  test.each([
    ['digits: 4', 'Your 6-digit code: 482917', '482917'],
    ['digits: 4', 'Your code is four eight two one', '4821'],
    ['brand: name:', 'Tarn: code 4410', '4410'],
    ['footer: stop', '441092', '441092'],
    ['footer: stop', 'Tarn\n\n@tarn.example #441092', '441092'],
    ['lines: joined', 'Order\n5512\nCode\n4410', '4410'],
  ])('by "%s" of %j is not made: it would say something else', (change, text, expected) => {
    expect(variation({ id: '1', text, expected }, change)).toBeUndefined()
  })
})

function messageOf(line: object): LabelledMessage {
  const message = labelledOf(JSON.stringify(line))
  if (typeof message === 'string') throw new Error(message)
  return message
}
