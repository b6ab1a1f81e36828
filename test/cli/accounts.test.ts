// Accounts and keys from the command line.
import { beforeAll, expect, it } from 'vitest'
import { isKey } from '../../src/core/accounts/key.ts'
import type { Database } from '../../src/db/database.ts'
import { testDatabase } from '../harness/database.ts'
import { insideOn } from './inside.ts'
import { jsonOf, numletOn, operator } from './program.ts'

let db: Database
let numlet: ReturnType<typeof insideOn>
/** In a process of its own: commands run at the same time. */
let program: ReturnType<typeof numletOn>
beforeAll(async () => {
  const test = await testDatabase('catalog')
  db = test.db
  numlet = insideOn(test.url)
  program = numletOn(test.url)
})

const create = async (email: string, ...more: string[]) =>
  jsonOf(await numlet('accounts', 'create', '--email', email, ...more, '--json'))

it('opens an account with a key and money, and logs it without the key', async () => {
  const made = await create('ann@example.com', '--name', 'Ann', '--credit', '12.5')
  expect(Object.keys(made).slice(0, 2)).toEqual(['account_id', 'key'])
  expect(made).toMatchObject({ balance: '12.50', currency: 'USD' })
  expect(made.account_id).toMatch(/^acc_[0-9a-z]{11}$/)
  expect(isKey(made.key)).toBe(true)
  const log = jsonOf(await numlet('log', '--json'))
  expect(log[0]).toMatchObject({
    actor: operator,
    action: 'account.create',
    account_id: made.account_id,
  })
  expect(JSON.stringify(log)).not.toContain(made.key)
})

it('opens nothing when a part of it is refused', async () => {
  await create('twice@example.com')
  const [before] = await db.query('select count(*)::int as n from audit_log')
  const again = await numlet('accounts', 'create', '--email', 'TWICE@example.com', '--json')
  expect(again).toEqual({
    code: 1,
    stdout: '',
    stderr: 'An account with this email address already exists.\n',
  })
  const euro = await numlet('accounts', 'create', '--email', 'e@example.com', '--currency', 'eur')
  expect(euro).toMatchObject({
    code: 1,
    stderr: 'There is no exchange rate for the currency EUR.\n',
  })
  expect(await db.query('select count(*)::int as n from audit_log')).toEqual([before])
})

it('credits once for each reference', async () => {
  const { account_id } = await create('bob@example.com')
  const crediting = (amount: string, reference: string, ...more: string[]) => [
    ...['accounts', 'credit', '--account', account_id, '--amount', amount],
    ...['--reference', reference, ...more],
  ]
  const credit = (...args: Parameters<typeof crediting>) => numlet(...crediting(...args))
  const first = jsonOf(await credit('7', 'invoice 1', '--json'))
  expect(first).toEqual({ credited: true, balance: '7.00', currency: 'USD' })
  const again = jsonOf(await credit('7', 'invoice 1', '--json'))
  expect(again).toEqual({ credited: false, balance: '7.00', currency: 'USD' })
  expect(await credit('8', 'invoice 1')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'This reference was already used with another amount.\n',
  })
  const together = await Promise.all(
    [1, 2, 3, 4].map(() => program(crediting('1', 'race', '--json'))),
  )
  expect(together.map(jsonOf).filter((one) => one.credited)).toHaveLength(1)
  const [logged] = await db.query<{ n: number }>(
    `select count(*)::int as n from audit_log where action = 'account.credit'`,
  )
  expect(logged?.n).toBe(2)
})

it('takes an account’s row number for its id, and knows when there is none', async () => {
  const { account_id } = await create('num@example.com')
  const [row] = await db.query<{ id: number }>('select max(id) as id from accounts')
  const shown = jsonOf(await numlet('accounts', 'show', String(row?.id), '--json'))
  expect(shown).toMatchObject({ account_id, email: 'num@example.com', open_orders: 0 })
  for (const id of ['4', '99999999999', 'acc_00000000000'])
    expect(await numlet('accounts', 'show', id)).toMatchObject({ code: 1, stdout: '' })
})

it('suspends, resumes and limits an account, and keeps the limits that it is not given', async () => {
  const { account_id } = await create('lim@example.com')
  const suspended = jsonOf(await numlet('accounts', 'suspend', account_id, '--json'))
  expect(suspended.state).toBe('suspended')
  expect(jsonOf(await numlet('accounts', 'resume', account_id, '--json')).state).toBe('active')
  await numlet('accounts', 'limit', account_id, '--open', '5', '--day', '50')
  const limited = jsonOf(
    await numlet(
      'accounts',
      'limit',
      account_id,
      '--day',
      'default',
      '--cancelled',
      '30',
      '--json',
    ),
  )
  expect(limited).toMatchObject({
    max_open_orders: 5,
    max_orders_a_day: null,
    max_cancelled_percent: 30,
  })
})

it('makes keys with all that they may carry, lists them without themselves, and revokes', async () => {
  const { account_id } = await create('key@example.com')
  const made = jsonOf(
    await numlet(
      ...['keys', 'create', '--account', account_id, '--name', 'ci', '--scopes', 'read,buy'],
      ...['--allow-ip', '10.0.0.0/8', '2001:db8::1', '--expires', '2099-01-01T00:00:00Z'],
      ...['--country', 'us', '--json'],
    ),
  )
  expect(Object.keys(made).slice(0, 2)).toEqual(['key_id', 'key'])
  expect(made).toMatchObject({
    scopes: ['read', 'buy'],
    allowed_ips: ['10.0.0.0/8', '2001:db8::1/128'],
    default_country: 'US',
  })
  const list = await numlet('keys', 'list', '--account', account_id, '--json')
  expect(list.stdout).not.toContain(made.key)
  expect(jsonOf(list)).toHaveLength(2)
  const revoked = jsonOf(await numlet('keys', 'revoke', made.key_id, '--json'))
  expect(revoked.key_id).toBe(made.key_id)
  const again = jsonOf(await numlet('keys', 'revoke', made.key_id, '--json'))
  expect(again).toEqual(revoked)
  expect(await numlet('keys', 'revoke', '77777')).toMatchObject({ code: 1, stdout: '' })
  for (const scopes of ['everything', 'read,handler-api', ''])
    expect(
      await numlet('keys', 'create', '--account', account_id, '--scopes', scopes),
    ).toMatchObject({ code: 1, stdout: '' })
  expect(await numlet('keys', 'create', '--account', account_id, '--country', 'QQ')).toMatchObject({
    code: 1,
    stderr: 'There is no country QQ.\n',
  })
})

it('makes a key for handler_api with the error form that is asked for', async () => {
  const { account_id } = await create('handler@example.com')
  const make = (...more: string[]) =>
    numlet('keys', 'create', '--account', account_id, ...more, '--json')
  const hero = jsonOf(await make('--scopes', 'handler-api', '--error-form', 'hero'))
  expect(hero).toMatchObject({ scopes: ['handler-api'], error_form: 'hero' })
  expect(jsonOf(await make('--scopes', 'handler-api'))).toMatchObject({ error_form: 'plain' })
  expect(await make('--error-form', 'hero')).toMatchObject({ code: 1, stdout: '' })
  expect(await make('--scopes', 'handler-api', '--error-form', 'loud')).toMatchObject({ code: 1 })
  const listed = jsonOf(await numlet('keys', 'list', '--account', account_id, '--json'))
  expect(listed.map((key: { error_form: string }) => key.error_form)).toEqual([
    'plain',
    'hero',
    'plain',
  ])
})

it('prints tables for people', async () => {
  const { stdout } = await numlet('accounts', 'list')
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^account_id {2,}email {2,}name/)
  const column = (lines[0] as string).indexOf('email')
  for (const line of lines.slice(1)) expect(line.slice(column)).toMatch(/^\S+@example\.com/)
})

it('lists accounts in pages', async () => {
  const page = async (...more: string[]) =>
    jsonOf(await numlet('accounts', 'list', '--json', ...more)) as { account_id: string }[]
  const all = await page()
  const first = await page('--limit', '2')
  expect(first).toEqual(all.slice(0, 2))
  const last = first[1]?.account_id as string
  expect(await page('--after', last)).toEqual(all.slice(2))
})
