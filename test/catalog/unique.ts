// Says which value of a column stands in more than one row; rows without a value do not count.
import { expect } from 'vitest'

export function expectUnique(values: readonly (string | number | null)[], column: string) {
  const present = values.filter((value) => value !== null)
  const twice = present.filter((value, index) => present.indexOf(value) !== index)
  expect(twice, `${column} stands in more than one row`).toEqual([])
}
