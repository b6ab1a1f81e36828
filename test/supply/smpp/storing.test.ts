// Messages of an SMSC that others wrote, over real sockets: each is stored once, and then acknowledged.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { setSupplierState } from '../../../src/core/inventory/suppliers.ts'
import { call, testCustomer } from '../../harness/server.ts'
import {
  holding,
  later,
  message,
  newPhone,
  ok,
  quickTimes,
  runEngine,
  smppSupplier,
  throttled,
  twoServers,
} from './node.ts'
import { type PeerPdu, patience, testSmsc } from './smsc.ts'

describe('a connection to an SMSC', async () => {
  const { server, other, db, app, advance, outcomes, ...servers } = await twoServers()
  let phone = ''
  beforeEach(() => {
    phone = newPhone()
  })
  const stored = (to = phone) => servers.stored(to)
  const arrivals = async () =>
    Number((await db.query<{ n: bigint }>('select count(*) as n from supplier_arrivals'))[0]?.n)
  describe('stores', () => {
    it('a code into the order that waits for it', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      const { key } = await testCustomer(db)
      const bought = await call<{ id: string; phone: string }>(server, key, 'POST', '/v1/orders', {
        service: 'whatsapp',
        country: 'US',
      })
      const text = message(bought.body.phone, 'Your WhatsApp code: 593-821')
      expect(await smsc.deliver({ ...text, source_addr_ton: 5, source_addr: 'WhatsApp' })).toBe(ok)
      const order = await call(server, key, 'GET', `/v1/orders/${bought.body.id}`)
      expect(order.body).toMatchObject({ state: 'received', code: '593821' })
    })

    it('what comes in the same breath as the answer to the bind', async () => {
      const smsc = await testSmsc({ greeting: message(phone, 'first of all') })
      await smppSupplier(db, smsc.port)
      runEngine(app)
      await vi.waitFor(async () => expect(await stored()).toEqual(['first of all']), patience)
    })

    it('data_sm and message_payload, too', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      const long = 'Code 482913. '.repeat(40)
      const payload = { short_message: Buffer.alloc(0), message_payload: Buffer.from(long) }
      expect(await smsc.deliver(message(phone, '', payload))).toBe(ok)
      const session = await smsc.session()
      const { short_message: _, ...ends } = message(phone, '')
      const answer = await new Promise<PeerPdu>((resolve) => {
        session.data_sm({ ...ends, message_payload: Buffer.from('by data_sm') }, resolve)
      })
      expect(answer).toMatchObject({ command: 'data_sm_resp', command_status: ok })
      expect(await stored()).toEqual([long, 'by data_sm'])
    })

    it('many at once, each before it is acknowledged', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port, { window: '7' })
      runEngine(app)
      const session = await smsc.session()
      const all = Array.from({ length: 200 }, (_, i) => ({ to: newPhone(), text: `code ${i}` }))
      await Promise.all(
        all.map(async ({ to, text }) => {
          expect(await smsc.deliver(message(to, text), session)).toBe(ok)
          expect(await stored(to)).toEqual([text])
        }),
      )
    })

    it('no receipt and nothing without a text, and acknowledges them', async () => {
      const smsc = await testSmsc()
      const { name } = await smppSupplier(db, smsc.port)
      runEngine(app)
      const receipt = { esm_class: 4, short_message: Buffer.from('id:7 stat:DELIVRD') }
      expect(await smsc.deliver(message(phone, '', receipt))).toBe(ok)
      expect(await smsc.deliver(message(phone, ''))).toBe(ok)
      const program = { data_coding: 4, short_message: Buffer.from('0601ae', 'hex') }
      expect(await smsc.deliver(message(phone, '', program))).toBe(ok)
      expect(await stored()).toEqual([])
      expect(outcomes(name)).toEqual({ receipt: 1, no_text: 2 })
    })

    it('nothing that it cannot read, and goes on', async () => {
      const smsc = await testSmsc()
      const { name } = await smppSupplier(db, smsc.port)
      runEngine(app)
      const { socket } = await smsc.session()
      socket.write(Buffer.from('000000100000999900000000000000aa', 'hex'))
      socket.write(Buffer.from('00000011000000050000000000000bbb41', 'hex'))
      socket.write(Buffer.from('0000001000000003000000000000000c', 'hex').fill(0, 8, 12))
      expect(await smsc.deliver(message(phone, 'after it'))).toBe(ok)
      const refused = smsc.heard.filter(({ command }) => command === 'generic_nack')
      expect(refused).toMatchObject([
        { sequence_number: 0xaa, command_status: 3 },
        { sequence_number: 0xbbb, command_status: 2 },
        { sequence_number: 0xc, command_status: 2 },
      ])
      expect(outcomes(name)).toEqual({ malformed: 3, message: 1 })
      expect(smsc.bound).toHaveLength(1)
    })

    it('nothing of a supplier that is off', async () => {
      const smsc = await testSmsc()
      const { name } = await smppSupplier(db, smsc.port)
      const held = { ...app, sessions: { ...app.sessions, wanted: app.sessions.wanted } }
      runEngine(held)
      const session = await smsc.session()
      const before = await app.sessions.wanted('smpp')
      held.sessions.wanted = async () => before
      await setSupplierState(db, name, 'off')
      await app.access.poll()
      expect(await smsc.deliver(message(phone, 'too late'), session)).toBe(later)
      expect(await stored()).toEqual([])
    })
  })

  describe('that cannot store a message', () => {
    it('says so, and stores it once when it comes again', async () => {
      const smsc = await testSmsc()
      const { name } = await smppSupplier(db, smsc.port)
      let isDown = true
      const receive: typeof app.inbound.receive = async (...given) => {
        if (isDown) throw new Error('the disk is full')
        return app.inbound.receive(...given)
      }
      runEngine({ ...app, inbound: { ...app.inbound, receive } })
      const text = message(phone, 'Code 482913')
      for (let i = 0; i < 3; i++) expect(await smsc.deliver(text)).toBe(later)
      isDown = false
      expect(await smsc.deliver(text)).toBe(ok)
      expect(await stored()).toEqual(['Code 482913'])
      expect(outcomes(name)).toEqual({ deferred: 3, message: 1 })
    })

    it('in time says so, and what comes again is the same message', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      const slow = holding(app)
      const times = { ...quickTimes, answerMs: 40 }
      runEngine(slow.app, { times })
      const text = message(phone, 'Code 482913')
      expect(await smsc.deliver(text)).toBe(later)
      await vi.waitFor(() => expect(slow.held()).toBe(1), patience)
      advance(60)
      expect(await smsc.deliver(text)).toBe(later)
      slow.release()
      times.answerMs = quickTimes.answerMs
      advance(60)
      await vi.waitFor(async () => expect(await smsc.deliver(text)).toBe(ok), patience)
      expect(await stored()).toEqual(['Code 482913'])
    })

    it('reads no further than its window', async () => {
      const smsc = await testSmsc()
      const { name } = await smppSupplier(db, smsc.port, { window: '3' })
      const slow = holding(app)
      runEngine(slow.app)
      const session = await smsc.session()
      const all = Array.from({ length: 20 }, () => newPhone())
      const answers = all.map((to) => smsc.deliver(message(to, 'Code 482913'), session))
      await vi.waitFor(() => expect(slow.held()).toBe(3), patience)
      expect(app.sessions.counts.of(name).unanswered).toBe(3)
      slow.release()
      expect(await Promise.all(answers)).toEqual(all.map(() => ok))
      for (const to of all) expect(await stored(to)).toHaveLength(1)
      expect(app.sessions.counts.of(name).unanswered).toBe(0)
    })

    it('refuses more than it can ever hold', async () => {
      const smsc = await testSmsc()
      const { name } = await smppSupplier(db, smsc.port, { window: '1' })
      const slow = holding(app)
      const times = { ...quickTimes, answerMs: 20 }
      runEngine(slow.app, { times })
      const all = Array.from({ length: 6 }, () => newPhone())
      for (const [i, to] of all.entries()) {
        const answer = await smsc.deliver(message(to, 'Code 482913'))
        expect(answer).toBe(i < 4 ? later : throttled)
        await vi.waitFor(() => expect(slow.held()).toBe(Math.min(i + 1, 4)), patience)
      }
      slow.release()
      times.answerMs = quickTimes.answerMs
      for (const to of all) {
        const text = message(to, 'Code 482913')
        await vi.waitFor(async () => expect(await smsc.deliver(text)).toBe(ok), patience)
        expect(await stored(to)).toEqual(['Code 482913'])
      }
      expect(outcomes(name)).toMatchObject({ message: 6 })
      expect(outcomes(name).throttled).toBeGreaterThanOrEqual(2)
    })
  })

  describe('that is lost before the acknowledgement', () => {
    it('stores once what comes again, after a minute, on any server', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      const slow = holding(app)
      const engine = runEngine(slow.app)
      const text = message(phone, 'Code 482913')
      const answer = smsc.deliver(text)
      await vi.waitFor(() => expect(slow.held()).toBe(1), patience)
      smsc.drop()
      expect(await answer).toBeNull()
      slow.release()
      await engine.stop()
      advance(60)
      runEngine(other.app)
      await smsc.persist(text)
      expect(await stored()).toEqual(['Code 482913'])
    })

    it('stores once each of two equal ones', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      const slow = holding(app)
      runEngine(slow.app, { times: { ...quickTimes, enquireMs: 600_000 } })
      const text = message(phone, 'Code 482913')
      slow.release()
      expect(await smsc.deliver(text)).toBe(ok)
      advance(60)
      expect(await smsc.deliver(text)).toBe(ok)
      expect(await stored()).toHaveLength(2)
      smsc.drop()
      await vi.waitFor(() => expect(smsc.bound).toHaveLength(2), patience)
      advance(60)
      for (let i = 0; i < 2; i++) expect(await smsc.deliver(text)).toBe(ok)
      expect(await stored()).toHaveLength(2)
    })
  })

  describe('that has acknowledged a message', () => {
    it('takes an equal one as another, on the same connection', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      for (let i = 0; i < 3; i++) {
        expect(await smsc.deliver(message(phone, 'Code 482913'))).toBe(ok)
        advance(60)
      }
      expect(await stored()).toHaveLength(3)
    })

    it('takes an equal one as another on the next, once the SMSC has shown that it knows', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      await db.query('delete from supplier_arrivals')
      expect(await smsc.deliver(message(phone, 'Code 482913'))).toBe(ok)
      await vi.waitFor(async () => expect(await arrivals()).toBe(0), patience)
      smsc.drop()
      advance(60)
      await vi.waitFor(() => expect(smsc.bound).toHaveLength(2), patience)
      expect(await smsc.deliver(message(phone, 'Code 482913'))).toBe(ok)
      expect(await stored()).toHaveLength(2)
    })

    it('stores one with the id of the SMSC once', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      for (const id of ['a1', 'a1', 'a2']) {
        const text = message(phone, 'Code 482913', { receipted_message_id: id })
        expect(await smsc.deliver(text)).toBe(ok)
        advance(60)
      }
      expect(await stored()).toHaveLength(2)
    })

    it('has done so with all that it stored when it stops', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      const slow = holding(app)
      const engine = runEngine(slow.app)
      const session = await smsc.session()
      const all = Array.from({ length: 5 }, () => newPhone())
      const answers = all.map((to) => smsc.deliver(message(to, 'Code 482913'), session))
      await vi.waitFor(() => expect(slow.held()).toBe(5), patience)
      const stopped = engine.stop()
      slow.release()
      await stopped
      expect(await Promise.all(answers)).toEqual(all.map(() => ok))
      const heard = smsc.heard.map(({ command }) => command)
      expect(heard.lastIndexOf('deliver_sm_resp')).toBeLessThan(heard.indexOf('unbind'))
      for (const to of all) expect(await stored(to)).toEqual(['Code 482913'])
    })
  })
})
