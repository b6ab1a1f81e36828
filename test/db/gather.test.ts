// Gathered calls: together when they come together, each with its own answer, none with another's failure.
import { expect, it } from 'vitest'
import { gather } from '../../src/db/gather.ts'
import { testDatabase } from '../harness/database.ts'

it('asks once for what comes at the same time, and gives each its own answer', async () => {
  const batches: number[][] = []
  const double = gather<number, number>({
    maxBatch: 10,
    maxRunning: 1,
    run: async (inputs) => {
      batches.push(inputs)
      return inputs.map((input) => input * 2)
    },
  })
  expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6])
  expect(batches).toEqual([[1, 2, 3]])
})

it('holds no more than a batch may, and runs no more at once than it may', async () => {
  let running = 0
  let most = 0
  const sizes: number[] = []
  const count = gather<number, number>({
    maxBatch: 4,
    maxRunning: 2,
    run: async (inputs) => {
      most = Math.max(most, ++running)
      sizes.push(inputs.length)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return inputs
    },
  })
  await Promise.all(Array.from({ length: 30 }, (_, i) => count(i)))
  expect(most).toBe(2)
  expect(Math.max(...sizes)).toBe(4)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(30)
})

it('lets nobody fail for another one’s bad value', async () => {
  const { db } = await testDatabase('empty')
  const toNumber = gather<string, number>({
    maxBatch: 10,
    maxRunning: 1,
    run: async (texts) =>
      (
        await db.query<{ value: number }>('select value::int from unnest($1::text[]) as value', [
          texts,
        ])
      ).map((row) => row.value),
  })
  const answers = await Promise.allSettled(['1', 'nonsense', '3'].map(toNumber))
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : 'refused'))).toEqual([
    1,
    'refused',
    3,
  ])
})
