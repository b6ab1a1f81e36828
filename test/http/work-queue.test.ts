// S5: work is shared by those who came before it began, and its callers take turns.
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { workQueue } from '../../src/http/work-queue.ts'

/** Work that is done when the test says so. */
function bench() {
  const begun: string[] = []
  const gates = new Map<string, () => void>()
  const share = workQueue<number>()
  const ask = (caller: string, name: string) =>
    share(caller, name, async () => {
      begun.push(name)
      const { promise, resolve } = Promise.withResolvers<void>()
      gates.set(name, resolve)
      await promise
      return begun.length
    })
  const finish = async (name: string) => {
    await expect.poll(() => gates.has(name)).toBe(true)
    gates.get(name)?.()
    gates.delete(name)
  }
  return { begun, ask, finish }
}

it('all who ask before work begins share it; those who ask later get newer data', async () => {
  const { begun, ask, finish } = bench()
  const first = [ask('a', 'list'), ask('b', 'list')]
  await expect.poll(() => begun).toEqual(['list'])
  const later = Array.from({ length: 40 }, (_, index) => ask(`caller ${index}`, 'list'))
  await finish('list')
  expect(await Promise.all(first)).toEqual([1, 1])
  await finish('list')
  expect(new Set(await Promise.all(later))).toEqual(new Set([2]))
  expect(begun).toEqual(['list', 'list'])
})

it('a caller with many selections does not hold up the others', async () => {
  const { begun, ask, finish } = bench()
  const names = Array.from({ length: 10 }, (_, index) => `greedy ${index}`)
  const greedy = names.map((name) => ask('greedy', name))
  // The second wants something that the first waits for, too.
  const modest = [ask('second', 'greedy 9'), ask('third', 'own')]
  for (const name of ['greedy 0', 'greedy 9', 'own']) await finish(name)
  await Promise.all(modest)
  expect(begun.slice(0, 3)).toEqual(['greedy 0', 'greedy 9', 'own'])
  for (const name of names.slice(1, 9)) await finish(name)
  await Promise.all(greedy)
  expect(begun).toHaveLength(11)
})

it('work that fails fails for all who wait, and the queue goes on', async () => {
  const share = workQueue<number>()
  const failing = () => Promise.reject(new Error('no'))
  const results = await Promise.allSettled([
    share('a', 'bad', failing),
    share('b', 'bad', failing),
    share('a', 'good', async () => 1),
  ])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  await turn()
  expect(await share('a', 'good', async () => 2)).toBe(2)
})
