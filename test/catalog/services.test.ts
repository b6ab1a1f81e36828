// The services: their ids, and what tells their messages. All messages here are of our own writing.
import { expect, test } from 'vitest'
import { categories, services } from '../../src/core/catalog/data/load.ts'
import { expectUnique } from './unique.ts'

const bySlug = new Map(services.map((service) => [service.slug, service]))

/** A message for each rule, in the rules' order, and the code in it. */
const ruleExamples: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  whatsapp: [['Your WhatsApp code: 482-915. Keep it to yourself', '482-915']],
  telegram: [
    ['Telegram code: 73105', '73105'],
    ['Login code: 90417. Nobody from our side will ask for it', '90417'],
  ],
  viber: [['Your Viber code: 660214', '660214']],
  signal: [['Your Signal verification code is: 318-204', '318-204']],
  wechat: [['WeChat: the code (840163) works once', '840163']],
  imo: [['imo verification code: 7720', '7720']],
  facebook: [
    ['55102 is your Facebook code', '55102'],
    ['FB-80413 confirms your phone', '80413'],
  ],
  instagram: [['Use 204 771 to verify your Instagram account.', '204 771']],
  twitter: [['Your X confirmation code is 405512.', '405512']],
  tiktok: [['[TikTok] 6031 is your code', '6031']],
  snapchat: [['Snapchat Code: 771290. Keep it secret', '771290']],
  tinder: [['Your Tinder code is 640381', '640381']],
  google: [['G-730915 lets you in', '730915']],
  microsoft: [['Use 4417 as Microsoft account security code', '4417']],
  apple: [['Your Apple Account code is: 551038. Keep it to yourself.', '551038']],
  openai: [['Your OpenAI verification code is: 902266', '902266']],
  amazon: [['118204 is your Amazon code', '118204']],
  uber: [['Your Uber code is 3306. Keep it secret.', '3306']],
  paypal: [
    ['PayPal: 660918 is the code to log in', '660918'],
    ['Your PayPal OTP is 545', '545'],
  ],
  binance: [['[Binance] Verification code: 803374. Withdrawing 150000 USDT', '803374']],
  steam: [['Your Steam verification code is: K2F4D', 'K2F4D']],
}

/** What a rule must leave alone. */
const ruleTraps: readonly (readonly [string, string])[] = [
  ['whatsapp', 'Call 415-555-0123 about WhatsApp'],
  ['steam', 'Your Steam verification code is valid for five minutes'],
  ['signal', 'The signal 318204 was lost'],
  ['google', 'Flight G-7309151 is late'],
  ['tinder', 'Your Tinder code is on its way: wait 120000 ms'],
]

/** Sentences with names that are also common words, and nothing of the service. */
const innocent: readonly string[] = [
  'Please hold the line, your code is 123456',
  'No signal? Your code is 123456',
  'X marks the spot: 123456',
  'An apple a day. Code 123456',
  'Be wise, never share 123456',
  'Grab your deal today with code 123456',
  'Bolt the door, use 123456',
  'Imo 123456 is the best code',
  'OK, 123456 is right',
  'The steam train leaves at 12:34, booking 123456',
  'Zoom in to see 123456',
  'A stripe of blue, code 123456',
  'Ovo je tvoj kod: 123456',
  'Dana zadnji put: 123456',
  'The hinge is loose, ticket 123456',
]

const telling: Readonly<Record<string, string>> = {
  line: 'Your LINE verification code: 123456',
  signal: '【SIGNAL】 123-456',
  twitter: 'Your X confirmation code is 123456',
  apple: '您的Apple ID代码为123456',
  wise: '123456 is your Wise verification code',
  grab: 'Your Grab activation code is 1234',
  bolt: 'Your Bolt code is 1234',
  steam: 'Your Steam Guard code: K2F4D',
  whatsapp: 'Dein WhatsApp-Code: 123-456',
  wechat: '您的微信验证码是123456',
  paypal: 'Your PayPal OTP is 545',
  openai: 'Your OpenAI verification code is 123456',
}

test('every id of a service is its alone and has its form', () => {
  for (const key of ['slug', 'uuid', 'number', 'name'] as const) {
    expectUnique(
      services.map((service) => service[key]),
      key,
    )
  }
  for (const dialect of ['handler-api', 'fivesim'])
    expectUnique(
      services.map((service) => service.ids[dialect] ?? null),
      dialect,
    )
  expectUnique(
    services.map((service) => service.site),
    'site',
  )
  for (const service of services) {
    expect(service.slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(service.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-/)
    expect(service.number).toBeGreaterThan(0)
    expect(service.priceUsd).toMatch(/^\d+\.\d\d$/)
  }
})

test('the documents find what they name', () => {
  expect(bySlug.get('whatsapp')).toMatchObject({
    name: 'WhatsApp',
    number: 1012,
    uuid: '123e4567-e89b-12d3-a456-426614174000',
  })
  expect(bySlug.get('telegram')).toMatchObject({ name: 'Telegram', number: 22 })
  expect(bySlug.get('tinder')).toMatchObject({ name: 'Tinder', number: 4421 })
  expect(bySlug.get('discord')).toMatchObject({ name: 'Discord', number: 4422 })
  expect(bySlug.get('instagram')).toMatchObject({ name: 'Instagram', number: 7821 })
  expect(bySlug.get('facebook')?.name).toBe('Facebook')
  expect(bySlug.get('paypal')?.name).toBe('PayPal')
  expect(bySlug.get('openai')?.site).toBe('openai.com')
  expect(services.some((service) => service.number === 1)).toBe(true)
})

test('at least sixty services, each of a category that exists', () => {
  expect(services.length).toBeGreaterThanOrEqual(60)
  const slugs = categories.map((category) => category.slug)
  expectUnique(slugs, 'slug')
  expect(new Set(services.map((service) => service.category))).toEqual(new Set(slugs))
})

test('banks, governments and emergency lines are there and closed by default', () => {
  const closed = categories.filter((category) => category.isClosedByDefault)
  expect(closed.map((category) => category.slug)).toEqual(['bank', 'government', 'emergency'])
  expect(closed.every(({ slug }) => services.some((service) => service.category === slug))).toBe(
    true,
  )
})

test('one service takes any message, and it alone has nothing that tells one', () => {
  expect(services.filter((service) => service.takesAny).map((service) => service.slug)).toEqual([
    'other',
  ])
  for (const { slug, takesAny, words, senders } of services) {
    expect(words.length > 0, slug).toBe(!takesAny)
    expect(senders.length > 0, slug).toBe(!takesAny)
  }
})

test('no word and no sender tells two services', () => {
  expectUnique(
    services.flatMap((service) => service.words),
    'words',
  )
  expectUnique(
    services.flatMap((service) => [...new Set(service.senders.map((each) => each.toLowerCase()))]),
    'senders',
  )
})

test('words stand as a folded text has them', () => {
  for (const word of services.flatMap((service) => service.words)) {
    expect(word).toBe(word.normalize('NFKC').toLowerCase().trim())
    expect(word.length, word).toBeGreaterThanOrEqual(2)
  }
})

test('a name that is a common word tells nothing by itself', () => {
  for (const text of innocent) expect(toldBy(text), text).toEqual([])
})

test('a message is told by its words', () => {
  for (const [slug, text] of Object.entries(telling)) expect(toldBy(text), text).toEqual([slug])
})

test('every rule compiles, has one group first, and finds the code in its example', () => {
  expect(Object.keys(ruleExamples).sort()).toEqual(
    services
      .filter((service) => service.rules.length > 0)
      .map((service) => service.slug)
      .sort(),
  )
  for (const [slug, examples] of Object.entries(ruleExamples)) {
    const rules = bySlug.get(slug)?.rules ?? []
    expect(rules, slug).toHaveLength(examples.length)
    rules.forEach((rule, index) => {
      const [text, code] = examples[index] ?? []
      expect(new RegExp(rule, 'iu').exec(text ?? '')?.[1], text).toBe(code)
    })
  }
})

test('a rule leaves alone what only looks like its code', () => {
  for (const [slug, text] of ruleTraps) {
    for (const rule of bySlug.get(slug)?.rules ?? []) {
      expect(new RegExp(rule, 'iu').exec(text), text).toBeNull()
    }
  }
})

test('a rule has no unbounded repetition, so no message can keep it busy', () => {
  for (const rule of services.flatMap((service) => service.rules)) {
    expect(rule).not.toMatch(/[*+]|\{\d+,\}/)
    expect(rule).not.toMatch(/\\[1-9]/)
  }
})

/** The services whose words are in a text, found as the data's README says. */
function toldBy(text: string): string[] {
  const folded = text.normalize('NFKC').toLowerCase()
  return services
    .filter((service) => service.words.some((word) => wordPattern(word).test(folded)))
    .map((service) => service.slug)
}

function wordPattern(word: string): RegExp {
  const unspaced = ['Han', 'Hira', 'Kana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Mymr']
  const letter = `[[\\p{L}\\p{N}]--[${unspaced.map((script) => `\\p{sc=${script}}`).join('')}]]`
  const literal = word.replace(/[.+*?()[\]{}|\\^$/]/g, '\\$&')
  return new RegExp(`(?<!${letter})${literal}(?!${letter})`, 'v')
}
