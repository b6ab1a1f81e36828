// Connections to an SMSC that others wrote, over real sockets: binding, losing, and storing each message once.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { listSessions } from '../../../src/core/inbound/sessions.ts'
import { setSupplierState } from '../../../src/core/inventory/suppliers.ts'
import { selfSigned } from '../../../src/supply/smtp/certificate.ts'
import { call, serverOn, testCustomer, testServer } from '../../harness/server.ts'
import {
  holding,
  message,
  partMessage,
  password,
  quickTimes,
  runEngine,
  smppSupplier,
} from './node.ts'
import { type PeerPdu, patience, testSmsc } from './smsc.ts'

const ok = 0
const later = 0x64
const throttled = 0x58

/** All orders of the places 0 to n - 1. */
function orders(n: number): number[][] {
  if (n === 0) return [[]]
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => order.toSpliced(at, 0, n - 1)),
  )
}

describe('a connection to an SMSC', async () => {
  const server = await testServer()
  const other = await serverOn(server.databaseUrl)
  const { db, app } = server
  const advance = (seconds: number) => {
    for (const one of [server, other]) one.advance(seconds)
  }
  let phones = 0
  let phone = ''
  beforeEach(async () => {
    phone = newPhone()
    await db.query(`update suppliers set state = 'off' where kind = 'smpp'`)
    await db.query('delete from supplier_sessions')
  })
  const newPhone = () => `+1201555${String(1_000 + phones++).padStart(4, '0')}`
  const stored = async (to = phone) =>
    (
      await db.query<{ text: string }>('select text from messages where phone = $1 order by id', [
        to,
      ])
    ).map(({ text }) => text)
  const outcomes = (name: string) => Object.fromEntries(app.sessions.counts.of(name).outcomes)
  const arrivals = async () =>
    Number((await db.query<{ n: bigint }>('select count(*) as n from supplier_arrivals'))[0]?.n)

  describe('binds', () => {
    it.each(['receiver', 'transceiver'])('as %s, with what the operator has set', async (bind) => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port, { bind, system_type: 'VMA', address_range: '^1201' })
      runEngine(app)
      await smsc.session()
      expect(smsc.tried).toMatchObject([
        {
          ...{ command: `bind_${bind}`, system_id: 'numlet', password, system_type: 'VMA' },
          ...{ interface_version: 0x34, address_range: '^1201' },
        },
      ])
    })

    it('with TLS, if the certificate is of the authority given', async () => {
      const tls = selfSigned('localhost', new Date())
      const smsc = await testSmsc({ tls })
      const url = `smpps://localhost:${smsc.port}`
      await smppSupplier(db, smsc.port, { url, ca: tls.cert })
      runEngine(app)
      expect(await smsc.deliver(message(phone, 'by TLS'))).toBe(ok)
      expect(await stored()).toEqual(['by TLS'])
    })

    it.each([
      ['nobody vouches for', 'localhost', false],
      ['is for another name', 'smsc.example.com', true],
    ])('not where the certificate %s, and sends no password', async (_why, name, isKnown) => {
      const tls = selfSigned(name, new Date())
      const smsc = await testSmsc({ tls })
      const url = `smpps://localhost:${smsc.port}`
      const { id, name: supplier } = await smppSupplier(db, smsc.port, {
        url,
        ...(isKnown ? { ca: tls.cert } : {}),
      })
      runEngine(app)
      await vi.waitFor(async () => {
        const [one] = await listSessions(db, app.now(), id)
        expect(one?.reason).toMatch(/certificate|altnames/i)
      }, patience)
      expect(smsc.tried).toEqual([])
      expect(app.troubles.all().get(`supplier ${supplier}`)?.isOn).toBe(true)
    })

    it('not with TLS to a port without it', async () => {
      const smsc = await testSmsc()
      const { id } = await smppSupplier(db, smsc.port, { url: `smpps://localhost:${smsc.port}` })
      runEngine(app)
      await vi.waitFor(async () => {
        const [one] = await listSessions(db, app.now(), id)
        expect(one?.reason).toEqual(expect.any(String))
      }, patience)
      expect(smsc.tried).toEqual([])
    })

    it('says what is wrong when it is refused, and binds when it no longer is', async () => {
      let status = 0x0e
      const smsc = await testSmsc({ bindStatus: () => status })
      const { id, name } = await smppSupplier(db, smsc.port)
      runEngine(app)
      await vi.waitFor(async () => {
        expect(smsc.tried.length).toBeGreaterThan(2)
        const [one] = await listSessions(db, app.now(), id)
        expect(one?.reason).toBe(
          'the SMSC refused the bind: ESME_RINVPASWD (the password is wrong)',
        )
      }, patience)
      expect(app.sessions.counts.of(name).bound).toBe(0)
      expect(app.troubles.all().get(`supplier ${name}`)?.isOn).toBe(true)
      status = throttled
      const tried = smsc.tried.length
      await vi.waitFor(() => expect(smsc.tried.length).toBeGreaterThan(tried + 1), patience)
      status = ok
      await smsc.session()
      await vi.waitFor(async () => {
        const [one] = await listSessions(db, app.now(), id)
        expect(one).toMatchObject({ slot: 1, reason: null, boundAt: expect.any(Date) })
      }, patience)
      expect(app.sessions.counts.of(name).bound).toBe(1)
    })

    it('again when the connection is lost, ended or broken, and counts the losses', async () => {
      const smsc = await testSmsc()
      const { name } = await smppSupplier(db, smsc.port)
      runEngine(app)
      const ends = [
        async () => smsc.drop(),
        async () => (await smsc.session()).unbind(() => {}),
        async () => (await smsc.session()).socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n')),
        async () => (await smsc.session()).socket.write(Buffer.from('0000000f00000015', 'hex')),
      ]
      for (const [i, end] of ends.entries()) {
        await smsc.session()
        expect(smsc.bound).toHaveLength(i + 1)
        await end()
        await vi.waitFor(() => expect(smsc.bound).toHaveLength(i + 2), patience)
        expect(await smsc.deliver(message(phone, `after end ${i}`))).toBe(ok)
      }
      expect(app.sessions.counts.of(name)).toMatchObject({ bound: 1, lost: ends.length })
      expect(await stored()).toHaveLength(ends.length)
    })

    it('again when the SMSC is silent', async () => {
      let isAlive = false
      const smsc = await testSmsc({ isAlive: () => isAlive })
      await smppSupplier(db, smsc.port)
      runEngine(app, { times: { ...quickTimes, enquireTimeoutMs: 60 } })
      await vi.waitFor(() => expect(smsc.bound.length).toBeGreaterThan(1), patience)
      isAlive = true
      expect(await smsc.deliver(message(phone, 'alive'))).toBe(ok)
    })

    it('once, however many servers there are, and as often as the operator says', async () => {
      const smsc = await testSmsc()
      const { id } = await smppSupplier(db, smsc.port)
      for (const one of [app, other.app, app]) runEngine(one)
      await smsc.session()
      await vi.waitFor(async () => {
        const [one] = await listSessions(db, app.now(), id)
        expect(one?.boundAt).not.toBeNull()
      }, patience)
      expect(smsc.bound).toHaveLength(1)
      await db.query(`update suppliers set config = config || '{"binds": "3"}' where id = $1`, [id])
      const open = () => smsc.bound.filter(({ isOpen }) => isOpen)
      await vi.waitFor(() => expect(open()).toHaveLength(3), patience)
      expect(await listSessions(db, app.now(), id)).toHaveLength(3)
    })

    it('elsewhere when the server that held it has frozen', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      const keep = () => new Promise<never>(() => {})
      const frozen = { ...app, sessions: { ...app.sessions, keep } }
      const { smppEngine } = await import('../../../src/supply/smpp/engine.ts')
      smppEngine(frozen, { pollMs: 15 }).start()
      await smsc.session()
      runEngine(other.app)
      expect(smsc.bound).toHaveLength(1)
      advance(7)
      await vi.waitFor(() => expect(smsc.bound.length).toBeGreaterThan(1), patience)
      expect(await smsc.deliver(message(phone, 'taken over'))).toBe(ok)
      // The frozen one gives up by its own clock.
      await vi.waitFor(() => expect(smsc.bound[0]?.isOpen).toBe(false), patience)
    })

    it('elsewhere at once when a server stops', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      const engine = runEngine(app)
      await smsc.session()
      runEngine(other.app)
      await engine.stop()
      expect(await smsc.deliver(message(phone, 'from the other'))).toBe(ok)
      expect(smsc.bound).toHaveLength(2)
      expect(smsc.heard.map(({ command }) => command)).toContain('unbind')
    })

    it.each(['paused', 'off'] as const)('no more when its supplier is %s', async (state) => {
      const smsc = await testSmsc()
      const { name, id } = await smppSupplier(db, smsc.port)
      runEngine(app)
      await smsc.session()
      await setSupplierState(db, name, state)
      await vi.waitFor(() => expect(smsc.bound[0]?.isOpen).toBe(false), patience)
      expect(smsc.heard.map(({ command }) => command)).toContain('unbind')
      await vi.waitFor(async () => {
        expect((await listSessions(db, app.now(), id))[0]?.boundAt).toBeNull()
      }, patience)
      expect(smsc.bound).toHaveLength(1)
      await setSupplierState(db, name, 'on')
      await smsc.session()
    })

    it('with new settings as soon as they are set', async () => {
      const smsc = await testSmsc()
      const { id } = await smppSupplier(db, smsc.port)
      runEngine(app)
      await smsc.session()
      await db.query(
        `update suppliers set secrets = '{"password": "plain:another"}' where id = $1`,
        [id],
      )
      await vi.waitFor(() => expect(smsc.bound).toHaveLength(2), patience)
      expect(smsc.tried.map((pdu) => pdu.password)).toEqual([password, 'another'])
    })
  })

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
      runEngine(slow.app, { times: { ...quickTimes, answerMs: 40 } })
      const text = message(phone, 'Code 482913')
      expect(await smsc.deliver(text)).toBe(later)
      await vi.waitFor(() => expect(slow.held()).toBe(1), patience)
      advance(60)
      expect(await smsc.deliver(text)).toBe(later)
      slow.release()
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
      runEngine(slow.app, { times: { ...quickTimes, answerMs: 20 } })
      const all = Array.from({ length: 6 }, () => newPhone())
      for (const [i, to] of all.entries()) {
        const answer = await smsc.deliver(message(to, 'Code 482913'))
        expect(answer).toBe(i < 4 ? later : throttled)
        await vi.waitFor(() => expect(slow.held()).toBe(Math.min(i + 1, 4)), patience)
      }
      slow.release()
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
      expect(await smsc.deliver(text)).toBe(ok)
      expect(await stored()).toEqual(['Code 482913'])
    })

    it('stores once each of two equal ones', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      const slow = holding(app)
      runEngine(slow.app, { times: { ...quickTimes, enquireMs: 60_000 } })
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

  describe('makes one message of parts', () => {
    const texts = ['Your WhatsApp ', 'code is ', '593-821. ', 'Do not ', 'share it.'] as const
    const part = (to: string, number: number, reference = 42) =>
      partMessage(to, { reference, total: 5, number }, texts[number - 1] as string)
    const whole = texts.join('')

    it('in every order', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      const session = await smsc.session()
      const all = orders(5).map((order) => ({ order, to: newPhone() }))
      for (const turn of [0, 1, 2, 3, 4])
        await Promise.all(
          all.map(async ({ order, to }) => {
            const number = (order[turn] as number) + 1
            expect(await smsc.deliver(part(to, number), session)).toBe(ok)
          }),
        )
      for (const { to } of all) expect(await stored(to)).toEqual([whole])
    })

    it('interleaved, repeated, and over two servers', async () => {
      const smsc = await testSmsc()
      const { id } = await smppSupplier(db, smsc.port, { binds: '2' })
      for (const one of [app, other.app]) runEngine(one)
      const open = () => smsc.bound.filter(({ isOpen }) => isOpen).map(({ session }) => session)
      await vi.waitFor(() => expect(open()).toHaveLength(2), patience)
      expect(await listSessions(db, app.now(), id)).toHaveLength(2)
      const second = newPhone()
      const sent = [1, 3, 5, 3, 2, 4, 1, 2].flatMap((number, i) => [
        { to: phone, number, via: i % 2 },
        { to: second, number: 6 - number, via: (i + 1) % 2 },
      ])
      for (const { to, number, via } of sent)
        expect(await smsc.deliver(part(to, number), open()[via])).toBe(ok)
      expect(await stored()).toEqual([whole])
      expect(await stored(second)).toEqual([whole])
    })

    it('when the server stops in the middle, and parts come again', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      const engine = runEngine(app)
      for (const number of [5, 1]) expect(await smsc.deliver(part(phone, number))).toBe(ok)
      await engine.stop()
      runEngine(other.app)
      advance(30)
      for (const number of [1, 2, 3, 4]) expect(await smsc.deliver(part(phone, number))).toBe(ok)
      expect(await stored()).toEqual([whole])
    })

    it('that come again a quarter of an hour later, because nobody knows of the acknowledgement', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app, { times: { ...quickTimes, enquireMs: 60_000 } })
      for (const number of [1, 2, 3, 4, 5]) expect(await smsc.deliver(part(phone, number))).toBe(ok)
      smsc.drop()
      await vi.waitFor(() => expect(smsc.bound).toHaveLength(2), patience)
      advance(900)
      for (const number of [4, 5]) expect(await smsc.deliver(part(phone, number))).toBe(ok)
      advance(300)
      while ((await app.inbound.handOutDue(app.now())) > 0);
      expect(await stored()).toEqual([whole])
    })

    it('by a header of 16 bits, and by the parameters of the SMSC', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      const second = newPhone()
      for (const number of [2, 1]) {
        const header = Buffer.from([6, 8, 4, 0x12, 0x34, 2, number])
        const short_message = Buffer.concat([header, Buffer.from(`(${number})`)])
        expect(await smsc.deliver(message(phone, '', { esm_class: 0x40, short_message }))).toBe(ok)
        const sar = { sar_msg_ref_num: 9, sar_total_segments: 2, sar_segment_seqnum: number }
        expect(await smsc.deliver(message(second, `[${number}]`, sar))).toBe(ok)
      }
      expect(await stored()).toEqual(['(1)(2)'])
      expect(await stored(second)).toEqual(['[1][2]'])
    })

    it('whose border runs through a character', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      const bytes = Buffer.from('Ваш код 😀😀 482913', 'utf16le').swap16()
      const at = 'Ваш код 😀'.length * 2 - 2
      const parts = [bytes.subarray(0, at), bytes.subarray(at, at + 4), bytes.subarray(at + 4)]
      for (const number of [3, 1, 2]) {
        const text = parts[number - 1] as Buffer
        const one = { reference: 7, total: 3, number }
        expect(await smsc.deliver(partMessage(phone, one, text, { data_coding: 8 }))).toBe(ok)
      }
      expect(await stored()).toEqual(['Ваш код 😀😀 482913'])
    })

    it('and hands out what is there after five minutes', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      for (const number of [1, 3]) expect(await smsc.deliver(part(phone, number))).toBe(ok)
      advance(300)
      while ((await app.inbound.handOutDue(app.now())) > 0);
      expect(await stored()).toEqual([`${texts[0]}[...]${texts[2]}[...]`])
    })
  })
})
