// A message whose code was missed or wrong is marked right: its order goes on as if the code had been found.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { labelledOf } from '../../src/core/codes/labelled.ts'
import { assignMessage } from '../../src/core/operating/assign-message.ts'
import { correctMessage } from '../../src/core/operating/correct-message.ts'
import { countTotals, readOrderTotals } from '../../src/core/orders/totals.ts'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

type Order = {
  id: string
  number: number
  phone: string
  state: string
  code: string | null
  price: string
  received_at: string | null
  messages: { code: string | null }[]
  services?: { service: string; state: string; code: string | null }[]
}

describe('numlet messages correct', async () => {
  const server = await testServer()
  const { db, app } = server
  const { secret } = await testSupplier(db)
  const { key, accountId } = await testCustomer(db)
  const own = await ownService(db, { numbers: 60, price: '0.50' })
  const folder = await mkdtemp(join(tmpdir(), 'numlet-corpus-'))
  afterAll(() => rm(folder, { recursive: true }))
  const numlet = insideOn(server.databaseUrl, { NUMLET_DATA: folder })
  const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))
  const why = ['--reason', 'ticket 12']
  const file = join(folder, 'corpus.jsonl')
  const lines = async () => (await readFile(file, 'utf8')).trimEnd().split('\n')
  const correct = (message: string, ...more: string[]) =>
    json('messages', 'correct', message, ...why, ...more)

  const buy = async (selection: Record<string, unknown> = {}) => {
    const order = { service: own.slug, country: own.country, ...selection }
    const { status, body } = await call<Order>(server, key, 'POST', '/v1/orders', order)
    expect({ status, body }).toMatchObject({ status: 201 })
    return body
  }
  const read = async (id: string) =>
    (await call<Order>(server, key, 'GET', `/v1/orders/${id}`)).body
  const act = (id: string, verb: string) => call(server, key, 'POST', `/v1/orders/${id}/${verb}`)
  const balance = async () =>
    (await call<{ balance: string }>(server, key, 'GET', '/v1/balance')).body.balance
  const send = async (phone: string, sms: string) => {
    const message = { number: phone, sender: 'Example', sms }
    const event = { event: 'incoming_message', message }
    const sent = await call<{ message_id: string; order_ids: string[] }>(
      ...([server, secret, 'POST', '/api/callback', event] as const),
    )
    return sent.body
  }
  const eventsOf = async (order: Order) => {
    const rows = await db.query<{ type: string }>(
      'select type from events where order_id = $1 order by xid, id',
      [order.number],
    )
    return rows.map(({ type }) => type)
  }
  const transfersOf = async (order: Order) => {
    const { transfers } = await json('orders', 'show', order.id)
    return transfers.map((one: { kind: string }) => one.kind).sort()
  }
  /** No code is found in it. */
  const missed = 'Anna said that the zeta is plover-kit, and rang from +1 201 555 0123.'

  it('gives an open order the code that was missed: paid once, told once, counted once', async () => {
    const order = await buy()
    const held = await balance()
    const { message_id: id } = await send(order.phone, missed)
    expect(await read(order.id)).toMatchObject({ state: 'waiting', code: null })
    const done = await correct(id, '--code', 'ploverkit')
    expect(done).toMatchObject({
      ...{ message_id: id, order_id: order.id, state: 'received', changed: true, has_code: true },
      corpus: file,
    })
    expect(await read(order.id)).toMatchObject({
      ...{ state: 'received', code: 'ploverkit', messages: [{ code: 'ploverkit' }] },
    })
    expect(await eventsOf(order)).toEqual([
      'order.created',
      'message.received',
      'order.code_received',
    ])
    const [row] = await db.query(
      'select message_count, code_as_written from orders where id = $1',
      [order.number],
    )
    expect(row).toEqual({ message_count: 1, code_as_written: 'plover-kit' })
    const [line] = await json('log', '--limit', '1')
    expect(line).toMatchObject({
      ...{ actor: 'tester', action: 'message.correct', subject: id, reason: 'ticket 12' },
      detail: { before: { order_state: 'waiting' }, after: { order_state: 'received' } },
    })
    expect(JSON.stringify(line)).not.toMatch(/plover|kit|zeta/)
    const written = await lines()
    expect(await correct(id, '--code', 'Plover-Kit')).toMatchObject({ changed: false, line: null })
    expect(await lines()).toEqual(written)
    expect(await balance()).toBe(held)
    expect(await transfersOf(order)).toEqual(['hold', 'post'])
    await expectCleanAudit(db)
  })

  it('writes a line that the checks read, without the code, numbers and addresses of anybody', async () => {
    const order = await buy()
    const grouped = ['06 39 98 12 34', '06.39.98.12.34', '202.555.0123', '987-65-4321']
    grouped.push('12-34-56 78', '٢٠٢ ٥٥٥ ٠١٢٣', '(202) 555–0123')
    const kept = '12.03.1985, 30.11.26 09:15, 1.250,00'
    const text =
      'Zeta: 905 117 for anna.bell@example.com, or https://example.com/go/k3J9x2?u=annabell&c=905117. ' +
      'Your number 447700900123, ٤٤٧٧٠٠, card 4111 1111 1111 1111, case AB12CD34, ' +
      `or ${grouped.join(', ')}, on 2026-11-30 at 09:15, ${kept}.`
    const { message_id: id } = await send(order.phone, text)
    await correct(id, '--no-code')
    const { line } = await correct(id, '--code', '905117')
    const raw = (await lines()).at(-1) as string
    expect(JSON.parse(raw)).toEqual(line)
    for (const secret of ['905117', '905 117', 'anna', 'bell', 'k3J9x2', '447700900123', '٤٤٧٧٠٠'])
      expect(raw).not.toContain(secret)
    for (const secret of ['4111 1111', 'AB12CD34', '(202) 555', id, ...grouped])
      expect(raw).not.toContain(secret)
    const read = labelledOf(raw)
    if (typeof read === 'string') throw new Error(read)
    expect(read).toMatchObject({ kind: 'login', split: 'train', channel: 'sms', sender: 'Example' })
    expect(read.expected).toMatch(/^\d{6}$/)
    const code = read.expected as string
    const shape = new RegExp(
      '^Zeta: (\\d{3} \\d{3}) for [a-z]{4}\\.[a-z]{4}@[a-z]{7}\\.[a-z]{3}, or ' +
        'https://example\\.com/go/\\w{6}\\?u=\\w{8}&c=(\\d{6})\\. Your number \\d{12}, [٠-٩]{6}, ' +
        'card \\d{4}( \\d{4}){3}, case [A-Z]{2}\\d\\d[A-Z]{2}\\d\\d, or \\d\\d( \\d\\d){4}, ' +
        '\\d\\d(\\.\\d\\d){4}, ' +
        '\\d{3}\\.\\d{3}\\.\\d{4}, \\d{3}-\\d\\d-\\d{4}, \\d\\d-\\d\\d-\\d\\d \\d\\d, ' +
        '[٠-٩]{3} [٠-٩]{3} [٠-٩]{4}, \\(\\d{3}\\) \\d{3}–\\d{4}, ' +
        'on 2026-11-30 at 09:15, 12\\.03\\.1985, 30\\.11\\.26 09:15, 1\\.250,00\\.$',
    )
    expect(read.text).toMatch(shape)
    const [, inGroups, inLink] = shape.exec(read.text) ?? []
    expect([inGroups?.replace(' ', ''), inLink]).toEqual([code, code])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const checked = await numlet('codes', 'check', file, '--json')
    expect(JSON.parse(checked.stdout)).toMatchObject({ messages: (await lines()).length })
  })

  it('takes a wrong code away: the order shows its other newest one, and no money moves', async () => {
    const order = await buy()
    const first = await send(order.phone, 'Your code is 550917.')
    const second = await send(order.phone, 'Your code is 481203.')
    const held = await balance()
    expect(await correct(second.message_id, '--no-code')).toMatchObject({
      ...{ changed: true, has_code: false, state: 'received' },
      line: { kind: 'other', expected: null },
    })
    expect((await lines()).at(-1)).not.toContain('481203')
    expect(await read(order.id)).toMatchObject({ state: 'received', code: '550917' })
    expect(await correct(first.message_id, '--no-code')).toMatchObject({ changed: true })
    expect(await read(order.id)).toMatchObject({ state: 'received', code: null })
    expect(await correct(first.message_id, '--no-code')).toMatchObject({ changed: false })
    expect(await balance()).toBe(held)
    expect(await transfersOf(order)).toEqual(['hold', 'post'])
    // The older message's code does not hide the newer one's.
    await correct(second.message_id, '--code', '481203')
    await correct(first.message_id, '--code', '550917')
    expect(await read(order.id)).toMatchObject({ code: '481203' })
    expect(await transfersOf(order)).toEqual(['hold', 'post'])
    await expectCleanAudit(db)
  })

  it('shows it in an order that is over, and no money moves', async () => {
    const order = await buy()
    const { message_id: id } = await send(order.phone, missed)
    server.advance(300)
    expect((await act(order.id, 'cancel')).status).toBe(200)
    const before = await balance()
    expect(await correct(id, '--code', 'ploverkit')).toMatchObject({ state: 'cancelled' })
    expect(await read(order.id)).toMatchObject({ state: 'cancelled', code: 'ploverkit' })
    expect(await balance()).toBe(before)
    expect((await eventsOf(order)).at(-1)).toBe('order.code_received')
    await expectCleanAudit(db)
  })

  it('pays the hold of the message’s service only, in an order for several, and once', async () => {
    const order = await buy({
      service: undefined,
      services: ['whatsapp', 'telegram'],
      country: 'US',
    })
    const { message_id: id } = await send(order.phone, 'Telegram: the zeta is plover-kit')
    expect(await read(order.id)).toMatchObject({ state: 'waiting' })
    expect(await correct(id, '--code', 'ploverkit')).toMatchObject({ state: 'received' })
    const states = async () =>
      db.query<{ slug: string; state: string }>(
        `select s.slug, o.state from order_services o join services s on s.id = o.service_id
          where o.order_id = $1 order by 1`,
        [order.number],
      )
    const paid = [
      { slug: 'telegram', state: 'paid' },
      { slug: 'whatsapp', state: 'held' },
    ]
    expect(await states()).toEqual(paid)
    await correct(id, '--no-code')
    await correct(id, '--code', 'Plover-Kit')
    await correct(id, '--no-code')
    expect(await states()).toEqual(paid)
    expect(await transfersOf(order)).toEqual(['hold', 'hold', 'post'])
    await expectCleanAudit(db)
  })

  it('counts the first code of a rental that runs, and of one that has ended shows it only', async () => {
    const wanted = { kind: 'rental', service: 'whatsapp', country: 'US', duration: '3d' }
    const [rental, over] = [await buy(wanted), await buy(wanted)]
    const text = 'WhatsApp: the zeta is plover-kit'
    const [first, later] = [await send(rental.phone, text), await send(over.phone, text)]
    // Other tests' open transactions hold the events up.
    const codes = async () => {
      await eventually(async () => {
        await countTotals(db)
        const left = await db.query(
          `select from event_readers r join events e on (e.epoch, e.xid, e.id) > (r.epoch, r.xid, r.id)
            where r.name = 'totals'`,
        )
        return left.length === 0
      })
      const totals = await readOrderTotals(db)
      return (
        totals.find(({ kind, outcome }) => kind === 'rental' && outcome === 'code')?.orders ?? 0
      )
    }
    expect(await codes()).toBe(0)
    await correct(first.message_id, '--code', 'ploverkit')
    const shown = await read(rental.id)
    expect(shown).toMatchObject({ state: 'active', code: 'ploverkit' })
    expect(shown.received_at).not.toBeNull()
    expect(await codes()).toBe(1)
    await correct(first.message_id, '--no-code')
    await correct(first.message_id, '--code', 'ploverkit')
    expect(await read(rental.id)).toEqual(shown)
    await app.orders.end({ accountId, id: BigInt(over.number) })
    await correct(later.message_id, '--code', 'ploverkit')
    expect(await read(over.id)).toMatchObject({ code: 'ploverkit', received_at: null })
    expect(await codes()).toBe(1)
    await expectCleanAudit(db)
  })

  it('ends a request for another code only if the message came after it', async () => {
    const order = await buy()
    const early = await send(order.phone, missed)
    await send(order.phone, 'Your code is 550917.')
    server.advance(5)
    expect((await act(order.id, 'resend')).status).toBe(200)
    const isPending = async () => {
      const [row] = await db.query<{ is: boolean }>(
        'select resend_pending as is from orders where id = $1',
        [order.number],
      )
      return row?.is
    }
    await correct(early.message_id, '--code', 'ploverkit')
    expect(await isPending()).toBe(true)
    expect(await read(order.id)).toMatchObject({ code: '550917' })
    server.advance(5)
    const late = await send(order.phone, missed.replace('plover', 'dunlin'))
    expect(await isPending()).toBe(true)
    await correct(late.message_id, '--code', 'dunlinkit')
    expect(await isPending()).toBe(false)
    expect(await read(order.id)).toMatchObject({ code: 'dunlinkit' })
    await expectCleanAudit(db)
  })

  it('keeps the corrected code of a stray message when it is assigned', async () => {
    const order = await buy()
    const stray = await send(order.phone, 'WhatsApp: the zeta is plover-kit')
    expect(stray.order_ids).toEqual([])
    expect(await correct(stray.message_id, '--code', 'ploverkit')).toMatchObject({ order_id: null })
    const given = await json('messages', 'assign', stray.message_id, '--order', order.id, ...why)
    expect(given).toMatchObject({ state: 'received', has_code: true })
    expect(await read(order.id)).toMatchObject({ code: 'ploverkit' })
    expect(await eventsOf(order)).toHaveLength(3)
    await expectCleanAudit(db)
  })

  it('gives an inbox’s order the code of a mail, from its markup', async () => {
    const inbox = await buy({ ...none, kind: 'email', site: 'example.com' })
    const [row] = await db.query<{ email: string }>('select email from orders where id = $1', [
      inbox.number,
    ])
    const receipt = await app.messages.receiveMail(app.now(), {
      ...{ ref: 'mail-7@example.com', address: row?.email as string, sender: 'hello@example.com' },
      ...{ subject: 'Hello', text: 'See the page.', html: '<p>Zeta <b>qrs</b>-<i>118</i></p>' },
    })
    expect(await read(inbox.id)).toMatchObject({ state: 'received', code: null })
    const done = await correct(String(receipt.messageId), '--code', 'QRS118')
    expect(done.line.text).toMatch(/^Zeta [a-z]{3}-\d{3}$/)
    expect(await read(inbox.id)).toMatchObject({ state: 'received', code: 'qrs118' })
    await expectCleanAudit(db)
  })

  it.runIf(process.platform === 'linux')('tells of a full disk, with the line once', async () => {
    const order = await buy()
    const { message_id: id } = await send(order.phone, missed)
    const before = await lines()
    const args = ['--code', 'ploverkit', '--corpus', '/dev/full', ...why, '--json'] as const
    const failed = await numlet('messages', 'correct', id, ...args)
    expect(failed.code).toBe(1)
    expect(jsonOf(failed)).toMatchObject({ changed: true, corpus: null, line: { kind: 'login' } })
    expect(failed.stderr).toMatch(
      /^The code is corrected, but its line is not whole in \/dev\/full: ENOSPC/,
    )
    expect(failed.stderr).not.toMatch(/zeta/)
    expect(await read(order.id)).toMatchObject({ state: 'received', code: 'ploverkit' })
    expect(await lines()).toEqual(before)
  })

  it('refuses a code that is not in the message, and what is used wrongly, and changes nothing', async () => {
    const order = await buy()
    const { message_id: id } = await send(order.phone, missed)
    const before = await lines()
    for (const [code, words] of [
      ['ploverkits', 'is not in the message'],
      ['loverkit', 'is not in the message'],
      ['--', 'must have 3 to 40'],
    ] as const) {
      const refused = await numlet('messages', 'correct', id, ...why, `--code=${code}`)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain(words)
    }
    for (const wrong of [
      [id, ...why],
      [id, '--no-code'],
    ])
      expect(await numlet('messages', 'correct', ...wrong)).toMatchObject({ code: 2, stdout: '' })
    const none = await numlet('messages', 'correct', '999999', '--no-code', ...why)
    expect(none).toMatchObject({ code: 1, stderr: 'There is no message 999999.\n' })
    const nowhere = ['--corpus', join(folder, 'none', 'corpus.jsonl')]
    const unwritten = await numlet(
      'messages',
      'correct',
      id,
      ...why,
      '--code',
      'ploverkit',
      ...nowhere,
    )
    expect(unwritten).toMatchObject({ code: 1, stdout: '' })
    expect(await read(order.id)).toMatchObject({ state: 'waiting', code: null })
    expect(await lines()).toEqual(before)
    server.advance(300)
    expect((await act(order.id, 'cancel')).status).toBe(200)
    await json('messages', 'purge', '--message', id, ...why)
    expect(await numlet('messages', 'correct', id, ...why, '--no-code')).toMatchObject({ code: 1 })
  })

  it('pays once, however many correct, assign and receive at the same time', async () => {
    const by = { actor: 'tester', reason: 'a race' }
    for (let round = 0; round < 8; round++) {
      const order = await buy()
      const stray = round % 2 === 1
      const sent = await send(order.phone, stray ? `WhatsApp ${missed}` : missed)
      const messageId = app.ids.fromToken('msg', sent.message_id) as bigint
      const orderId = BigInt(order.number)
      const corrections = Array.from({ length: 4 }, () =>
        correctMessage(db, app.now(), by, { messageId, code: 'ploverkit' }),
      )
      const [fresh, , ...done] = await Promise.all([
        send(order.phone, 'Your code is 550917.'),
        stray ? assignMessage(db, app.now(), by, { messageId, orderId }) : null,
        ...corrections,
      ])
      expect(fresh.order_ids).toEqual([order.id])
      expect(done.filter((one) => one.changed)).toHaveLength(1)
      expect(done.filter((one) => one.line !== null)).toHaveLength(1)
      const shown = await read(order.id)
      expect(shown).toMatchObject({ state: 'received' })
      expect(shown.messages.map(({ code }) => code).sort()).toEqual(['550917', 'ploverkit'])
      expect(await transfersOf(order)).toEqual(['hold', 'post'])
      const events = await eventsOf(order)
      expect(events.filter((type) => type === 'message.received')).toHaveLength(2)
      expect(events.filter((type) => type === 'order.code_received')).toHaveLength(2)
    }
    await expectCleanAudit(db)
  })
})

const none = { service: undefined, country: undefined }
