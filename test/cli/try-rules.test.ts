// Rules of a service are tried against what is stored, before they are set.
import { describe, expect, it } from 'vitest'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

describe('numlet services try', async () => {
  const server = await testServer()
  const { db, app } = server
  const { secret } = await testSupplier(db)
  const { key } = await testCustomer(db)
  const numlet = insideOn(server.databaseUrl)
  const why = ['--reason', 'ticket 12']
  const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))
  const attempt = (slug: string, ...more: string[]) =>
    json('services', 'try', slug, ...why, ...more)

  /** A service that has received these texts, one order each. */
  const serviceWith = async (...texts: string[]) => {
    const own = await ownService(db, { numbers: texts.length })
    const ids: string[] = []
    for (const sms of texts) {
      const wanted = { service: own.slug, country: own.country }
      const order = await call<{ phone: string }>(server, key, 'POST', '/v1/orders', wanted)
      const message = { number: order.body.phone, sender: 'Example', sms }
      const { body } = await call<{ message_id: string; order_ids: string[] }>(
        server,
        secret,
        'POST',
        '/api/callback',
        { event: 'incoming_message', message },
      )
      expect(body.order_ids).toHaveLength(1)
      ids.push(body.message_id)
    }
    return { ...own, ids }
  }
  const texts = [
    'Your code is 481203.',
    'Your code is 550917. Reference abc-771.',
    'Say zeta xyz-204 to the clerk.',
  ] as const

  it('counts what would be found, and names the messages that differ, without texts or codes', async () => {
    const { slug, ids } = await serviceWith(...texts)
    const [, other, fresh] = ids
    const rule = ['--pattern', '(?:Reference|zeta) ([a-z]{3}-\\d{3})']
    const tried = await numlet('services', 'try', slug, ...why, ...rule, '--json')
    expect(jsonOf(tried)).toEqual({
      service: slug,
      messages: 3,
      found: 3,
      same_code: 1,
      other_code: 1,
      newly_found: 1,
      no_longer_found: 0,
      differences: [
        { message_id: fresh, kind: 'newly_found' },
        { message_id: other, kind: 'other_code' },
      ],
    })
    expect(tried.stdout).not.toMatch(/550917|abc|zeta/)
    expect(await json('services', 'show', slug)).toMatchObject({ rules: [] })
    const [line] = await json('log', '--limit', '1')
    expect(line).toMatchObject({
      actor: 'tester',
      action: 'service.try',
      subject: `service ${slug}`,
      reason: 'ticket 12',
      detail: { pattern: rule[1], messages: 3, differences: 2, with_codes: false },
    })
    const table = await numlet('services', 'try', slug, ...why, ...rule)
    expect(table.stdout).toContain('newly_found')
    expect(table.stdout).not.toMatch(/550917|abc771|xyz204/)
  })

  it('shows codes only when asked, and logs each message whose code it shows as read', async () => {
    const { slug, ids } = await serviceWith(...texts)
    const { differences } = await attempt(
      slug,
      '--pattern',
      'Reference ([a-z]{3}-\\d{3})',
      '--show',
    )
    expect(differences).toEqual([
      { message_id: ids[1], kind: 'other_code', before: '550917', after: 'abc771' },
    ])
    const [read, tried] = await json('log', '--limit', '2')
    expect(read).toMatchObject({ action: 'message.read', subject: ids[1], reason: 'ticket 12' })
    expect(tried).toMatchObject({ action: 'service.try', detail: { with_codes: true } })
    expect(JSON.stringify([read, tried])).not.toMatch(/550917|abc771/)
  })

  it('tries the present rules without a pattern: they lose nothing, until they are changed', async () => {
    const { slug, ids } = await serviceWith(...texts)
    expect(await attempt(slug)).toMatchObject({ messages: 3, same_code: 2, differences: [] })
    await json('services', 'set', slug, '--rules', 'zeta ([a-z]{3}-\\d{3})')
    expect(await attempt(slug)).toMatchObject({
      newly_found: 1,
      differences: [{ message_id: ids[2], kind: 'newly_found' }],
    })
    // What the rule finds is what the next message gets.
    const found = await attempt(slug, '--show')
    expect(found.differences[0]).toMatchObject({ before: null, after: 'xyz204' })
  })

  it('reads only messages of the service, of the last days, and none that is purged', async () => {
    const { slug, ids } = await serviceWith(...texts)
    await serviceWith(...texts)
    expect(await attempt(slug, '--limit', '2')).toMatchObject({ messages: 2 })
    const row = app.ids.fromToken('msg', ids[0] as string)
    await db.query(
      `update messages set received_at = received_at - interval '5 days' where id = $1`,
      [row],
    )
    expect(await attempt(slug, '--days', '4')).toMatchObject({ messages: 2 })
    expect(await attempt(slug, '--days', '6')).toMatchObject({ messages: 3 })
    await db.query(
      `update messages set text = null, code = null, code_as_written = null, fingerprint = null,
         purged_at = now() where id = $1`,
      [row],
    )
    expect(await attempt(slug, '--days', '6')).toMatchObject({ messages: 2 })
  })

  it('tries mails as well, but not those that a customer’s pattern searches', async () => {
    const [service] = await db.query<{ slug: string; site: string }>(
      `select slug, site from services where slug = 'telegram'`,
    )
    if (!service) throw new Error('the catalog has no telegram')
    for (const pattern of [undefined, 'Zeta (\\w+)']) {
      const inbox = { kind: 'email', site: service.site, ...(pattern ? { regex: pattern } : {}) }
      const { body, status } = await call<{ number: number }>(
        server,
        key,
        'POST',
        '/v1/orders',
        inbox,
      )
      expect({ status, body }).toMatchObject({ status: 201 })
      const [row] = await db.query<{ email: string }>('select email from orders where id = $1', [
        body.number,
      ])
      const receipt = await app.messages.receiveMail(app.now(), {
        ref: `mail-${pattern ?? ''}@example.com`,
        address: row?.email as string,
        sender: 'hello@example.com',
        subject: 'Hello',
        text: 'See the page.',
        html: '<p>Zeta qrs-118</p>',
      })
      expect(receipt.state).toBe('delivered')
    }
    expect(
      await attempt(service.slug, '--pattern', 'Zeta ([a-z]{3}-\\d{3})', '--show'),
    ).toMatchObject({
      messages: 1,
      differences: [{ kind: 'newly_found', before: null, after: 'qrs118' }],
    })
  })

  it('refuses what is no rule, what never ends, an unknown service, and to go without a reason', async () => {
    const { slug } = await serviceWith(`Code 481203 ${'a'.repeat(1_500)}`)
    for (const [pattern, words] of [
      ['(\\d+)', 'repeats without a limit'],
      ['[', 'is not a regular expression'],
      ['(.{1,400}.{1,400}.{1,400}.{1,400}.{1,400}#)', 'take longer than 2 s'],
    ] as const) {
      const refused = await numlet('services', 'try', slug, ...why, '--pattern', pattern)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain(words)
    }
    expect(await numlet('services', 'try', 'no-such', ...why)).toMatchObject({
      code: 1,
      stdout: '',
    })
    expect(await numlet('services', 'try', slug)).toMatchObject({ code: 2, stdout: '' })
    expect(await numlet('services', 'try', slug, ...why, '--days', '0')).toMatchObject({ code: 2 })
  })
})
