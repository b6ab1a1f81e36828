// How often a forest finds the code, and what its mistakes cost.
import type { Forest } from '../src/core/codes/forest.ts'
import { ranked, type Thresholds } from '../src/core/codes/model.ts'
import type { Example } from './samples.ts'

/** A wrong code, or one where there is none, costs as much as so many missed ones. */
export const wrongCost = 5

/** The likeliest number of a message. */
export type Guess = {
  readonly example: Example
  readonly code: string | null
  readonly share: number
  readonly isAgreed: boolean
  readonly isRight: boolean
}

export type Figures = {
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
    const { told, candidates, values, message } = example
    const [best] = ranked(candidates, values, forest)
    const code = best ? best.candidate.code : told
    return {
      example,
      code,
      share: best?.share ?? 1,
      isAgreed: best?.isAgreed ?? true,
      isRight: code?.toLowerCase() === message.expected?.toLowerCase(),
    }
  })
}

/** The figures of guesses, of which those below the thresholds are not told. */
export function figuresOf(all: readonly Guess[], { agreed, alone }: Thresholds): Figures {
  let exact = 0
  let wrong = 0
  let missed = 0
  let falsePositive = 0
  let weight = 0
  let lost = 0
  for (const { example, share, isRight, isAgreed, code } of all) {
    const isTold = code !== null && share >= (isAgreed ? agreed : alone)
    const hasCode = example.message.expected !== null
    weight += example.weight
    if (isTold ? isRight : !hasCode) exact++
    else if (!isTold) missed++
    else if (hasCode) wrong++
    else falsePositive++
    if (isTold && !isRight) lost += example.weight * wrongCost
    else if (!isTold && hasCode) lost += example.weight
  }
  const coded = all.filter(({ example }) => example.message.expected !== null).length
  return {
    messages: all.length,
    exact: exact / all.length,
    wrong: wrong / Math.max(coded, 1),
    missed: missed / Math.max(coded, 1),
    falsePositive: falsePositive / Math.max(all.length - coded, 1),
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
