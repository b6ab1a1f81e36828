// Values of features put into a few intervals, so that the best place to split is found by counting.

export const maxBins = 48

export type Binned = {
  /** Of each feature the interval of each row's value. */
  readonly columns: readonly Uint8Array[]
  /** Of each feature the upper bounds of its intervals but the last. */
  readonly bounds: readonly Float64Array[]
}

/** Puts a table, row after row, into intervals. */
export function binned(values: Float32Array, features: number): Binned {
  const rows = values.length / features
  const columns: Uint8Array[] = []
  const bounds: Float64Array[] = []
  const column = new Float32Array(rows)
  for (let feature = 0; feature < features; feature++) {
    for (let row = 0; row < rows; row++) column[row] = values[row * features + feature] as number
    const own = boundsOf(column)
    bounds.push(own)
    columns.push(Uint8Array.from(column, (value) => binOf(own, value)))
  }
  return { columns, bounds }
}

/** Places between neighbouring values; of many values only as many as there are bins. */
function boundsOf(column: Float32Array): Float64Array {
  const sorted = Float32Array.from(column).sort()
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1])
  const between = (i: number) => {
    const middle = ((distinct[i] as number) + (distinct[i + 1] as number)) / 2
    return Math.round(middle * 1e4) / 1e4
  }
  if (distinct.length <= maxBins) {
    return Float64Array.from({ length: distinct.length - 1 }, (_, i) => between(i))
  }
  const chosen = new Set<number>()
  for (let i = 1; i < maxBins; i++) {
    const value = sorted[Math.floor((i * sorted.length) / maxBins)] as number
    const place = distinct.indexOf(value)
    if (place > 0) chosen.add(between(place - 1))
  }
  return Float64Array.from([...chosen].sort((a, b) => a - b))
}

/** How many bounds are below a value. */
function binOf(bounds: Float64Array, value: number): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value > (bounds[middle] as number)) low = middle + 1
    else high = middle
  }
  return low
}
