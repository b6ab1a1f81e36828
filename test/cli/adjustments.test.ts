// B8, B9, B10: accounts by every form of their id, debits, who the operator is, and keys that operators made.
import { describe, expect, it } from 'vitest'
import { debitAccount } from '../../src/core/accounts/adjustments.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf, run } from './program.ts'

describe('B8, B9, B10: what operators do to accounts', async () => {
  const server = await testServer()
  const { db, app } = server
  const numlet = insideOn(server.databaseUrl)
  const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))
  const newest = async () => (await json('log', '--limit', '1'))[0]

  it('shows an account by its id, its number and its e-mail address, and changes its name', async () => {
    const made = await json('accounts', 'create', '--email', 'Ann@example.com', '--credit', '5')
    const row = String(app.ids.fromToken('acc', made.account_id))
    for (const form of [made.account_id, row, 'ann@EXAMPLE.com'])
      expect(await json('accounts', 'show', form)).toMatchObject({
        account_id: made.account_id,
        email: 'Ann@example.com',
        balance: '5.00',
      })
    const changed = await json('accounts', 'set', 'ann@example.com', '--name', 'Ann Example')
    expect(changed).toMatchObject({ name: 'Ann Example', email: 'Ann@example.com' })
    await json('accounts', 'set', row, '--email', 'ann@example.org', '--reason', 'asked by mail')
    expect(await newest()).toMatchObject({
      actor: 'tester',
      action: 'account.change',
      subject: made.account_id,
      account_id: made.account_id,
      reason: 'asked by mail',
      detail: { before: { email: 'Ann@example.com' }, after: { email: 'ann@example.org' } },
    })
    await json('accounts', 'create', '--email', 'taken@example.com')
    for (const email of ['TAKEN@example.com', 'nonsense'])
      expect(await numlet('accounts', 'set', row, '--email', email)).toMatchObject({ code: 1 })
    expect(await numlet('accounts', 'set', row)).toMatchObject({ code: 1, stdout: '' })
    for (const form of ['who@example.com', 'acc_00000000000', '4'])
      expect(await numlet('accounts', 'show', form)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `There is no account ${form}.\n`,
      })
    expect(await numlet('accounts', 'show', 'Ann')).toMatchObject({ code: 2, stdout: '' })
  })

  it('debits once for each reference, and never below zero', async () => {
    const { accountId, key } = await testCustomer(db, { credit: '20' })
    const account = app.ids.toToken('acc', accountId)
    const debit = (amount: string, reference: string, ...more: string[]) =>
      numlet(
        ...['accounts', 'debit', '--account', account, '--amount', amount],
        ...['--reference', reference, '--reason', 'charged back', ...more],
      )
    expect(jsonOf(await debit('7.50', 'case 1', '--json'))).toEqual({
      debited: true,
      balance: '12.50',
      currency: 'USD',
    })
    expect(await newest()).toMatchObject({
      action: 'account.debit',
      subject: account,
      reason: 'charged back',
      detail: { amount: '7.50', before: { balance: '20.00' }, after: { balance: '12.50' } },
    })
    expect(jsonOf(await debit('7.50', 'case 1', '--json'))).toMatchObject({ debited: false })
    expect(await debit('7', 'case 1')).toMatchObject({ code: 1, stdout: '' })
    const refused = await debit('12.51', 'case 2')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('has 12.50 USD')
    expect(refused.stderr).toContain('12.51 USD')
    const bare = ['accounts', 'debit', '--account', account, '--amount', '1', '--reference', 'r']
    expect(await numlet(...bare)).toMatchObject({ code: 2, stdout: '' })
    const order = { accountId, amount: 10_000n, reference: 'a race' }
    const together = await Promise.all(
      Array.from({ length: 8 }, () => debitAccount(db, new Date(), order)),
    )
    expect(together.filter((one) => one.moved)).toHaveLength(1)
    const { body } = await call<{ balance: string }>(server, key, 'GET', '/v1/balance')
    expect(body.balance).toBe('11.50')
    await expectCleanAudit(db)
  })

  it('logs who it was: NUMLET_OPERATOR, else who called sudo, else the login name', async () => {
    const { accountId } = await testCustomer(db)
    const suspend = (env: Record<string, string>) =>
      run(['accounts', 'suspend', String(accountId), '--json'], {
        DATABASE_URL: server.databaseUrl,
        ...env,
      })
    const actors = new Set<string>()
    const ways: Record<string, string>[] = [
      { NUMLET_OPERATOR: 'Zoë' },
      { SUDO_USER: 'eve' },
      { SUDO_USER: '' },
    ]
    for (const env of ways) {
      expect((await suspend(env)).code).toBe(0)
      actors.add((await newest()).actor)
    }
    expect([...actors].slice(0, 2)).toEqual(['Zoë', 'eve'])
    expect(actors.size).toBe(3)
    expect(actors).not.toContain('cli')
    expect(await suspend({ NUMLET_OPERATOR: 'x'.repeat(101) })).toMatchObject({
      code: 1,
      stdout: '',
    })
  })

  it('pages through the log and filters it by operator, action, account, thing and time', async () => {
    const { accountId } = await testCustomer(db)
    const account = app.ids.toToken('acc', accountId)
    for (const verb of ['suspend', 'resume', 'suspend']) await json('accounts', verb, account)
    const actions = async (...args: string[]) =>
      (await json('log', ...args)).map((line: { action: string }) => line.action)
    const all = ['account.suspend', 'account.resume', 'account.suspend']
    expect(await actions('--account', account)).toEqual(all)
    expect(await actions('--subject', account, '--actor', 'tester')).toEqual(all)
    expect(await actions('--subject', account, '--actor', 'nobody')).toEqual([])
    expect(await actions('--account', account, '--action', 'account.resume')).toHaveLength(1)
    expect(await actions('--account', account, '--action', 'account')).toEqual(all)
    expect(await actions('--account', account, '--since', '2099-01-01')).toEqual([])
    expect(await actions('--account', account, '--until', '2099-01-01')).toEqual(all)
    const [first] = await json('log', '--account', account, '--limit', '1')
    expect(await actions('--account', account, '--before', String(first.id))).toEqual(all.slice(1))
    await expect(db.query('delete from audit_log')).rejects.toThrow('append-only')
  })

  it('B9: a key that an operator made says so, and its first use is logged with the reason', async () => {
    const { key: own, accountId } = await testCustomer(db)
    const account = app.ids.toToken('acc', accountId)
    const make = (...more: string[]) => json('keys', 'create', '--account', account, ...more)
    const made = await make('--scopes', 'read,manage', '--reason', 'ticket 77')
    expect(await newest()).toMatchObject({
      action: 'key.create',
      subject: made.key_id,
      reason: 'ticket 77',
      detail: { key_reads_texts: true },
    })
    const lines = (...args: string[]) => json('log', '--account', account, ...args)
    expect(await lines('--action', 'key.read_texts')).toEqual([])
    for (let i = 0; i < 3; i++)
      expect((await call(server, made.key, 'GET', '/v1/orders')).status).toBe(200)
    expect(await lines('--action', 'key.read_texts')).toMatchObject([
      {
        actor: 'key holder',
        subject: made.key_id,
        reason: 'ticket 77',
        detail: { key_made_by: 'tester', scopes: ['read', 'manage'] },
      },
    ])
    const unstated = await make()
    await call(server, unstated.key, 'GET', '/v1/balance')
    expect((await lines('--action', 'key.read_texts'))[0]).toMatchObject({
      subject: unstated.key_id,
      reason: null,
    })
    // What would carry texts on without the key: more keys, and webhooks.
    const child = await call<{ id: string; key: string }>(server, made.key, 'POST', '/v1/keys', {
      name: 'child',
    })
    const hook = { url: 'https://hooks.example.com/x', events: ['*'] }
    const webhook = await call<{ id: string }>(server, made.key, 'POST', '/v1/webhooks', hook)
    await call(server, made.key, 'PATCH', `/v1/webhooks/${webhook.body.id}`, { description: 'new' })
    await call(server, own, 'POST', '/v1/webhooks', hook)
    const later = await lines('--limit', '3')
    expect(later.map((line: Record<string, unknown>) => [line.action, line.subject])).toEqual([
      ['webhook.change', webhook.body.id],
      ['webhook.create', webhook.body.id],
      ['key.create', child.body.id],
    ])
    expect(later[0].detail).toEqual({ key_id: made.key_id, key_made_by: 'tester' })
    const { data } = (
      await call<{ data: { id: string; created_by: string | null }[] }>(
        server,
        own,
        'GET',
        '/v1/keys',
      )
    ).body
    const createdBy = new Map(data.map((one) => [one.id, one.created_by]))
    expect(createdBy.get(made.key_id)).toBe('operator')
    expect(createdBy.get(child.body.id)).toBe(made.key_id)
  })
})
