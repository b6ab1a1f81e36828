// `numlet suppliers` for the kind smpp: what it takes, what a trial says, and what is shown.
import { describe, expect, it, vi } from 'vitest'
import { message, newPhone, ok, password, runEngine, twoServers } from '../supply/smpp/node.ts'
import { patience, testSmsc } from '../supply/smpp/smsc.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

describe('numlet suppliers, of the kind smpp', async () => {
  const { server, app, stored } = await twoServers()
  const numlet = insideOn(server.databaseUrl)
  const suppliers = (...args: string[]) => numlet('suppliers', ...args, '--json')
  const add = (name: string, url: string, ...more: string[]) =>
    suppliers(
      ...['add', name, '--kind', 'smpp', '--set', `url=${url}`, '--set', 'system_id=numlet'],
      ...['--secret', `password=${password}`, ...more],
    )
  const connectionOf = (outcome: Awaited<ReturnType<typeof suppliers>>) =>
    (jsonOf(outcome).checks as { name: string }[]).find(({ name }) => name === 'connection')

  it('adds one, tries its bind, and shows its connection', async () => {
    const smsc = await testSmsc()
    const url = `smpp://127.0.0.1:${smsc.port}`
    const added = await add('carrier', url, '--set', 'system_type=VMA')
    expect(jsonOf(added)).toEqual({ name: 'carrier', kind: 'smpp', inbound_url: null })
    const tested = await suppliers('test', 'carrier')
    expect(tested.code).toBe(0)
    expect(jsonOf(tested)).toMatchObject({ ok: true })
    const detail = `127.0.0.1:${smsc.port} accepted bind_transceiver`
    expect(connectionOf(tested)).toEqual({ name: 'connection', ok: true, detail })
    expect(smsc.tried).toMatchObject([{ system_id: 'numlet', password, system_type: 'VMA' }])
    await vi.waitFor(() => expect(smsc.bound[0]?.isOpen).toBe(false), patience)
    expect(smsc.heard.map(({ command }) => command)).toContain('unbind')
    expect(jsonOf(await suppliers('show', 'carrier'))).toMatchObject({ connections: [] })

    runEngine(app)
    const phone = newPhone()
    await smsc.persist(message(phone, 'Code 482913'))
    expect(await stored(phone)).toEqual(['Code 482913'])
    await app.refresh()
    await vi.waitFor(async () => {
      const shown = jsonOf(await suppliers('show', 'carrier'))
      expect(shown).toMatchObject({
        ...{ inbound_url: null, messages_24h: 1 },
        settings: { url, password: 'set', binds: '1' },
        connections: [{ slot: 1, bound_at: expect.any(String), reason: null }],
      })
      expect(JSON.stringify(shown)).not.toContain(password)
    }, patience)
    await suppliers('pause', 'carrier')
    await app.refresh()
    expect(await smsc.deliver(message(phone, 'Code 482914'))).toBe(ok)
    expect(await stored(phone)).toEqual(['Code 482913', 'Code 482914'])
    await suppliers('disable', 'carrier')
    await vi.waitFor(() => expect(smsc.bound.every(({ isOpen }) => !isOpen)).toBe(true), patience)
  })

  it('says what the SMSC said to a bind, and that nobody answers', async () => {
    const smsc = await testSmsc({ bindStatus: () => 0x0e })
    await add('refused', `smpp://127.0.0.1:${smsc.port}`)
    const refused = await suppliers('test', 'refused')
    expect([refused.code, connectionOf(refused)]).toMatchObject([
      1,
      { ok: false, detail: expect.stringContaining('ESME_RINVPASWD (the password is wrong)') },
    ])
    expect(refused.stdout).not.toContain(password)
    const bound = await testSmsc({ bindStatus: () => 0x05 })
    await suppliers('set', 'refused', '--set', `url=smpp://127.0.0.1:${bound.port}`)
    expect(connectionOf(await suppliers('test', 'refused'))).toMatchObject({
      detail: expect.stringContaining('holds the bind'),
    })
    await suppliers('set', 'refused', '--set', 'url=smpp://127.0.0.1:1')
    expect(connectionOf(await suppliers('test', 'refused'))).toMatchObject({
      ...{ ok: false, detail: expect.stringContaining('ECONNREFUSED') },
    })
  })

  it.each([
    ['url=http://smsc.example.com', 'url must look like smpp://smsc.example.com:2775'],
    ['url=smpp://', 'url must look like smpp://'],
    ['url=smpp://user:pw@smsc.example.com', 'url must look like smpp://'],
    ['url=smpp://smsc.example.com/path', 'url must look like smpp://'],
    ['url=smpp://smsc.example.com:0', 'url must look like smpp://'],
    ['system_id=longer-than-15-chars', 'system_id must have at most 15 characters'],
    ['system_type=longer-than-12', 'system_type must have at most 12 characters'],
    ['bind=transmitter', 'bind must be one of receiver, transceiver'],
    ['binds=9', 'binds must be a number from 1 to 8'],
    ['window=0', 'window must be a number from 1 to 1000'],
    ['default_alphabet=ebcdic', 'default_alphabet must be one of gsm7'],
    ['ca=none', 'ca must be a certificate in PEM'],
  ])('refuses %s', async (setting, reason) => {
    const [key] = setting.split('=')
    const others = key === 'url' ? [] : ['--set', 'url=smpp://smsc.example.com']
    const id = key === 'system_id' ? [] : ['--set', 'system_id=numlet']
    const refused = await suppliers(
      ...['add', 'wrong', '--kind', 'smpp', '--set', setting, ...others, ...id],
      ...['--secret', `password=${password}`],
    )
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(reason)
    expect(refused.stderr).not.toContain(password)
  })
})
