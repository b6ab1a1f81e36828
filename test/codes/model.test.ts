// The fitted model: its weights fit its features, its confidence is the truth, its reasons are its score.
import { describe, expect, test } from 'vitest'
import { fractionsFrom } from '../../src/core/codes/changes/random.ts'
import { extractCode, readMessage, reasonsOf } from '../../src/core/codes/extract.ts'
import { featureCount, featureNames, featuresOf } from '../../src/core/codes/features.ts'
import { forestOf, scoreRow, treesAsText } from '../../src/core/codes/forest.ts'
import { outcomeOf, sourceOf } from '../../src/core/codes/labelled.ts'
import { shippedModel } from '../../src/core/codes/model.ts'
import { boost } from '../../training/boost.ts'
import { fitForest, plain, usual } from '../../training/fit.ts'
import { samplesOf } from '../../training/samples.ts'
import { own } from './corpus.ts'

const some = own.filter(({ split }, i) => split === 'train' && i % 12 === 0)

describe('the forest', () => {
  const samples = samplesOf(plain(some))
  const options = { ...usual, trees: 12, without: new Set<number>() }

  test('is the same for the same messages, and another one for another seed', () => {
    const lines = (seed: number) => treesAsText(boost(samples, { ...options, seed }), (one) => one)
    expect(lines(1)).toEqual(lines(1))
    expect(lines(2)).not.toEqual(lines(1))
  })

  test('is the same when it has been written and read', () => {
    const forest = boost(samples, options)
    const text = treesAsText(forest, (feature) => feature)
    expect(forestOf(forest.depth, forest.start, text, (feature) => feature)).toEqual(forest)
  })

  test('learns what the rules do not know', () => {
    // A number is the code if, and only if, it begins with a nought: nothing that the rules look at.
    const random = fractionsFrom(5)
    const messages = some.slice(0, 300).map((message, i) => {
      const code = `${random() < 0.5 ? 0 : 7}${String(i).padStart(5, '1')}`
      const expected = code.startsWith('0') ? code : null
      return { ...message, id: `nought-${i}`, text: `Take ${code} home`, subject: null, expected }
    })
    const forest = fitForest(plain(messages))
    const score = (code: string) => {
      const message = readMessage({ text: `Take ${code} home` })
      if (message === null || typeof message === 'string') throw new Error('no candidate')
      return scoreRow(forest, featuresOf(message), 0)
    }
    expect(score('042617')).toBeGreaterThan(0)
    expect(score('742617')).toBeLessThan(0)
  })
})

describe('the reasons', () => {
  test('add up to the score', () => {
    const source = { text: 'Rowan: your code is 441092. Order 7712.' }
    const { forest } = shippedModel()
    const message = readMessage(source)
    if (message === null || typeof message === 'string') throw new Error('no candidate')
    const row = message.candidates.findIndex(({ code }) => code === '441092')
    const score = scoreRow(forest, featuresOf(message), row * featureCount)
    const inner = 2 ** forest.depth - 1
    const means = forest.means
      .filter((_, i) => i % inner === 0)
      .reduce((sum, mean) => sum + mean, 0)
    const added = reasonsOf(source).reduce((sum, { adds }) => sum + adds, 0)
    expect(added + means).toBeCloseTo(score, 6)
    expect(reasonsOf(source).every(({ feature }) => featureNames.includes(feature))).toBe(true)
  })

  test('are none where a certain form tells the code', () => {
    expect(reasonsOf({ text: 'G-441092 is your code' })).toEqual([])
  })

  test("are none where a service's own rule tells the code", () => {
    const source = {
      text: 'Code 441092, slip abc-77q',
      rules: [{ pattern: 'slip (\\w{3}-\\w{3})' }],
    }
    expect(extractCode(source).code).toBe('abc77q')
    expect(reasonsOf(source)).toEqual([])
  })

  test('are those of a code that is struck out where it is the answer', () => {
    const source = {
      text: '<p>Your code is <s>118830</s></p><p>Hello</p>',
      channel: 'email' as const,
    }
    expect(extractCode(source).code).toBe('118830')
    const shown = reasonsOf({ ...source, text: '<p>Your code is 118830</p><p>Hello</p>' })
    expect(reasonsOf(source)).toEqual(shown)
    expect(shown).not.toEqual([])
  })
})

describe('the confidence', () => {
  const answers = own
    .filter(({ split }) => split === 'frozen')
    .map((message) => ({ message, found: extractCode(sourceOf(message)) }))
    .filter(({ found }) => found.code !== null)

  /** The share of right answers among those whose confidence is in the range. */
  function truth(from: number, to: number): { count: number; share: number } {
    const within = answers.filter(({ found }) => found.confidence >= from && found.confidence <= to)
    const right = within.filter(
      ({ message, found }) => outcomeOf(found.code, message.expected) === 'exact',
    )
    return { count: within.length, share: right.length / within.length }
  }

  test.each([
    [0.95, 1, 0.96],
    [0.3, 0.94, 0.5],
  ])(
    'answers with a confidence from %d to %d are right in at least this share: %d',
    (from, to, floor) => {
      const { count, share } = truth(from, to)
      expect(count).toBeGreaterThan(0)
      expect(share).toBeGreaterThanOrEqual(floor)
    },
  )

  test('is higher where more is right', () => {
    expect(truth(0.95, 1).share).toBeGreaterThan(truth(0.3, 0.94).share)
  })
})
