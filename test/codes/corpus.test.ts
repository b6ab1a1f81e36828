// How often the code is found: on messages of our own, and on the shared set where it is at hand.
import { describe, expect, test } from 'vitest'
import { extractCode } from '../../src/core/codes/extract.ts'
import {
  type LabelledMessage,
  outcomeOf,
  type Split,
  sourceOf,
  splits,
} from '../../src/core/codes/labelled.ts'
import { KnownNames } from '../../src/core/codes/names.ts'
import { isOfBatch, others, own } from './corpus.ts'

type Figures = {
  /** Shares: of all messages, of those with a code, of those without one. */
  readonly exact: number
  readonly wrong: number
  readonly falsePositive: number
}

/** What must hold for each part of the batches. These may rise, and never fall. */
const floors: Readonly<Record<Split, Figures>> = {
  train: { exact: 0.9905, wrong: 0.0008, falsePositive: 0.0025 },
  tune: { exact: 0.9935, wrong: 0, falsePositive: 0 },
  frozen: { exact: 0.977, wrong: 0.0022, falsePositive: 0.018 },
}

/** And for each part of the files by theme. */
const floorsOfThemes: Readonly<Record<Split, Figures>> = {
  train: { exact: 0.989, wrong: 0, falsePositive: 0.0068 },
  tune: { exact: 0.97, wrong: 0, falsePositive: 0.0145 },
  frozen: { exact: 0.904, wrong: 0.0033, falsePositive: 0.0631 },
}

/** And for the messages of the newcomer, whose frozen part shows what unseen messages get. */
const floorsOfNewcomer = {
  train: { exact: 0.995, wrong: 0, falsePositive: 0.003 },
  frozen: { exact: 0.903, wrong: 0, falsePositive: 0.0394 },
} as const satisfies Partial<Record<Split, Figures>>

/** And for the messages made of patterns: without the service that they are of, and with it. */
const floorOfPatterns: Figures = { exact: 0.95, wrong: 0, falsePositive: 0.0224 }
const floorOfPatternsOfServices: Figures = { exact: 0.9665, wrong: 0, falsePositive: 0.0523 }

/** And for the messages of a second newcomer. */
const floorsOfWayfarers = {
  train: { exact: 0.969, wrong: 0, falsePositive: 0.0393 },
  frozen: { exact: 0.943, wrong: 0, falsePositive: 0.0695 },
} as const satisfies Partial<Record<Split, Figures>>

const batches = own.filter(isOfBatch)
const newcomer = own.filter(({ id }) => /newcomer/.test(id))
const patterns = own.filter(({ id }) => id.startsWith('frozen-patterns-'))
const wayfarers = own.filter(({ id }) => /wayfarers/.test(id))
const apart = new Set([...batches, ...newcomer, ...patterns, ...wayfarers])
const themes = own.filter((message) => !apart.has(message))

describe('our own messages', () => {
  test('are many, in many languages, and a third of them hold no code', () => {
    expect(own.length).toBeGreaterThanOrEqual(12_000)
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

  test('of the batches: codes are found, and hardly ever a wrong one', () => {
    expectAtLeast(measure(batches), { exact: 0.985, wrong: 0.002, falsePositive: 0.01 })
  })

  test.each(splits)('in %s: codes are found, and hardly ever a wrong one', (split) => {
    const figures = measure(batches.filter((message) => message.split === split))
    expectAtLeast(figures, floors[split])
  })

  test.each(splits)('by theme, in %s: codes are found, and hardly ever a wrong one', (split) => {
    const figures = measure(themes.filter((message) => message.split === split))
    expectAtLeast(figures, floorsOfThemes[split])
  })

  test.each(['train', 'frozen'] as const)('by a newcomer, in %s: codes are found', (split) => {
    const figures = measure(newcomer.filter((message) => message.split === split))
    expectAtLeast(figures, floorsOfNewcomer[split])
  })

  test.each(['train', 'frozen'] as const)('of wayfarers, in %s: codes are found', (split) => {
    const figures = measure(wayfarers.filter((message) => message.split === split))
    expectAtLeast(figures, floorsOfWayfarers[split])
  })

  test('made of patterns: codes are found, and more of them where the service is known', () => {
    expectAtLeast(measure(patterns), floorOfPatterns)
    expectAtLeast(measure(patterns, services), floorOfPatternsOfServices)
  })
})

describe.skipIf(others.length === 0)('the shared messages', () => {
  test('have their codes found, and hardly ever a wrong one', () => {
    expectAtLeast(measure(others), { exact: 0.99, wrong: 0.005, falsePositive: 0.01 })
  })
})

function expectAtLeast(figures: Figures, floor: Figures): void {
  expect(figures.exact).toBeGreaterThanOrEqual(floor.exact)
  expect(figures.wrong).toBeLessThanOrEqual(floor.wrong)
  expect(figures.falsePositive).toBeLessThanOrEqual(floor.falsePositive)
}

/** The services that the patterns are filled with: each message is of one of them. */
const services = [
  ...['Palmgrove', 'Tidewell', 'Orrin', 'Kestova', 'Bluefern', 'Mintario', 'Zolane', 'Hexaway'],
  ...['Rivermark', 'Lumora', 'Quaybank', 'Fennick', 'Volterra Pay', 'Snapwise', 'Nordhaven'],
  ...['Yellowkite', 'Tarnly', 'Ombra', 'Pixelmoor', 'Caravelle'],
]

function measure(messages: readonly LabelledMessage[], names: readonly string[] = []): Figures {
  const codeless = messages.filter(({ expected }) => expected === null).length
  const count = { exact: 0, wrong: 0, missed: 0, false: 0 }
  for (const message of messages) {
    const name = names.find((one) => message.text.includes(one))
    const service = name === undefined ? null : new KnownNames([name])
    count[outcomeOf(extractCode({ ...sourceOf(message), service }).code, message.expected)]++
  }
  return {
    exact: count.exact / messages.length,
    wrong: count.wrong / (messages.length - codeless),
    falsePositive: count.false / codeless,
  }
}
