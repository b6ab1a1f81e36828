// Money moves in one place: only the ledger writes transfers and changes balances.
import { expect, it } from 'vitest'
import { type Source, sourcesIn, verdict } from './files.ts'

const transfers = ['src/core/ledger/', 'src/db/functions/ledger.sql']
const rules: readonly { readonly pattern: RegExp; readonly where: readonly string[] }[] = [
  { pattern: /\binto\s+transfers\b/, where: transfers },
  {
    pattern: /\b(?:into|update|delete from)\s+ledger_accounts\b/,
    // @NOTE the hot path takes each price off its wallet while it looks for the next line's number
    where: [...transfers, 'src/db/functions/take-one.sql'],
  },
]

/** Migrations made the tables, and may fill them. */
const sources = sourcesIn('src/').filter(({ path }) => !path.startsWith('src/db/migrations/'))

const broken = ({ path, lines }: Source): string[] =>
  rules
    .filter(({ where }) => !where.some((one) => path.startsWith(one)))
    .filter(({ pattern }) => pattern.test(lines.join('\n').toLowerCase()))
    .map(({ pattern }) => `${path} has ${pattern.source}`)

it('only the ledger moves money', () => {
  const advice =
    'Call a verb of src/core/ledger (holdAll, payNow, post, voidHolds, ...) or a function of ' +
    'src/db/functions/ledger.sql:'
  expect(verdict(advice, sources.flatMap(broken))).toBe('')
})
