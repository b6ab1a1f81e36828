// How figures are measured: ours and the yardstick alternately in one run, and the ratio of the medians.

export type Result = {
  readonly case: string
  readonly ours: number
  readonly yardstick: number
  readonly ratio: number
  readonly unit: string
}

/** Runs `work` for a time while `going` is true. @returns how much was done per second */
export async function perSecond(
  seconds: number,
  work: (going: () => boolean) => Promise<number>,
): Promise<number> {
  const start = performance.now()
  const until = start + seconds * 1000
  const done = await work(() => performance.now() < until)
  return done / ((performance.now() - start) / 1000)
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
}

/** Takes both figures alternately, each of them first in every other round, so that a machine whose speed
 * drifts favours neither. */
export async function compare(
  name: string,
  unit: string,
  rounds: number,
  ours: () => Promise<number>,
  yardstick: () => Promise<number>,
): Promise<Result> {
  const mine: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [ours, yardstick] : [yardstick, ours]
    for (const one of order) {
      const figure = await one()
      if (one === ours) mine.push(figure)
      else theirs.push(figure)
    }
  }
  process.stderr.write(
    `  ${name}: ${mine.map(Math.round)} beside ${theirs.map(Math.round)} ${unit}\n`,
  )
  return result(name, unit, median(mine), median(theirs))
}

export const result = (name: string, unit: string, ours: number, yardstick: number): Result => ({
  case: name,
  ours: round(ours),
  yardstick: round(yardstick),
  ratio: Number((ours / yardstick).toFixed(ours / yardstick < 0.1 ? 4 : 2)),
  unit,
})

const round = (value: number) => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100)
