// How often the code is found: on messages of our own, and on the shared set where it is at hand.
import { describe, expect, test } from 'vitest'
import { extractCode } from '../../src/core/codes/extract.ts'
import {
  type LabelledMessage,
  type Split,
  sourceOf,
  splits,
} from '../../src/core/codes/labelled.ts'
import { others, own } from './corpus.ts'

type Figures = {
  /** Shares: of all messages, of those with a code, of those without one. */
  readonly exact: number
  readonly wrong: number
  readonly falsePositive: number
}

/** What must hold for each part. These may rise, and never fall. */
const floors: Readonly<Record<Split, Figures>> = {
  train: { exact: 0.9885, wrong: 0.0012, falsePositive: 0.0034 },
  tune: { exact: 0.989, wrong: 0, falsePositive: 0.003 },
  frozen: { exact: 0.977, wrong: 0.0022, falsePositive: 0.018 },
}

/** The batches that those floors are of. */
const isOfBatch = ({ id }: LabelledMessage) => /^\d\d-/.test(id)
const batches = own.filter(isOfBatch)

/** Of the files by theme only the frozen part has a floor: nothing was changed for them beforehand. */
const frozenThemes = own.filter((message) => message.split === 'frozen' && !isOfBatch(message))
const floorOfThemes: Figures = { exact: 0.851, wrong: 0.0067, falsePositive: 0.087 }

describe('our own messages', () => {
  test('are many, in many languages, and a third of them hold no code', () => {
    expect(own.length).toBeGreaterThanOrEqual(10_000)
    expect(new Set(own.map(({ lang }) => lang)).size).toBeGreaterThanOrEqual(200)
    expect(own.filter(({ expected }) => expected === null).length).toBeGreaterThan(own.length * 0.3)
  })

  test('have an id each, and a tenth of them is frozen', () => {
    expect(new Set(own.map(({ id }) => id)).size).toBe(own.length)
    const frozen = own.filter(({ split }) => split === 'frozen')
    expect(frozen.length).toBeGreaterThanOrEqual(own.length * 0.08)
  })

  test('have codes as a person types them, and one split a file', () => {
    const odd = own.filter(({ expected }) => expected !== null && !/^[\p{L}0-9]+$/u.test(expected))
    expect(odd.map(({ id }) => id)).toEqual([])
    const splitOf = new Map(own.map(({ id, split }) => [id.replace(/-\d+$/, ''), split]))
    const strays = own.filter(({ id, split }) => splitOf.get(id.replace(/-\d+$/, '')) !== split)
    expect(strays.map(({ id }) => id)).toEqual([])
  })

  test('give up their codes, and hardly ever a wrong one', () => {
    expectAtLeast(measure(batches), { exact: 0.985, wrong: 0.002, falsePositive: 0.01 })
  })

  test.each(splits)('of the part %s give up their codes, and hardly ever a wrong one', (split) => {
    const figures = measure(batches.filter((message) => message.split === split))
    expectAtLeast(figures, floors[split])
  })

  test('by theme give up their codes in the part that nothing is fitted to', () => {
    expectAtLeast(measure(frozenThemes), floorOfThemes)
  })
})

describe.skipIf(others.length === 0)('the shared messages', () => {
  test('give up their codes, and hardly ever a wrong one', () => {
    expectAtLeast(measure(others), { exact: 0.99, wrong: 0.005, falsePositive: 0.01 })
  })
})

function expectAtLeast(figures: Figures, floor: Figures): void {
  expect(figures.exact).toBeGreaterThanOrEqual(floor.exact)
  expect(figures.wrong).toBeLessThanOrEqual(floor.wrong)
  expect(figures.falsePositive).toBeLessThanOrEqual(floor.falsePositive)
}

function measure(messages: readonly LabelledMessage[]): Figures {
  const codeless = messages.filter(({ expected }) => expected === null).length
  let exact = 0
  let wrong = 0
  let falsePositive = 0
  for (const message of messages) {
    const { code } = extractCode(sourceOf(message))
    if (code?.toLowerCase() === message.expected?.toLowerCase()) exact++
    else if (message.expected === null) falsePositive++
    else if (code !== null) wrong++
  }
  return {
    exact: exact / messages.length,
    wrong: wrong / (messages.length - codeless),
    falsePositive: falsePositive / codeless,
  }
}
