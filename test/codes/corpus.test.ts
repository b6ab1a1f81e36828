// How often the code is found: on messages of our own, and on the shared set where it is at hand.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type CodeSource, extractCode } from '../../src/core/codes/extract.ts'
import type { Labelled } from './corpus/message.ts'

type Case = { readonly source: CodeSource; readonly expected: string | null }
type Batch = { readonly messages: readonly Labelled[] }
type Figures = { exact: number; wrong: number; falsePositive: number }

const folder = new URL('./corpus/', import.meta.url)
/** The batches in the order in which they were written: each was run before anything was changed for it. */
const own = (
  await Promise.all(
    readdirSync(folder)
      .filter((name) => name.startsWith('batch-'))
      .sort()
      .map((name) => import(new URL(name, folder).href) as Promise<Batch>),
  )
).flatMap(({ messages }) => messages)
const shared = new URL('../../../shared/otp/dev.jsonl', import.meta.url)

describe('our own messages', () => {
  test('are many, in many languages, and a third of them hold no code', () => {
    expect(own.length).toBeGreaterThanOrEqual(5000)
    expect(new Set(own.map(([lang]) => lang)).size).toBeGreaterThanOrEqual(110)
    expect(own.filter(([, , code]) => code === null).length).toBeGreaterThan(own.length * 0.3)
  })

  test('give up their codes, and hardly ever a wrong one', () => {
    const figures = measure(
      own.map(([, text, expected, more]) => ({ source: { text, ...more }, expected })),
    )
    expect(figures.exact).toBeGreaterThanOrEqual(0.985)
    expect(figures.wrong).toBeLessThanOrEqual(0.002)
    expect(figures.falsePositive).toBeLessThanOrEqual(0.01)
  })
})

describe.skipIf(!existsSync(shared))('the shared messages', () => {
  test('give up their codes, and hardly ever a wrong one', () => {
    const lines = readFileSync(shared, 'utf8').trim().split('\n')
    const figures = measure(
      lines.map((line) => {
        const source = JSON.parse(line) as CodeSource & { expected: string | null }
        return { source, expected: source.expected }
      }),
    )
    expect(figures.exact).toBeGreaterThanOrEqual(0.99)
    expect(figures.wrong).toBeLessThanOrEqual(0.005)
    expect(figures.falsePositive).toBeLessThanOrEqual(0.01)
  })
})

function measure(cases: readonly Case[]): Figures {
  const codeless = cases.filter(({ expected }) => expected === null).length
  let exact = 0
  let wrong = 0
  let falsePositive = 0
  for (const { source, expected } of cases) {
    const { code } = extractCode(source)
    if (code?.toLowerCase() === expected?.toLowerCase()) exact++
    else if (expected === null) falsePositive++
    else if (code !== null) wrong++
  }
  return {
    exact: exact / cases.length,
    wrong: wrong / (cases.length - codeless),
    falsePositive: falsePositive / codeless,
  }
}
