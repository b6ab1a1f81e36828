// Plans and activation codes from the command line.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import { esimCodes } from '../../src/core/esims/esim.ts'
import { vaultSource } from '../../src/core/vault/keys.ts'
import type { Database } from '../../src/db/database.ts'
import { keyStore } from '../../src/key-store.ts'
import { testDatabase, testKey } from '../harness/database.ts'
import { insideOn } from './inside.ts'
import { jsonOf, type Outcome, run } from './program.ts'

const otherKey = Buffer.alloc(32, 'another key').toString('base64')

let db: Database
let url: string
let folder: string
beforeAll(async () => {
  const test = await testDatabase('catalog')
  db = test.db
  url = test.url
  folder = await mkdtemp(join(tmpdir(), 'numlet-esims-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** In this process, unless it reads its input. */
const numlet = (args: readonly string[], input = '', key: string | null = testKey) => {
  const env: Record<string, string> = key === null ? {} : { NUMLET_ENCRYPTION_KEY: key }
  return input === ''
    ? insideOn(url, env)(...args)
    : run(args, { DATABASE_URL: url, ...env }, input)
}

const importing = (plan: string, codes: readonly string[], key?: string | null) =>
  numlet(['esims', 'import', '--plan', plan, '-', '--json'], `${codes.join('\n')}\n`, key)

const adding = (name: string, ...more: string[]) =>
  numlet([
    ...['plans', 'add', '--name', name, '--gb', '2.5', '--days', '30', '--price', '9.90'],
    ...more,
    '--json',
  ])

const code = (token: string, host = 'smdp.example.com') => `LPA:1$${host}$${token}`
const problemsOf = ({ stderr }: Outcome) => stderr.trimEnd().split('\n')

it('makes plans, each name once in any case, and changes what they cost', async () => {
  expect(jsonOf(await adding('Europe 2.5GB', '--country', 'de'))).toEqual({
    plan: 'Europe 2.5GB',
    country: 'DE',
    data_gb: 2.5,
    validity_days: 30,
    price: '9.90',
    currency: 'USD',
    offer_id: expect.any(Number),
  })
  jsonOf(await adding('Nowhere'))
  expect(await adding('EUROPE 2.5gb')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'A plan named EUROPE 2.5gb already exists.\n',
  })
  expect(await adding('Moon', '--country', 'QQ')).toMatchObject({ code: 1, stdout: '' })
  expect(await adding(' ')).toMatchObject({ code: 1, stdout: '' })
  for (const gb of ['0', '-1', '1.2345', 'much'])
    expect(await numlet(['plans', 'add', '--gb', gb])).toMatchObject({ code: 2, stdout: '' })
  jsonOf(await numlet(['plans', 'price', 'europe 2.5gb', '8', '--json']))
  jsonOf(await numlet(['plans', 'disable', 'nowhere', '--json']))
  expect(await numlet(['plans', 'enable', 'nothing'])).toMatchObject({
    code: 1,
    stderr: 'There is no plan nothing. Choose one of Nowhere, Europe 2.5GB.\n',
  })
  expect(jsonOf(await numlet(['plans', 'list', '--json']))).toMatchObject([
    { plan: 'Europe 2.5GB', price: '8.00', stock: 0, sold: 0, state: 'active' },
    { plan: 'Nowhere', country: null, price: '9.90', state: 'disabled' },
  ])
})

it('imports codes, names each bad or known line, skips it and ends with 1', async () => {
  const good = await importing('EUROPE 2.5GB', [code('A-1'), '', ` ${code('A-2')} `, 'SIM-ABC123'])
  expect(good).toMatchObject({ code: 0, stderr: '' })
  expect(jsonOf(good)).toMatchObject({ imported: 3, known: 0, bad: 0 })
  const mixed = await importing('Nowhere', [
    code('A-1'),
    code('B-1'),
    code('B-1', 'SMDP.EXAMPLE.COM'),
    code('b-2'),
    code('B-3', 'localhost'),
    'SIM-abc',
    code('B-4$1.3.6.1$1'),
  ])
  expect(mixed.code).toBe(1)
  expect(jsonOf(mixed)).toMatchObject({ imported: 2, known: 2, bad: 3 })
  expect(problemsOf(mixed).sort()).toEqual([
    'line 1: is already in stock; skipped',
    'line 3: is already in stock; skipped',
    'line 4: has a matching id with characters other than 0-9, A-Z and -; skipped',
    'line 5: has an SM-DP+ address that is not a host name; skipped',
    'line 6: is not a voucher (SIM- and 6 to 32 of 0-9 and A-Z); skipped',
  ])
  expect((await audit(db, new Date())).checks.filter((check) => !check.ok)).toEqual([])
})

it('reads a file, in batches, and the same again finds all of it known', async () => {
  const path = join(folder, 'codes.txt')
  const lines = Array.from({ length: 2_500 }, (_, i) => code(`FILE-${i}`))
  await writeFile(path, `\ufeff${lines.join('\r\n')}`)
  const args = ['esims', 'import', '--plan', 'Nowhere', path, '--json']
  expect(jsonOf(await numlet(args))).toMatchObject({ imported: 2_500, known: 0 })
  const again = await numlet(args)
  expect(again.code).toBe(1)
  expect(jsonOf(again)).toMatchObject({ imported: 0, known: 2_500 })
  expect(problemsOf(again)).toHaveLength(2_500)
})

it('never prints a code', async () => {
  for (const args of [
    ['esims', 'list', '--limit', '5000'],
    ['esims', 'list', '--plan', 'europe 2.5GB', '--json'],
    ['plans', 'list'],
    ['log', '--json'],
  ]) {
    const { stdout, code: exit } = await numlet(args)
    expect(exit).toBe(0)
    expect(stdout).toMatch(/europe/i)
    expect(stdout).not.toMatch(/LPA:|SIM-|FILE-\d|example\.com/)
  }
  expect(jsonOf(await numlet(['esims', 'list', '--plan', 'Europe 2.5GB', '--json']))[0]).toEqual({
    plan: 'Europe 2.5GB',
    position: 1,
    state: 'in stock',
    order_id: null,
    sold_at: null,
    imported_at: expect.any(String),
    key_id: expect.stringMatching(/^[0-9a-f]{8}$/),
  })
})

it('imports nothing without a key, a plan or a file, and says so in one line', async () => {
  const before = await db.query('select count(*) as codes from esim_codes')
  const refused = [
    await importing('Europe 2.5GB', [code('C-1')], null),
    await importing('No plan', [code('C-1')]),
    await numlet(['esims', 'import', '--plan', 'Nowhere', join(folder, 'missing')]),
  ]
  for (const outcome of refused) {
    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(problemsOf(outcome)).toHaveLength(1)
  }
  expect(refused[0]?.stderr).toContain('NUMLET_ENCRYPTION_KEY')
  const wrong = await importing('Nowhere', [code('C-1')], 'c2hvcnQ=')
  expect(wrong).toMatchObject({ code: 1, stdout: '' })
  expect(wrong.stderr).toContain('NUMLET_ENCRYPTION_KEY must be 32 bytes in base64')
  expect(wrong.stderr).not.toContain('c2hvcnQ=')
  expect(await db.query('select count(*) as codes from esim_codes')).toEqual(before)
})

it('goes over to a new key, finds what is known under the old one, and can then do without it', async () => {
  const both = `${otherKey},${testKey}`
  expect(jsonOf(await importing('Nowhere', [code('A-1'), code('D-1')], both))).toMatchObject({
    imported: 1,
    known: 1,
  })
  expect(await numlet(['esims', 'rekey'], '', otherKey)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^the encryption key [0-9a-f]{8} is missing\n$/),
  })
  const [keys] = await db.query('select count(distinct key_id)::int as keys from esim_codes')
  expect(keys).toEqual({ keys: 2 })
  const rekeyed = jsonOf(await numlet(['esims', 'rekey', '--json'], '', both))
  expect(rekeyed).toMatchObject({ sealed: 2_505 })
  expect(await db.query('select distinct key_id from esim_codes')).toEqual([
    { key_id: rekeyed.key_id },
  ])
  expect(jsonOf(await importing('Nowhere', [code('A-1')], otherKey))).toMatchObject({ known: 1 })
  expect((await audit(db, new Date())).checks.filter((check) => !check.ok)).toEqual([])
})

it('keeps a key file of its own, made once and for its owner alone', async () => {
  const store = keyStore({ given: null, dataDir: join(folder, 'data') })
  const open = () => vaultSource(store, esimCodes)
  expect(await open().open()).toBeNull()
  const [one, ...others] = await Promise.all(Array.from({ length: 8 }, () => open().openOrMake()))
  for (const other of others) expect(other?.keyId).toBe(one?.keyId)
  expect((await open().open())?.keyId).toBe(one?.keyId)
  const path = join(folder, 'data', 'encryption.key')
  expect(Buffer.from(await readFile(path, 'utf8'), 'base64')).toHaveLength(32)
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
  await writeFile(path, 'nonsense')
  await expect(open().open()).rejects.toThrow('does not contain keys')
})
