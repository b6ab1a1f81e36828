// `numlet suppliers rule`: margins for suppliers, services and countries, set, listed and deleted.
import { describe, expect, it } from 'vitest'
import { createWithoutSecret } from '../../src/core/inventory/suppliers.ts'
import { testDatabase } from '../harness/database.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

describe('numlet suppliers rule', async () => {
  const { db, url } = await testDatabase('catalog')
  for (const name of ['one', 'two'])
    await createWithoutSecret(db, { name, kind: 'numlet' }, { config: {}, secrets: {} })
  const numlet = insideOn(url)
  const rule = async (...args: string[]) =>
    jsonOf(await numlet('suppliers', 'rule', ...args, '--json'))
  const code = async (...args: string[]) => {
    const outcome = await numlet('suppliers', 'rule', ...args, '--json')
    return [outcome.code, outcome.stderr] as const
  }
  const everywhere = { supplier: null, service: null, country: null }
  const none = { percent: '0', fixed: '0.00', floor: null, cap: null, round: null }

  it('sets a margin for all suppliers, or for a part of one', async () => {
    expect(await rule('--percent', '12.5')).toEqual({ ...everywhere, ...none, percent: '12.5' })
    const place = ['--service', 'whatsapp', '--country', 'gb']
    const margin = ['--fixed', '0.1', '--floor', '0.255', '--cap', '5', '--round', '.99']
    expect(await rule('one', ...place, ...margin)).toEqual({
      ...{ supplier: 'one', service: 'whatsapp', country: 'GB' },
      ...{ percent: '0', fixed: '0.10', floor: '0.255', cap: '5.00', round: '.99' },
    })
    expect(await rule('two', '--round', '0.01')).toMatchObject({ supplier: 'two', round: '0.01' })
  })

  it('lists those that a supplier, a service and a country fall under', async () => {
    const listed = async (...args: string[]) =>
      (await rule(...args)).rules.map((one: { supplier: string | null; service: string | null }) =>
        [one.supplier, one.service].join(' '),
      )
    expect(await listed()).toEqual([' ', 'one whatsapp', 'two '])
    expect(await listed('one')).toEqual([' ', 'one whatsapp'])
    expect(await listed('one', '--service', 'telegram')).toEqual([' '])
    expect(await listed('one', '--country', 'US')).toEqual([' '])
    expect(await listed('two')).toEqual([' ', 'two '])
    expect((await numlet('suppliers', 'rule')).stdout).toContain('whatsapp')
  })

  it('replaces a margin as a whole, and deletes it', async () => {
    const place = ['one', '--service', 'whatsapp', '--country', 'GB']
    expect(await rule(...place, '--percent', '30')).toMatchObject({ ...none, percent: '30' })
    expect(await rule(...place, '--percent', '30')).toMatchObject({ ...none, percent: '30' })
    expect((await rule('one')).rules).toHaveLength(2)
    expect((await rule(...place, '--remove')).rules).toEqual([
      { ...everywhere, ...none, percent: '12.5' },
    ])
    expect(await code(...place, '--remove')).toEqual([1, expect.stringContaining('no rule')])
  })

  it('writes who did it, and why, with what was before', async () => {
    await rule('two', '--percent', '5', '--reason', 'dearer since May')
    const entries = await db.query(
      `select actor, action, reason, subject_id, detail from audit_log
        where action in ('supplier.rule', 'supplier.unrule') order by id desc`,
    )
    expect(entries).toHaveLength(7)
    expect(entries[0]).toEqual({
      ...{
        actor: 'tester',
        action: 'supplier.rule',
        reason: 'dearer since May',
        subject_id: 'two',
      },
      detail: {
        ...{ service: null, country: null },
        before: { ...none, round: '0.01' },
        after: { ...none, percent: '5' },
      },
    })
    expect(entries.filter((one) => one.action === 'supplier.unrule')).toHaveLength(1)
  })

  it('refuses what is no margin, and changes nothing', async () => {
    const before = (await rule()).rules
    const usage: readonly string[][] = [
      ['--percent', 'much'],
      ['--percent', '-5'],
      ['--round', '0.05'],
      ['--country', 'Britain', '--percent', '5'],
      ['--percent', '5', '--remove'],
    ]
    for (const args of usage) expect((await code('one', ...args))[0]).toBe(2)
    const refused: readonly [string[], string][] = [
      [['one', '--percent', '10000.1'], 'at most 10000'],
      [['one', '--floor', '2', '--cap', '1'], 'floor'],
      [['one', '--service', 'whatsap', '--percent', '5'], 'whatsapp'],
      [['nobody', '--percent', '5'], 'no supplier nobody'],
      [['nobody'], 'no supplier nobody'],
    ]
    for (const [args, words] of refused)
      expect(await code(...args)).toEqual([1, expect.stringContaining(words)])
    expect((await rule()).rules).toEqual(before)
  })
})
