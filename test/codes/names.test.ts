// Services are called what they like: each name in plain templates, and the code is found.
import { describe, expect, test } from 'vitest'
import { knownNames } from '../../src/core/catalog/names.ts'
import { extractCode } from '../../src/core/codes/extract.ts'
import { KnownNames } from '../../src/core/codes/names.ts'

const templates = [
  '{name} code 669766',
  '482913 is your {name} code',
  'Your {name} verification code is 482913',
  'Your {name} code: 482913',
  '[{name}] 482913 is your verification code',
  '{name}: your code is 482913',
  'Use 482913 to verify your {name} account',
  'Enter 482913 to log in to {name}.',
  '{name} verification code: 482913. Do not share it with anyone.',
  '<#> {name}: 482913 is your code',
  'Your {name} login code is 482913. It expires in 5 minutes.',
  'Tu código de {name} es 482913',
  'Ihr {name}-Code lautet 482913',
  'Votre code {name} est 482913',
  'Ваш код {name}: 482913',
  '【{name}】验证码：482913，5分钟内有效。',
]
/** Names of words, digits and marks of all kinds. */
const oddNames = [
  ...['Ticketmaster', 'Trip', 'Starbucks', 'Your Example Bank', 'Kaya', '99app', '98point6'],
  ...['Birke24', '1688', '7-Eleven', '1xBet', 'Pay4U', 'Code & Co', 'Order Now', 'Promo Planet'],
  ...[
    'Parcel Hub',
    'Bank of Example',
    'One',
    'X',
    'eToro',
    'AT&T',
    'Toys"R"Us',
    'Now!',
    'a.example',
  ],
]
const names = [...new Set([...knownNames(), ...oddNames])]
const known = new KnownNames(names)
/** Without a list so many of a thousand may be taken for words. It may fall, and never rise. */
const maxTakenPermille = 10

const codeIn = (template: string) => /\d{6}/.exec(template)?.[0]
const filled = (template: string, name: string) => template.replace('{name}', () => name)

describe('the code is found whatever the name in', () => {
  test.each(templates)('%j', (template) => {
    const lost = names.filter((name) => {
      return extractCode({ text: filled(template, name), names: known }).code !== codeIn(template)
    })
    expect(lost).toEqual([])
  })

  test('nearly all of them, with a name that is in no list', () => {
    const all = templates.flatMap((template) => names.map((name) => ({ template, name })))
    const lost = all.filter(({ template, name }) => {
      return extractCode({ text: filled(template, name) }).code !== codeIn(template)
    })
    expect(lost.length * 1000).toBeLessThanOrEqual(all.length * maxTakenPermille)
  })
})

describe('a name', () => {
  const codeOf = (text: string, more: object = {}) =>
    extractCode({ text, names: known, ...more }).code

  test.each([
    ['98point6: 482913 is your code', '482913'],
    ['482913 is your Trip code', '482913'],
    ['1688 code 669766', '669766'],
    ['TICKETMASTER CODE 669766', '669766'],
    ['Enter 05127 to log in to 1688.', '05127'],
    ['Потврдете дека сте вие: 979002 - Ticketmaster', '979002'],
  ])('in the list is no word and no code: %j', (text, code) => {
    expect(codeOf(text)).toBe(code)
  })

  test.each([
    ['482913 is your zap9it code', '482913'],
    ['[Q7RX] 482913 is your verification code', '482913'],
    ['Birke77: 482913 is your code', '482913'],
    ['Your code is 482913 - QX7LT', '482913'],
  ])('in no list is known by its place: %j', (text, code) => {
    expect(codeOf(text)).toBe(code)
  })

  test.each([
    'Hotline 16520 for questions about your order',
    'Your trip code 4471 is for the driver of your ride.',
    'Booking code 447129 confirmed',
  ])('that is a word of every day is one in its own place only: %j', (text) => {
    expect(codeOf(text)).toBeNull()
  })

  test('of the service or the sender is one wherever it stands', () => {
    const text = 'Order Planet will deliver 482913 as your sign-in code'
    const service = new KnownNames(['Order Planet'])
    expect(extractCode({ text, service }).code).toBe('482913')
    expect(extractCode({ text, sender: 'Order Planet' }).code).toBe('482913')
  })

  test('of the service that a code is awaited from makes a bare number the code', () => {
    const service = new KnownNames(['Fernwick'])
    expect(extractCode({ text: 'Fernwick 4821' }).code).toBeNull()
    expect(extractCode({ text: 'Fernwick 4821', service }).code).toBe('4821')
    expect(extractCode({ text: 'Bramley 4821', service }).code).toBeNull()
    expect(extractCode({ text: 'Bramley 4821', sender: 'Fernwick', service }).code).toBe('4821')
  })

  test.each([
    'Fernwick: order 48213 has shipped',
    'Fernwick: your balance is 48213',
    'Fernwick: you have 4821 points',
    'Fernwick: Dr Nkemelu will see you in room 4821',
    'Fernwick: ticket 48213 was closed',
  ])('of the awaited service makes no code of the number of another thing: %j', (text) => {
    const service = new KnownNames(['Fernwick'])
    expect(extractCode({ text, service }).code).toBeNull()
  })

  test('that is a number is the code where no other number is', () => {
    expect(codeOf('Your code is 1688')).toBe('1688')
  })

  test('that says what a message is stays a word', () => {
    expect(extractCode({ text: 'OTP 482913', sender: 'OTP' }).code).toBe('482913')
    expect(extractCode({ text: 'Verify: 482913', sender: 'Verify' }).code).toBe('482913')
  })

  test('costs no more than it is long, whatever the text', () => {
    const hostile = new KnownNames(['a'.repeat(39), 'a a a a a b', '1 1 1 1 1 2'])
    for (const piece of ['a', 'a ', '1 ', 'A', 'Trip ', '[Trip'])
      expect(extractCode({ text: piece.repeat(200_000), names: hostile }).code).toBeNull()
  })
})
