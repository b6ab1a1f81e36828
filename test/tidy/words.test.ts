// What is never written here: forms of the language, names, and ways out that the house style forbids.
import { describe, expect, it } from 'vitest'
import { codeOf, paths, type Source, sourcesIn, verdict } from './files.ts'

type Ban = {
  readonly what: string
  readonly pattern: RegExp
  readonly instead: string
  /** Beginnings of the paths it holds for. */
  readonly where: readonly string[]
  /** Also in comments and strings. */
  readonly everywhere?: boolean
  /** Places where it stands for a reason: a path, and what the line must hold. */
  readonly but?: readonly (readonly [path: string, line: RegExp])[]
}

const all = ['src/', 'web/src/', 'test/', 'bench/', 'run']

/** The names of the dialects' folders; ours is no name of another platform. */
const dialects = [
  ...new Set(paths.flatMap((path) => /^src\/dialects\/([^/]+)\//.exec(path)?.[1] ?? [])),
].filter((name) => name !== 'native')

const bans: readonly Ban[] = [
  {
    what: 'any',
    pattern: /\bas any\b|:\s*any\b|<any\b|\bany\[\]/,
    instead: 'Use unknown and find out what it is, or write the type down.',
    where: all,
  },
  {
    what: 'enums',
    pattern: /^\s*(?:export |declare |const )*enum /,
    instead: 'Node runs no enums. Use a list `as const` and a union of its members.',
    where: all,
  },
  {
    what: 'parameter properties',
    pattern: /(?:constructor\(|^\s+)(?:private|public|protected) (?:readonly )?#?\w+[?:]/,
    instead: 'Node runs none. Declare the field and assign it.',
    where: all,
  },
  {
    what: 'default exports',
    pattern: /^export default\b/,
    instead: 'Export it by its name: one name everywhere, and it can be searched for.',
    where: ['src/'],
  },
  {
    what: 'the console',
    pattern: /\bconsole\./,
    instead: 'Use the log (src/log.ts), or process.stdout in the command line.',
    where: ['src/'],
  },
  {
    what: 'marks of unfinished work',
    pattern: /\b(?:TO[D]O|FIX[M]E|HA[C]K|X[X]X)\b/,
    instead: 'Do it now, or open an issue. What a reader must know is a sentence after @NOTE.',
    where: all,
    everywhere: true,
  },
  {
    what: 'the environment',
    pattern: /\bprocess\.env\b/,
    instead: 'Only src/config.ts reads it. Add the variable there, and hand the value in.',
    where: ['src/'],
    but: [
      ['src/config.ts', /./],
      ['src/cli/', /toConfig\(process\.env[),]/],
      // What a program that we start is given of our own environment.
      ['src/db/embedded/processes.ts', /\.\.\.process\.env/],
      ['src/db/embedded/environment.ts', /./],
    ],
  },
  {
    what: 'numbers near money',
    pattern: /\bNumber\(|\bparseFloat\(/,
    instead: 'Money is a bigint from the wire to the database. Stay with it.',
    where: ['src/core/ledger/', 'src/core/money.ts'],
    but: [['src/core/money.ts', /return Number\.parseFloat\(formatAmount\(amount, 0\)\)/]],
  },
  {
    what: 'SQL and statements in dialects',
    pattern: /\b(?:db|tx)\.(?:query|once|begin|snapshot)\b/,
    instead: 'A dialect parses, calls one verb and formats. The statement belongs to the core.',
    where: ['src/dialects/'],
  },
  {
    what: 'names of dialects in the core',
    pattern: new RegExp(`\\b(?:${dialects.join('|')})\\b`),
    instead:
      'A dialect registers what is its own (src/dialects/all.ts); the core takes it as data.',
    where: ['src/core/', 'src/db/functions/', 'src/payments/', 'src/push/'],
    everywhere: true,
  },
  {
    what: 'sleeping in tests',
    pattern: /\bsetTimeout\b|node:timers/,
    instead: 'Hand the time in (server.advance, an argument `now`), or wait for what is to happen.',
    where: ['test/'],
    but: [
      // Other processes are waited for: there is nothing to listen to but their output and their end.
      ['test/harness/program.ts', /./],
      // A load at a steady rate.
      ['test/long/rolling-restart.test.ts', /setInterval/],
      ['test/embedded/trial.ts', /./],
      ['test/promises/crash-load.ts', /./],
      ['test/long/failover-clients.ts', /./],
    ],
  },
]

function broken({ path, lines }: Source, ban: Ban): string[] {
  const excused = (line: string) =>
    ban.but?.some(([place, what]) => path.startsWith(place) && what.test(line)) ?? false
  return lines.flatMap((line, i) =>
    ban.pattern.test(ban.everywhere ? line : codeOf(line)) && !excused(line)
      ? [`${path}:${i + 1}: ${line.trim().slice(0, 90)}`]
      : [],
  )
}

describe('what is never written:', () => {
  for (const ban of bans)
    it(ban.what, () => {
      const found = sourcesIn(...ban.where)
        .filter(({ path }) => path !== 'test/tidy/words.test.ts')
        .flatMap((source) => broken(source, ban))
      expect(verdict(ban.instead, found)).toBe('')
    })
})

describe('names', () => {
  const own = paths.filter((path) => /^(?:src|test|bench|docs|web|deploy)\//.test(path))

  it('of files and folders are kebab-case', () => {
    const isKebab = (part: string) => /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(part)
    // Docker and Caddy look for these names.
    const isTitle = (path: string) => /(?:^|\/)(?:[A-Z]+\.md|Dockerfile|Caddyfile)$/.test(path)
    const wrong = own.filter((path) => !isTitle(path) && !path.split('/').every(isKebab))
    expect(verdict('Name them in small letters with dashes, as in rate-limit.ts:', wrong)).toBe('')
  })

  it('say what is inside', () => {
    const empty = /(?:^|[/.-])(?:utils?|helpers?|common|managers?|misc|shared|stuff)(?=[/.-]|$)/
    const wrong = own.filter((path) => empty.test(path))
    const advice =
      'These names say nothing. Name the thing that is inside; if it is many, split it:'
    expect(verdict(advice, wrong)).toBe('')
  })
})

it('the first line of each file says what it is', () => {
  const silent = sourcesIn()
    // The line with which a system finds the interpreter comes before it.
    .map(({ path, lines }) => ({ path, first: lines.find((line) => !/^#!/.test(line)) ?? '' }))
    .filter(({ first }) => !/^(?:\/\/|--) \S.{9,}$/.test(first))
    .map(({ path }) => path)
  expect(verdict('Begin with one comment line that says what the file is:', silent)).toBe('')
})
