// What has one owner: transfers and balances belong to the ledger, states of orders to the table of moves,
// and the database to the verbs.
import { expect, it } from 'vitest'
import { type Source, sourcesIn, verdict } from './files.ts'

type Rule = { readonly pattern: RegExp; readonly where: readonly string[] }

const ledger = ['src/core/ledger/', 'src/db/functions/ledger.sql']
const money: readonly Rule[] = [
  { pattern: /\binto\s+transfers\b/, where: ledger },
  { pattern: /\b(?:into|update|delete from)\s+ledger_accounts\b/, where: ledger },
]
const states: readonly Rule[] = [
  {
    pattern: /\bupdate\s+orders\b(?:\s+o)?\s+set\b(?:(?!\bwhere\b)[^;`])*?\bstate\s*=/,
    where: ['src/core/orders/lifecycle.ts', 'src/db/functions/deliver-messages.sql'],
  },
]

/** Migrations made the tables, and may fill them. */
const sources = sourcesIn('src/').filter(({ path }) => !path.startsWith('src/db/migrations/'))

const broken = (rules: readonly Rule[]) =>
  sources.flatMap(({ path, lines }: Source) =>
    rules
      .filter(({ pattern, where }) => {
        const isElsewhere = !where.some((one) => path.startsWith(one))
        return isElsewhere && pattern.test(lines.join('\n').toLowerCase())
      })
      .map(({ pattern }) => `${path} has ${pattern.source}`),
  )

it('only the ledger moves money', () => {
  const advice =
    'Call a verb of src/core/ledger (holdAll, payNow, post, voidHolds, ...) or a function of ' +
    'src/db/functions/ledger.sql:'
  expect(verdict(advice, broken(money))).toBe('')
})

it('dialects, payments and suppliers’ calls leave the database to the verbs', () => {
  const outer = sources.filter(({ path }) =>
    /^src\/(?:dialects|payments|supply\/(?!simulator|smtp|exchange-rates))/.test(path),
  )
  const users = outer
    .filter(({ lines }) => /\bdb\b|\bdatabase\.ts/.test(codeOf(lines)))
    .map(({ path }) => path)
  const advice =
    'Call a verb of app.orders, app.catalog, app.deposits, app.accounts, ..., or add one (verbs.ts in the ' +
    'folders of src/core):'
  expect(verdict(advice, users)).toBe('')
})

/** Without the lines that are comments. */
const codeOf = (lines: readonly string[]) =>
  lines.filter((line) => !/^\s*(?:\/\/|\*|\/\*)/.test(line)).join('\n')

it('only moves change the state of an order', () => {
  const advice = 'Call `move` (src/core/orders/lifecycle.ts) with a move of the table in order.ts:'
  expect(verdict(advice, broken(states))).toBe('')
})
