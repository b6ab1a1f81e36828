// How often the code is found: on messages of our own, and on the shared set where it is at hand.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type CodeSource, extractCode } from '../../src/core/otp/extract.ts'
import { eighteenth } from './corpus/eighteenth.ts'
import { eighth } from './corpus/eighth.ts'
import { eleventh } from './corpus/eleventh.ts'
import { fifteenth } from './corpus/fifteenth.ts'
import { fifth } from './corpus/fifth.ts'
import { first } from './corpus/first.ts'
import { fortieth } from './corpus/fortieth.ts'
import { fortyfifth } from './corpus/fortyfifth.ts'
import { fortyfirst } from './corpus/fortyfirst.ts'
import { fortyfourth } from './corpus/fortyfourth.ts'
import { fortysecond } from './corpus/fortysecond.ts'
import { fortyseventh } from './corpus/fortyseventh.ts'
import { fortysixth } from './corpus/fortysixth.ts'
import { fortythird } from './corpus/fortythird.ts'
import { fourteenth } from './corpus/fourteenth.ts'
import { fourth } from './corpus/fourth.ts'
import type { Labelled } from './corpus/message.ts'
import { nineteenth } from './corpus/nineteenth.ts'
import { ninth } from './corpus/ninth.ts'
import { second } from './corpus/second.ts'
import { seventeenth } from './corpus/seventeenth.ts'
import { seventh } from './corpus/seventh.ts'
import { sixteenth } from './corpus/sixteenth.ts'
import { sixth } from './corpus/sixth.ts'
import { tenth } from './corpus/tenth.ts'
import { third } from './corpus/third.ts'
import { thirteenth } from './corpus/thirteenth.ts'
import { thirtieth } from './corpus/thirtieth.ts'
import { thirtyeighth } from './corpus/thirtyeighth.ts'
import { thirtyfifth } from './corpus/thirtyfifth.ts'
import { thirtyfirst } from './corpus/thirtyfirst.ts'
import { thirtyfourth } from './corpus/thirtyfourth.ts'
import { thirtyninth } from './corpus/thirtyninth.ts'
import { thirtysecond } from './corpus/thirtysecond.ts'
import { thirtyseventh } from './corpus/thirtyseventh.ts'
import { thirtysixth } from './corpus/thirtysixth.ts'
import { thirtythird } from './corpus/thirtythird.ts'
import { twelfth } from './corpus/twelfth.ts'
import { twentieth } from './corpus/twentieth.ts'
import { twentyeighth } from './corpus/twentyeighth.ts'
import { twentyfifth } from './corpus/twentyfifth.ts'
import { twentyfirst } from './corpus/twentyfirst.ts'
import { twentyfourth } from './corpus/twentyfourth.ts'
import { twentyninth } from './corpus/twentyninth.ts'
import { twentysecond } from './corpus/twentysecond.ts'
import { twentyseventh } from './corpus/twentyseventh.ts'
import { twentysixth } from './corpus/twentysixth.ts'
import { twentythird } from './corpus/twentythird.ts'

type Case = { readonly source: CodeSource; readonly expected: string | null }
type Figures = { exact: number; wrong: number; falsePositive: number }

const own: readonly Labelled[] = [
  first,
  second,
  third,
  fourth,
  fifth,
  sixth,
  seventh,
  eighth,
  ninth,
  tenth,
  eleventh,
  twelfth,
  thirteenth,
  fourteenth,
  fifteenth,
  sixteenth,
  seventeenth,
  eighteenth,
  nineteenth,
  twentieth,
  twentyfirst,
  twentysecond,
  twentythird,
  twentyfourth,
  twentyfifth,
  twentysixth,
  twentyseventh,
  twentyeighth,
  twentyninth,
  thirtieth,
  thirtyfirst,
  thirtysecond,
  thirtythird,
  thirtyfourth,
  thirtyfifth,
  thirtysixth,
  thirtyseventh,
  thirtyeighth,
  thirtyninth,
  fortieth,
  fortyfirst,
  fortysecond,
  fortythird,
  fortyfourth,
  fortyfifth,
  fortysixth,
  fortyseventh,
].flat()
const shared = new URL('../../../shared/otp/dev.jsonl', import.meta.url)

describe('our own messages', () => {
  test('are many, in many languages, and a third of them hold no code', () => {
    expect(own.length).toBeGreaterThanOrEqual(5000)
    expect(new Set(own.map(([lang]) => lang)).size).toBeGreaterThanOrEqual(110)
    expect(own.filter(([, , code]) => code === null).length).toBeGreaterThan(own.length * 0.3)
  })

  test('give up their codes, and hardly ever a wrong one', () => {
    const figures = measure(
      own.map(([, text, expected, more]) => ({ source: { text, ...more }, expected })),
    )
    expect(figures.exact).toBeGreaterThanOrEqual(0.985)
    expect(figures.wrong).toBeLessThanOrEqual(0.002)
    expect(figures.falsePositive).toBeLessThanOrEqual(0.01)
  })
})

describe.skipIf(!existsSync(shared))('the shared messages', () => {
  test('give up their codes, and hardly ever a wrong one', () => {
    const lines = readFileSync(shared, 'utf8').trim().split('\n')
    const figures = measure(
      lines.map((line) => {
        const source = JSON.parse(line) as CodeSource & { expected: string | null }
        return { source, expected: source.expected }
      }),
    )
    expect(figures.exact).toBeGreaterThanOrEqual(0.99)
    expect(figures.wrong).toBeLessThanOrEqual(0.005)
    expect(figures.falsePositive).toBeLessThanOrEqual(0.01)
  })
})

function measure(cases: readonly Case[]): Figures {
  const codeless = cases.filter(({ expected }) => expected === null).length
  let exact = 0
  let wrong = 0
  let falsePositive = 0
  for (const { source, expected } of cases) {
    const { code } = extractCode(source)
    if (code?.toLowerCase() === expected?.toLowerCase()) exact++
    else if (expected === null) falsePositive++
    else if (code !== null) wrong++
  }
  return {
    exact: exact / cases.length,
    wrong: wrong / (cases.length - codeless),
    falsePositive: falsePositive / codeless,
  }
}
