// How sure to be of a candidate, from messages that the forest was not fitted to.
import type { Calibration } from '../src/core/codes/model.ts'
import type { Guess } from './figures.ts'

/** More points would follow chance. */
const maxPoints = 12

/**
 * How often the likeliest number is the code, by its share: points of a line that never falls
 * (isotonic regression).
 */
function calibrate(guesses: readonly Guess[]): [share: number, truth: number][] {
  const sorted = guesses.filter(({ code }) => code !== null).sort((a, b) => a.share - b.share)
  const blocks: { share: number; truth: number; size: number }[] = []
  for (const { share, isRight, example } of sorted) {
    blocks.push({ share, truth: Number(isRight), size: example.weight })
    for (let last = blocks.length - 1; last > 0; last--) {
      const [low, high] = [blocks[last - 1], blocks[last]]
      if (!low || !high || low.truth < high.truth) break
      blocks.splice(last - 1, 2, joined(low, high))
    }
  }
  while (blocks.length > maxPoints) {
    const place = smallestStep(blocks)
    const [low, high] = blocks.slice(place, place + 2)
    if (low && high) blocks.splice(place, 2, joined(low, high))
  }
  return blocks.map(({ share, truth }) => [rounded(share), rounded(Math.min(truth, 0.99))])
}

type Block = { readonly share: number; readonly truth: number; readonly size: number }

function joined(low: Block, high: Block): Block {
  const size = low.size + high.size
  const mean = (a: number, b: number) => (a * low.size + b * high.size) / size
  return { share: mean(low.share, high.share), truth: mean(low.truth, high.truth), size }
}

/** Where joining two blocks changes least. */
function smallestStep(blocks: readonly Block[]): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i + 1 < blocks.length; i++) {
    const [low, high] = [blocks[i] as Block, blocks[i + 1] as Block]
    const change = ((high.truth - low.truth) * low.size * high.size) / (low.size + high.size)
    if (change < least) {
      least = change
      best = i
    }
  }
  return best
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4

/** The calibration of candidates that the rules choose as well, and of all others. */
export function calibration(guesses: readonly Guess[]): Calibration {
  const judged = guesses.filter(({ example }) => example.candidates.length > 0)
  return {
    agreed: calibrate(judged.filter(({ isAgreed }) => isAgreed)),
    alone: calibrate(judged.filter(({ isAgreed }) => !isAgreed)),
  }
}
