// Suppliers that say that something has changed, by calls and by a stream: what they name is read at once,
// and nothing else happens.
import { afterAll, describe, expect, it } from 'vitest'
import { rotateHookToken } from '../../../src/core/inventory/suppliers.ts'
import { insideOn } from '../../cli/inside.ts'
import { jsonOf } from '../../cli/program.ts'
import { expectCleanAudit } from '../../promises/market.ts'
import { askingDesk, numletPeer } from './peer.ts'

describe('a call of another platform', async () => {
  const peer = await numletPeer()
  const desk = await askingDesk(peer)
  const { db, url, between, supplierName, buy, work, pass, read } = desk
  const { token } = await rotateHookToken(db, supplierName)
  const hint = async (body: string, of = `${supplierName}/${token}`) => {
    const type = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/api/supply/${of}`, { method: 'POST', body, headers: type })
    return { status: answer.status, text: await answer.text() }
  }
  const refOf = async (id: bigint) => {
    const [row] = await db.query<{ ref: string }>(
      'select upstream_ref as ref from allocations where order_id = $1',
      [id],
    )
    return (row as { ref: string }).ref
  }
  const bodyOf = (ref: string) => JSON.stringify({ data: { id: ref } })
  /** An order that has been read just now. */
  const fresh = async () => {
    const id = await buy()
    await work()
    await pass(4)
    return { id, ref: await refOf(id), phone: (await read(id)).phone as string }
  }
  const hinted = () =>
    db.query('select id, hinted_at from allocations where hinted_at is not null order by id')

  it('has its code read at once', async () => {
    const { id, ref, phone } = await fresh()
    await peer.send(phone, 'Your WhatsApp code: 593-821')
    await work()
    expect(await read(id)).toMatchObject({ state: 'waiting' })
    expect(await hint(bodyOf(ref))).toEqual({ status: 200, text: '' })
    await work()
    expect(await read(id)).toMatchObject({ state: 'received', code: '593821' })
    await expectCleanAudit(db)
  })

  it('has a number read once a second, however often it comes', async () => {
    const { ref } = await fresh()
    const reads = () => between.passed.filter(({ path }) => path.endsWith(ref)).length
    const before = reads()
    const answers = await Promise.all(Array.from({ length: 30 }, () => hint(bodyOf(ref))))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    await work()
    expect(reads()).toBe(before + 1)
    // After the reading: there may be news since.
    for (let time = 0; time < 5; time++) await hint(bodyOf(ref))
    await work()
    expect(reads()).toBe(before + 1)
    await pass(1)
    expect(reads()).toBe(before + 2)
  })

  it('that names nothing of ours, or has no token, is answered the same, and changes nothing', async () => {
    const { ref } = await fresh()
    const before = await hinted()
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      bodyOf('ord_unknown'),
      bodyOf(''),
      '\u0000',
      '{"data":{"id":1}}',
    ]
    for (const body of bodies) expect(await hint(body)).toEqual({ status: 200, text: '' })
    const wrong = [
      `${supplierName}/nlh_wrong`,
      `nobody/${token}`,
      `${supplierName}/%00`,
      `${supplierName}/%FF`,
    ]
    for (const of of wrong.slice(0, 3))
      expect(await hint(bodyOf(ref), of)).toEqual({ status: 200, text: '' })
    await rotateHookToken(db, supplierName)
    // Each node knows of a change within moments; what counts is the hash in the table.
    const [row] = await db.query<{ same: boolean }>(
      `select hook_token_hash = sha256(convert_to($2, 'UTF8')) as same from suppliers where name = $1`,
      [supplierName, token],
    )
    expect(row?.same).toBe(false)
    expect(await hinted()).toEqual(before)
  })
})

it('a call by GET names the order in its query', async () => {
  const { db, url, supplierId, supplierName, buy, work } = await askingDesk(await numletPeer())
  await buy()
  await work()
  // As if it were of the family that calls so.
  await db.query(`update allocations set upstream_ref = '4711'`)
  await db.query(`update suppliers set kind = 'handler-api' where id = $1`, [supplierId])
  const { token } = await rotateHookToken(db, supplierName)
  const at = `${url}/api/supply/${supplierName}/${token}`
  const hinted = () => db.query('select 1 as yes from allocations where hinted_at is not null')
  for (const query of ['', '?', '?activationId=', '?activationId=4712', '?%', '?activationId=%00'])
    expect((await fetch(`${at}${query}`)).status).toBe(200)
  expect(await hinted()).toEqual([])
  expect((await fetch(`${at}?activationId=4711`)).status).toBe(200)
  expect(await hinted()).toHaveLength(1)
})

describe('a platform that calls all the time', async () => {
  const peer = await numletPeer({ NUMLET_RATE_LIMIT: '60' })
  const { app, db, between, supplierId, buy, work, pass, read } = await askingDesk(peer)

  it('is asked no more than it allows, and all other numbers are read', async () => {
    const ids: bigint[] = []
    for (let order = 0; order < 6; order++) ids.push(await buy())
    await work()
    const [first] = await db.query<{ ref: string }>(
      'select upstream_ref as ref from allocations order by id limit 1',
    )
    const before = between.passed.length
    for (let second = 0; second < 300; second++) {
      await app.supply.hint(supplierId, (first as { ref: string }).ref)
      await pass(1)
      if (second !== 200) continue
      const other = await read(ids[5] as bigint)
      await peer.send(other.phone as string, 'Your WhatsApp code: 593-825')
    }
    // Half a request a second, and what may be ahead of it.
    expect(between.passed.length - before).toBeLessThanOrEqual(150 + 15 + 7)
    expect(await read(ids[5] as bigint)).toMatchObject({ state: 'received', code: '593825' })
    expect(between.passed.filter(({ status }) => status === 429)).toEqual([])
  }, 120_000)

  it('is left alone when it says so, whatever it names', async () => {
    const [one] = await db.query<{ ref: string }>(
      `select upstream_ref as ref from allocations where last_word is null order by id limit 1`,
    )
    await pass(60)
    between.answer({ status: 429, headers: { 'retry-after': '50' }, path: /^\/v1\/orders/ })
    await pass(15)
    const before = between.passed.length
    for (let second = 0; second < 30; second++) {
      await app.supply.hint(supplierId, (one as { ref: string }).ref)
      await pass(1)
    }
    expect(between.passed.length).toBe(before)
    between.answer(null)
  })
})

describe('the stream of another Numlet', async () => {
  const peer = await numletPeer()
  const desk = await askingDesk(peer)
  const { app, db, between, engine, engineOf, buy, work, read } = desk
  const other = engineOf(app)
  afterAll(() => Promise.all([engine.stop(), other.stop()]))
  const streams = () => between.passed.filter(({ path }) => path === '/v1/events').length
  const feed = async () => {
    const [row] = await db.query<{ cursor: string | null; leased: boolean }>(
      `select cursor, leased_until is not null as leased from supplier_feeds where feed = 'stream'`,
    )
    return row
  }
  const until = async (isThere: () => Promise<boolean> | boolean) => {
    for (let round = 1; !(await isThere()); round++) {
      await work()
      // A second hint of an order may be due a second later. Without any it is read after three.
      if (round % 100 === 0 && round <= 200) desk.advance(1)
    }
  }
  const isReceived = (id: bigint) => async () => (await read(id)).state === 'received'

  it('is followed by one node, and has what it names read at once', async () => {
    await Promise.all([engine.follow(), other.follow()])
    await until(() => streams() === 1)
    const id = await buy()
    await work()
    await peer.send((await read(id)).phone as string, 'Your WhatsApp code: 593-826')
    await until(isReceived(id))
    await Promise.all([engine.follow(), other.follow()])
    expect(streams()).toBe(1)
    await expectCleanAudit(db)
  }, 30_000)

  it('goes on where it ended, on another node', async () => {
    const follower = engineOf(app)
    await Promise.all([engine.stop(), other.stop()])
    const id = await buy()
    await work()
    const ended = await feed()
    expect(ended).toMatchObject({ leased: false, cursor: expect.stringMatching(/^evt_/) })
    await peer.send((await read(id)).phone as string, 'Your WhatsApp code: 593-827')
    await work()
    expect(await read(id)).toMatchObject({ state: 'waiting' })
    // A moment of rest after the end, in which the number is not due either.
    desk.advance(2)
    await follower.follow()
    await until(isReceived(id))
    await follower.stop()
    expect((await feed())?.cursor).not.toBe(ended?.cursor)
  }, 30_000)
})

it('the URL for calls is shown once, and made anew by rotate', async () => {
  const { databaseUrl } = await askingDesk(await numletPeer())
  const run = insideOn(databaseUrl)
  const add = (name: string, kind: string) =>
    run(
      ...['suppliers', 'add', name, '--kind', kind, '--set', 'url=https://numbers.example.com/v1'],
      ...['--secret', 'api_key=k1', '--json'],
    )
  const added = jsonOf(await add('hinting', 'numlet')) as { inbound_url: string }
  expect(added.inbound_url).toMatch(/\/api\/supply\/hinting\/nlh_[A-Za-z0-9]{40}$/)
  expect(jsonOf(await add('silent', 'fivesim'))).toMatchObject({ inbound_url: null })
  const shown = jsonOf(await run('suppliers', 'show', 'hinting', '--json'))
  expect(shown).toMatchObject({ inbound_url: null, settings: { rate_per_s: '1' } })
  const rotated = jsonOf(await run('suppliers', 'rotate', 'hinting', '--json')) as typeof added
  expect(rotated.inbound_url).toMatch(/\/api\/supply\/hinting\/nlh_[A-Za-z0-9]{40}$/)
  expect(rotated.inbound_url).not.toBe(added.inbound_url)
  expect((await run('suppliers', 'rotate', 'silent', '--json')).code).toBe(1)
})
