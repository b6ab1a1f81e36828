// Suppliers and their numbers from the command line.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import type { Database } from '../../src/db/database.ts'
import { attempts } from '../harness/attempts.ts'
import { testDatabase } from '../harness/database.ts'
import { insideOn } from './inside.ts'
import { jsonOf, numletOn } from './program.ts'

let db: Database
let numlet: ReturnType<typeof insideOn>
/** In a process of its own, with an input. */
let program: ReturnType<typeof numletOn>
let folder: string
beforeAll(async () => {
  const test = await testDatabase('catalog')
  db = test.db
  numlet = insideOn(test.url)
  program = numletOn(test.url)
  folder = await mkdtemp(join(tmpdir(), 'numlet-numbers-'))
  jsonOf(await numlet('suppliers', 'create', '--kind', 'http-callback', '--name', 'farm', '--json'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const importing = (path: string, ...more: string[]) => [
  ...['numbers', 'import', '--supplier', 'farm', '--country', 'US', ...more, path],
]

it('shows a supplier’s secret when it is made or rotated, and never again', async () => {
  const made = jsonOf(
    await numlet('suppliers', 'create', '--kind', 'http-callback', '--name', 'hook', '--json'),
  )
  expect(made).toMatchObject({ name: 'hook', secret: expect.stringMatching(/^nls_\w{40}$/) })
  const rotated = jsonOf(await numlet('suppliers', 'rotate', 'hook', '--json'))
  expect(rotated.secret).not.toBe(made.secret)
  const rest = await Promise.all([
    numlet('suppliers', 'show', 'hook', '--json'),
    numlet('suppliers', 'list', '--json'),
    numlet('suppliers', 'list'),
    numlet('log', '--json'),
  ])
  expect(jsonOf(rest[0])).toMatchObject({ name: 'hook', kind: 'http-callback', state: 'on' })
  expect(jsonOf(rest[1])).toHaveLength(2)
  for (const { stdout } of rest) expect(stdout).not.toMatch(/nls_/)
})

it('disables and enables a supplier, and knows when there is none', async () => {
  const off = jsonOf(await numlet('suppliers', 'disable', 'farm', '--json'))
  expect(off.state).toBe('off')
  expect(jsonOf(await numlet('suppliers', 'enable', 'farm', '--json')).state).toBe('on')
  for (const verb of ['show', 'rotate', 'disable'])
    expect(await numlet('suppliers', verb, 'nobody')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'There is no supplier nobody.\n',
    })
  expect(await numlet('suppliers', 'create', '--kind', 'magic', '--name', 'x')).toMatchObject({
    code: 1,
    stdout: '',
  })
})

it('imports with a header, further columns, blank lines, CRLF and a byte order mark', async () => {
  const path = await file(
    'good.csv',
    '\ufeff\r\nPhone,note\r\n+12015550001,first\r\n\r\n"+12015550002"\r\n+12015550002\r\n+12025550003',
  )
  const outcome = await numlet(...importing(path), '--json')
  expect(outcome).toMatchObject({ code: 0, stderr: '' })
  expect(jsonOf(outcome)).toMatchObject({ imported: 3, known: 1, bad: 0, operator: 'other' })
  expect(jsonOf(await numlet(...importing(path), '--json'))).toMatchObject({
    imported: 0,
    known: 4,
  })
  const [operator] = await db.query(
    `select name from operators where country = 'US' and slug = 'other'`,
  )
  expect(operator).toEqual({ name: 'Other operator' })
})

it('names each bad line, skips it, imports the rest and ends with 1', async () => {
  const path = await file(
    'bad.csv',
    [
      '+12015550011',
      '2015550012',
      '+44 7700 900123',
      '+447700900123',
      '+1201555',
      'phone',
      '+12015550013',
    ].join('\n'),
  )
  const outcome = await numlet(...importing(path), '--json')
  expect(outcome.code).toBe(1)
  expect(jsonOf(outcome)).toMatchObject({ imported: 2, known: 0, bad: 5 })
  expect(outcome.stderr.match(/^line \d+/gm)).toEqual([
    'line 2',
    'line 3',
    'line 4',
    'line 5',
    'line 6',
  ])
  expect(outcome.stderr).toContain('line 4: does not begin with +1; skipped')
})

it('reads stdin, makes an operator by its name, and finds it again by either', async () => {
  const first = await program(
    [...importing('-', '--operator', 'Zoë & Co.'), '--json'],
    '+12015550021\n',
  )
  expect(jsonOf(first)).toMatchObject({ imported: 1, operator: 'zoe-co' })
  for (const [i, operator] of ['zoe-co', 'ZOË & CO.'].entries())
    expect(
      jsonOf(
        await program([...importing('-', '--operator', operator), '--json'], `+1201555003${i}\n`),
      ),
    ).toMatchObject({ imported: 1, operator: 'zoe-co' })
  const [count] = await db.query(`select count(*)::int as n from operators where slug like 'zoe%'`)
  expect(count).toEqual({ n: 1 })
})

it('imports nothing where the supplier, country, pool or file is not there', async () => {
  const path = await file('one.csv', '+12015550099\n')
  const cases = [
    ['--supplier', 'nobody', '--country', 'US', path],
    ['--supplier', 'farm', '--country', 'QQ', path],
    ['--supplier', 'farm', '--country', 'US', '--pool', 'gold', path],
    ['--supplier', 'farm', '--country', 'US', join(folder, 'missing.csv')],
    ['--supplier', 'farm', '--country', 'US', folder],
  ]
  for (const args of cases) {
    const outcome = await numlet('numbers', 'import', ...args, '--json')
    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1)
  }
  expect(await db.query(`select 1 from numbers where phone = '+12015550099'`)).toEqual([])
})

it('streams a file of many numbers', async () => {
  const many = attempts(5_000, 25_000)
  // Longer than a piece of a file that is read at once, and more numbers than a statement takes.
  const lines = Array.from({ length: many }, (_, i) => `+1312${2_000_000 + i},${'x'.repeat(60)}`)
  const path = await file('many.csv', `phone,note\n${lines.join('\n')}\n`)
  expect(jsonOf(await numlet(...importing(path), '--json'))).toMatchObject({ imported: many })
}, 300_000)

it('takes a number out of sale and back in, and the stock still counts right', async () => {
  const phone = '+12015550001'
  expect(jsonOf(await numlet('numbers', 'disable', phone, '--json'))).toEqual({
    phone,
    state: 'disabled',
  })
  await numlet('numbers', 'disable', phone)
  expect((await audit(db, new Date())).checks.filter((check) => !check.ok)).toEqual([])
  await numlet('numbers', 'enable', phone)
  expect((await audit(db, new Date())).checks.filter((check) => !check.ok)).toEqual([])
  expect(await numlet('numbers', 'disable', '+19995550001')).toMatchObject({ code: 1 })
})
