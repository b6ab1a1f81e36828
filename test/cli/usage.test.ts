// The shape of the command line: help, wrong usage, and what it says when there is nothing to work on.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from './program.ts'

const nowhere = { DATABASE_URL: 'postgres://numlet:secret-word@127.0.0.1:1/none' }
const noStack = /^\s+at /m

const nouns = [
  'accounts',
  'audit',
  'backup',
  'codes',
  'countries',
  'deposits',
  'domains',
  'epochs',
  'esims',
  'keys',
  'log',
  'messages',
  'migrate',
  'numbers',
  'offers',
  'orders',
  'plans',
  'pools',
  'rates',
  'rentals',
  'restore',
  'serve',
  'services',
  'settings',
  'start',
  'suppliers',
  'webhooks',
  'work',
]

describe('help', () => {
  it('names every command', async () => {
    const { code, stdout } = await run(['--help'], nowhere)
    expect(code).toBe(0)
    for (const noun of nouns) expect(stdout).toMatch(new RegExp(`^  ${noun} `, 'm'))
  })

  // What each command says of itself: help.test.ts, which walks them all in one process.
  it('is there on every level', async () => {
    const one = await run(['accounts', 'create', '--help'], nowhere)
    expect(one.stdout).toContain('Usage: numlet accounts create')
    expect(await run(['help', 'keys'], nowhere)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('revoke'),
    })
  })
})

describe('wrong usage ends with 2, says why on stderr, and prints nothing', () => {
  const wrong = [
    [],
    ['nonsense'],
    ['accounts'],
    ['accounts', 'nonsense'],
    ['accounts', 'list', '--nonsense'],
    ['accounts', 'list', 'extra'],
    ['accounts', 'create'],
    ['accounts', 'create', '--email', 'a@b.example', '--credit', '1.23456'],
    ['accounts', 'create', '--email', 'a@b.example', '--currency', 'DOLLAR'],
    ['accounts', 'credit', '--account', '1001', '--amount', '-5', '--reference', 'r'],
    ['accounts', 'credit', '--account', 'acc_1', '--amount', '5', '--reference', 'r'],
    ['accounts', 'show'],
    ['accounts', 'limit', '1001', '--cancelled', '101'],
    ['keys', 'create', '--account', '1001', '--expires', 'soon'],
    ['keys', 'create', '--account', '1001', '--expires', '2001-01-01'],
    ['keys', 'revoke', 'acc_00000000000'],
    ['numbers', 'import', '--supplier', 's', '--country', 'USA', 'x.csv'],
    ['numbers', 'import', '--supplier', 's', '--country', 'US'],
    ['messages', 'read', '1'],
    ['messages', 'read', '1', '--reason', '  '],
    ['messages', 'astray', '--limit', '0'],
    ['offers', 'set', '--service', 'x', '--country', 'US', '--operator', 'o', '--pool', '1'],
    ['audit', 'everything'],
    ['start', '--port', '80'],
  ]
  for (const args of wrong)
    it(`numlet ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await run(args, nowhere)
      expect(code).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).not.toBe('')
      expect(stderr).not.toMatch(noStack)
    })
})

describe('without a database', () => {
  it('says so in a line without the password', async () => {
    const { code, stdout, stderr } = await run(['accounts', 'list', '--json'], nowhere)
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^The database cannot be reached: .*\n$/)
    expect(stderr).not.toContain('secret-word')
  })

  it('names everything that is wrong with the environment', async () => {
    const wrong = { ...nowhere, PORT: 'eighty', NUMLET_DEMO: 'yes' }
    const { code, stderr } = await run(['suppliers', 'list'], wrong)
    expect(code).toBe(1)
    expect(stderr).toContain('PORT')
    expect(stderr).toContain('NUMLET_DEMO')
    expect(stderr).not.toMatch(noStack)
  })

  it('refuses a data directory in which nothing is set up, and makes nothing there', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'numlet-cli-'))
    const { code, stdout, stderr } = await run(['audit', '--json'], {
      NUMLET_DATA: join(parent, 'data'),
    })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^Nothing is set up in .*data; run npm start first/)
    await expect(rm(join(parent, 'data'))).rejects.toThrow('ENOENT')
    await rm(parent, { recursive: true })
  })
})
