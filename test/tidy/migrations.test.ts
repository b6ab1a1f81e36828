// Migrations are applied in the order of their names: each has a number of its own.
import { expect, it } from 'vitest'
import { sourcesIn } from './files.ts'

it('migrations are numbered without gaps', () => {
  const names = sourcesIn('src/db/migrations/').map(({ path }) => path.split('/').at(-1) as string)
  const numbers = names.map((name) => name.slice(0, 4)).sort()
  expect(numbers).toEqual(names.map((_, index) => String(index + 1).padStart(4, '0')))
})
