// Binding to an SMSC that others wrote, over real sockets: who binds, when, and with whom.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { listSessions } from '../../../src/core/inbound/sessions.ts'
import { setSupplierState } from '../../../src/core/inventory/suppliers.ts'
import { smppEngine } from '../../../src/supply/smpp/engine.ts'
import { selfSigned } from '../../../src/supply/smtp/certificate.ts'
import {
  message,
  newPhone,
  ok,
  password,
  quickTimes,
  runEngine,
  smppSupplier,
  throttled,
  twoServers,
} from './node.ts'
import { patience, testSmsc } from './smsc.ts'

describe('a node that binds to an SMSC', async () => {
  const { server, other, db, app, advance, outcomes, ...servers } = await twoServers()
  let phone = ''
  beforeEach(() => {
    phone = newPhone()
  })
  const stored = (to = phone) => servers.stored(to)
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
      expect(one?.reason).toBe('the SMSC refused the bind: ESME_RINVPASWD (the password is wrong)')
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
    const times = { ...quickTimes, enquireTimeoutMs: 60 }
    runEngine(app, { times })
    await vi.waitFor(() => expect(smsc.bound.length).toBeGreaterThan(1), patience)
    isAlive = true
    times.enquireTimeoutMs = quickTimes.enquireTimeoutMs
    await smsc.persist(message(phone, 'alive'))
    expect(await stored()).toEqual(['alive'])
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
    const { id } = await smppSupplier(db, smsc.port)
    let isFrozen = false
    const keep: typeof app.sessions.keep = (...given) =>
      isFrozen ? new Promise(() => {}) : app.sessions.keep(...given)
    const freezing = { ...app, sessions: { ...app.sessions, keep } }
    smppEngine(freezing, { pollMs: 15, holdMs: 3_000 }).start()
    await vi.waitFor(
      async () => expect(await app.sessions.isBound(app.now(), id)).toBe(true),
      patience,
    )
    isFrozen = true
    const before = smsc.bound.length
    runEngine(other.app)
    advance(9)
    await vi.waitFor(() => expect(smsc.bound.length).toBeGreaterThan(before), patience)
    expect(await smsc.deliver(message(phone, 'taken over'))).toBe(ok)
    expect(await stored()).toEqual(['taken over'])
    // The frozen one gives up by its own clock.
    await vi.waitFor(() => expect(smsc.bound[before - 1]?.isOpen).toBe(false), patience)
  })

  it('elsewhere at once when a server stops', async () => {
    const smsc = await testSmsc()
    await smppSupplier(db, smsc.port)
    const engine = runEngine(app)
    await smsc.session()
    runEngine(other.app)
    await engine.stop()
    await smsc.persist(message(phone, 'from the other'))
    expect(smsc.bound).toHaveLength(2)
    expect(smsc.heard.map(({ command }) => command)).toContain('unbind')
  })

  it('also when its supplier is paused, and stores what comes', async () => {
    const smsc = await testSmsc()
    const { name } = await smppSupplier(db, smsc.port)
    let looks = 0
    const wanted: typeof app.sessions.wanted = (kind) => {
      looks++
      return app.sessions.wanted(kind)
    }
    const engine = runEngine({ ...app, sessions: { ...app.sessions, wanted } })
    await smsc.session()
    await setSupplierState(db, name, 'paused')
    await app.access.poll()
    const before = looks
    await vi.waitFor(() => expect(looks).toBeGreaterThan(before + 2), patience)
    expect(await smsc.deliver(message(phone, 'on the same connection'))).toBe(ok)
    expect(smsc.bound).toHaveLength(1)
    expect(app.sessions.counts.of(name)).toMatchObject({ wanted: 1, bound: 1 })
    await engine.stop()
    runEngine(app)
    await smsc.persist(message(phone, 'on a new one'))
    expect(await stored()).toEqual(['on the same connection', 'on a new one'])
  })

  it('no more when its supplier is off', async () => {
    const smsc = await testSmsc()
    const { name, id } = await smppSupplier(db, smsc.port)
    runEngine(app)
    await smsc.session()
    await setSupplierState(db, name, 'off')
    await vi.waitFor(() => expect(smsc.bound[0]?.isOpen).toBe(false), patience)
    expect(smsc.heard.map(({ command }) => command)).toContain('unbind')
    await vi.waitFor(async () => {
      expect((await listSessions(db, app.now(), id))[0]?.boundAt).toBeNull()
    }, patience)
    expect(smsc.bound).toHaveLength(1)
    expect(app.sessions.counts.of(name)).toMatchObject({ wanted: 0, bound: 0 })
    await setSupplierState(db, name, 'on')
    await smsc.session()
  })

  it('with new settings as soon as they are set', async () => {
    const smsc = await testSmsc()
    const { id } = await smppSupplier(db, smsc.port)
    runEngine(app)
    await smsc.session()
    await db.query(`update suppliers set secrets = '{"password": "plain:another"}' where id = $1`, [
      id,
    ])
    await vi.waitFor(() => expect(smsc.bound).toHaveLength(2), patience)
    expect(smsc.tried.map((pdu) => pdu.password)).toEqual([password, 'another'])
  })
})
