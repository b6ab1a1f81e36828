// How often a forest finds the code, and what its mistakes cost.
import type { Forest } from '../src/core/codes/forest.ts'
import { outcomeOf } from '../src/core/codes/labelled.ts'
import { isEnough, type Judged, ranked, type Thresholds } from '../src/core/codes/model.ts'
import type { Example } from './samples.ts'

/** A wrong code, or one where there is none, costs as much as so many missed ones. */
const wrongCost = 5

/** The likeliest number of a message. */
export type Guess = {
  readonly example: Example
  readonly code: string | null
  readonly share: number
  readonly isAgreed: boolean
  readonly points: number
  readonly isTold: boolean
  readonly isRight: boolean
}

type Figures = {
  readonly messages: number
  readonly exact: number
  /** Of those with a code, and the last of those without. */
  readonly wrong: number
  readonly missed: number
  readonly falsePositive: number
  /** Missed codes for a hundred messages; wrong ones count for several. */
  readonly cost: number
}

/** The likeliest number of each message. */
export function guesses(forest: Forest, examples: readonly Example[]): Guess[] {
  return examples.map((example) => {
    return guessOf(example, ranked(example.candidates, example.values, forest)[0])
  })
}

/** What the rules alone choose of each message. */
export function ruledGuesses(forest: Forest, examples: readonly Example[]): Guess[] {
  return examples.map((example) => {
    const all = ranked(example.candidates, example.values, forest)
    return guessOf(
      example,
      all.find(({ isAgreed }) => isAgreed),
    )
  })
}

function guessOf(example: Example, best: Judged | undefined): Guess {
  const code = best ? best.candidate.code : example.told
  return {
    example,
    code,
    share: best?.share ?? 1,
    isAgreed: best?.isAgreed ?? true,
    points: best?.points ?? 9,
    isTold: best?.isTold ?? true,
    isRight: outcomeOf(code, example.message.expected) === 'exact',
  }
}

/** The figures of guesses, of which those below the thresholds are not told. */
export function figuresOf(all: readonly Guess[], thresholds: Thresholds): Figures {
  const count = { exact: 0, wrong: 0, missed: 0, false: 0 }
  let weight = 0
  let lost = 0
  for (const guess of all) {
    const { example, code } = guess
    const isTold = isEnough(guess, thresholds)
    const outcome = outcomeOf(isTold ? code : null, example.message.expected)
    count[outcome]++
    weight += example.weight
    if (outcome === 'missed') lost += example.weight
    else if (outcome !== 'exact') lost += example.weight * wrongCost
  }
  const coded = all.filter(({ example }) => example.message.expected !== null).length
  return {
    messages: all.length,
    exact: count.exact / all.length,
    wrong: count.wrong / Math.max(coded, 1),
    missed: count.missed / Math.max(coded, 1),
    falsePositive: count.false / Math.max(all.length - coded, 1),
    cost: (100 * lost) / weight,
  }
}

/** A line of a table. */
export function lineOf(name: string, figures: Figures): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`.padStart(9)
  const { messages, exact, wrong, missed, falsePositive, cost } = figures
  const shares = [exact, wrong, missed, falsePositive].map(percent).join(' |')
  return `| ${name.padEnd(28)} | ${String(messages).padStart(6)} |${shares} | ${cost.toFixed(2)} |`
}

export const tableHead = [
  `| ${'set'.padEnd(28)} |      n |    exact |    wrong |   missed | false p. | cost |`,
  `| ${'---'.padEnd(28)} | -----: | -------: | -------: | -------: | -------: | ---: |`,
].join('\n')
