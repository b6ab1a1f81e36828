// Sizes have limits; what was larger before stands in ratchet.json, and may only shrink.
import { expect, it } from 'vitest'
import { read, type Source, sourcesIn, verdict } from './files.ts'

const maxFileLines = 400
const maxFunctionLines = { ts: 70, sql: 115 }
const maxLineLength = { ts: 110, sql: 115 }

/** Data in the form of code, and code that a program writes. */
const isData = (path: string) => /\/(?:data|corpus|generated)\//.test(path)

type Sizes = Readonly<Record<string, number>>
type Ratchet = { readonly files: Sizes; readonly functions: Sizes; readonly longLines: Sizes }

const ratchet = JSON.parse(read('test/tidy/ratchet.json')) as Ratchet
const sources = sourcesIn().filter(({ path }) => !isData(path))

/** What is beyond its limit, unless it stood in the list with this size or more, and what no longer is. */
function compare(found: ReadonlyMap<string, number>, limit: number, listed: Sizes): string[] {
  const grown = [...found]
    .filter(([name, size]) => size > Math.max(limit, listed[name] ?? 0))
    .map(([name, size]) => `${name}: ${size}, and may have ${Math.max(limit, listed[name] ?? 0)}`)
  const settled = Object.keys(listed)
    .filter((name) => (found.get(name) ?? 0) <= limit)
    .map((name) => `${name} is within the limit: take it out of test/tidy/ratchet.json`)
  return [...grown, ...settled]
}

it('files stay short', () => {
  const found = new Map(
    sources.map(({ path, lines }) => [path, lines.at(-1) === '' ? lines.length - 1 : lines.length]),
  )
  const advice = 'A file has at most 400 lines. When it grows, find the noun that is missing:'
  expect(verdict(advice, compare(found, maxFileLines, ratchet.files))).toBe('')
})

it.each(['ts', 'sql'] as const)('functions stay short: %s', (language) => {
  const limit = maxFunctionLines[language]
  const found = new Map<string, number>()
  for (const source of sources.filter(({ path }) => path.endsWith('.sql') === (language === 'sql')))
    for (const { name, size } of language === 'sql' ? sqlFunctionsOf(source) : functionsOf(source))
      found.set(name, Math.max(size, found.get(name) ?? 0))
  const listed = Object.entries(ratchet.functions).filter(
    ([name]) => name.includes('.sql ') === (language === 'sql'),
  )
  const advice = `A function has at most ${limit} lines. Name the steps, and give each its own function:`
  expect(verdict(advice, compare(found, limit, Object.fromEntries(listed)))).toBe('')
})

it('lines stay short', () => {
  const found = new Map(
    sources.map(({ path, lines }) => {
      const limit = path.endsWith('.sql') ? maxLineLength.sql : maxLineLength.ts
      return [path, lines.filter((line) => line.length > limit).length]
    }),
  )
  const advice = 'Lines have at most 110 characters (SQL 115); so many are longer:'
  expect(verdict(advice, compare(found, 0, ratchet.longLines))).toBe('')
})

/** The body's first line ends in `{`; formatted code ends it by a `}` that stands as far to the right. */
const opening = /^(\s*)(.*(?:=>|\)(?:: [^{}]+(?:\{[^{}]*\}[^{}]*)?)?)) \{$/
const noFunction = /^(?:\}? ?(?:else )?(?:if|for|while|switch|catch)\b|describe\b)/

function functionsOf({ path, lines }: Source): { name: string; size: number }[] {
  return lines.flatMap((line, start) => {
    const [, indent = '', head = ''] = opening.exec(line) ?? []
    if (head === '' || noFunction.test(head)) return []
    const end = lines.findIndex((one, i) => i > start && one.startsWith(`${indent}}`))
    const size = end < 0 ? 1 : end - start + 1
    return [{ name: `${path} ${nameOf(lines, start, indent)}`, size }]
  })
}

/** A function's name, or the beginning of its first line, which may stand above its parameters. */
function nameOf(lines: readonly string[], start: number, indent: string): string {
  let at = start
  while (at > 0 && /^[)}]/.test(lines[at]?.slice(indent.length) ?? '')) {
    at--
    while (at > 0 && !(lines[at]?.startsWith(indent) && lines[at]?.[indent.length] !== ' ')) at--
  }
  const head = (lines[at]?.trim() ?? '').replace(/^(?:export |default |static |async )+/, '')
  const name = /^(?:function\*? |const )?([#\w]+)(?=[ (<:=])/.exec(head)?.[1]
  return (name === 'it' ? head : (name ?? head)).slice(0, 60)
}

/** From `create function` to the line that ends its body. */
function sqlFunctionsOf({ path, lines }: Source): { name: string; size: number }[] {
  return lines.flatMap((line, start) => {
    const [, name] = /^create (?:or replace )?function (\w+)/.exec(line) ?? []
    if (name === undefined) return []
    const end = lines.findIndex((one, i) => i > start && /^(?:end )?\$\$;?/.test(one))
    return [{ name: `${path} ${name}`, size: end < 0 ? 1 : end - start + 1 }]
  })
}
