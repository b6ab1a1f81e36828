// Labelled messages as rows of features, with what each message counts for.
import type { Candidate } from '../src/core/codes/candidate.ts'
import { readMessage } from '../src/core/codes/extract.ts'
import { featureCount, featuresOf } from '../src/core/codes/features.ts'
import { type LabelledMessage, sourceOf } from '../src/core/codes/labelled.ts'
import type { Samples } from './boost.ts'

/** A message that has been read. */
export type Example = {
  readonly message: LabelledMessage
  readonly weight: number
  /** What decides before the model is asked: a certain form, or nothing that could be a code. */
  readonly told: string | null
  readonly candidates: readonly Candidate[]
  readonly values: Float32Array
  readonly isCode: Uint8Array
}

/** Reads a message as the extractor does, perhaps with some words unknown. */
export function exampleOf(
  message: LabelledMessage,
  weight: number,
  isKnown?: (word: string) => boolean,
): Example {
  const read = readMessage(sourceOf(message), isKnown)
  if (typeof read === 'string' || read === null) {
    return { ...nothing, message, weight, told: read }
  }
  const { candidates } = read
  const size = candidates.length * featureCount
  const values = featuresOf(read).slice(0, size)
  const expected = message.expected?.toLowerCase()
  const isCode = Uint8Array.from(candidates, ({ code }) => Number(code.toLowerCase() === expected))
  return { message, weight, told: null, candidates, values, isCode }
}

const nothing = { candidates: [], values: new Float32Array(0), isCode: new Uint8Array(0) }

/** The examples among which there is something to choose, side by side. */
export function samplesOf(examples: readonly Example[]): Samples {
  const open = examples.filter(({ candidates }) => candidates.length > 0)
  const rows = open.reduce((sum, { candidates }) => sum + candidates.length, 0)
  const values = new Float32Array(rows * featureCount)
  const isCode = new Uint8Array(rows)
  const starts = new Int32Array(open.length + 1)
  let row = 0
  open.forEach((example, i) => {
    starts[i] = row
    values.set(example.values, row * featureCount)
    isCode.set(example.isCode, row)
    row += example.candidates.length
  })
  starts[open.length] = row
  return {
    features: featureCount,
    values,
    starts,
    isCode,
    weights: Float32Array.from(open, ({ weight }) => weight),
  }
}
