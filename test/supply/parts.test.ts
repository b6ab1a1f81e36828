// Messages that come in parts: in any order, on any server, more than once, and never lost.
import { beforeEach, describe, expect, it } from 'vitest'
import {
  addPart,
  claimSplits,
  handOut,
  type Part,
  patienceS,
} from '../../src/core/inbound/parts.ts'
import { serverOn, testServer, testSupplier } from '../harness/server.ts'

const sender = '+12015550188'
const texts = ['Your WhatsApp code ', 'is 593-821. Do not ', 'share it.'] as const

/** All orders of the places 0 to n - 1. */
function orders(n: number): number[][] {
  if (n === 0) return [[]]
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => order.toSpliced(at, 0, n - 1)),
  )
}

describe('a message in parts', async () => {
  const server = await testServer()
  const other = await serverOn(server.databaseUrl)
  const { db } = server
  const { supplierId } = await testSupplier(db)
  let phones = 100
  let phone = ''
  beforeEach(() => {
    phone = `+1201555${String(phones++).padStart(4, '0')}`
  })

  const partOf = (number: number, change: Partial<Part> = {}): Part => ({
    ...{ supplierId, phone, sender, reference: '17', total: texts.length, number },
    ref: `part ${phone} ${number}`,
    text: texts[number - 1] as string,
    ...change,
  })
  /** As a request of the vendor does: stores a part, and hands out what it makes whole. */
  const send = async (part: Part, { app } = server) => {
    const whole = await addPart(app.db, app.now(), part)
    if (whole !== null) await handOut(app.db, app.now(), app.messages.receive, whole)
    return whole
  }
  const runJob = async ({ app } = server) => {
    while ((await app.inbound.handOutDue(app.now())) > 0);
  }
  const stored = (to = phone) =>
    db.query<{ text: string; supplier_ref: string }>(
      'select text, supplier_ref from messages where phone = $1 order by id',
      [to],
    )

  for (const order of orders(texts.length))
    it(`is one message when its parts come as ${order.map((at) => at + 1).join(', ')}`, async () => {
      for (const [turn, at] of order.entries()) {
        expect(await stored()).toEqual([])
        await send(partOf(at + 1), turn % 2 === 0 ? server : other)
      }
      expect(await stored()).toEqual([{ text: texts.join(''), supplier_ref: `part ${phone} 1` }])
    })

  it('is one message when its parts come at the same moment on two servers', async () => {
    const copies = [server, other].flatMap((one) => [1, 2, 3].map((n) => ({ one, n })))
    await Promise.all(copies.map(({ one, n }) => send(partOf(n), one)))
    expect(await stored()).toMatchObject([{ text: texts.join('') }])
    await runJob()
    expect(await stored()).toHaveLength(1)
  })

  it('does not mind parts that come again, before and after it is whole', async () => {
    for (const number of [1, 1, 3, 2, 2, 1, 3]) await send(partOf(number))
    server.advance(patienceS)
    await send(partOf(2))
    server.advance(patienceS)
    await runJob()
    expect(await stored()).toMatchObject([{ text: texts.join('') }])
  })

  it('takes a part under another id, with the same text, as the same', async () => {
    await send(partOf(1))
    await send(partOf(1, { ref: 'another id' }))
    for (const number of [2, 3]) await send(partOf(number))
    expect(await stored()).toMatchObject([{ text: texts.join('') }])
  })

  it('is told from others by number, sender, reference and count of parts', async () => {
    const second = `${phone.slice(0, -4)}9${phone.slice(-3)}`
    const all = [
      { phone: second },
      { sender: '+12015550189' },
      { reference: '18' },
      { total: 4 },
    ].map((change, i) => ({ ...change, ref: `other ${phone} ${i}` }))
    await send(partOf(1))
    for (const change of all) await send(partOf(1, { ...change, text: 'another. ' }))
    for (const number of [2, 3]) await send(partOf(number))
    expect(await stored()).toMatchObject([{ text: texts.join('') }])
    expect(await stored(second)).toEqual([])
  })

  it('without ids is whole, too, and the same parts again within minutes change nothing', async () => {
    for (let time = 0; time < 2; time++)
      for (const number of [3, 1, 2]) await send(partOf(number, { ref: null }))
    server.advance(patienceS)
    await runJob()
    expect(await stored()).toMatchObject([
      { text: texts.join(''), supplier_ref: expect.stringMatching(/^parts \d+$/) },
    ])
  })

  it('is handed out after five minutes as it is, with a mark for each gap', async () => {
    for (const number of [2, 5]) await send(partOf(number, { total: 6, text: `(${number})` }))
    server.advance(patienceS - 1)
    await runJob()
    expect(await stored()).toEqual([])
    server.advance(1)
    await runJob()
    expect(await stored()).toEqual([
      { text: '[...](2)[...](5)[...]', supplier_ref: `part ${phone} 2` },
    ])
    await runJob(other)
    expect(await stored()).toHaveLength(1)
  })

  it('does not lose a part that comes after that', async () => {
    for (const number of [1, 2]) await send(partOf(number))
    server.advance(patienceS)
    await runJob()
    await send(partOf(3))
    server.advance(patienceS)
    await runJob()
    expect((await stored()).map(({ text }) => text)).toEqual([
      `${texts[0]}${texts[1]}[...]`,
      `[...]${texts[2]}`,
    ])
  })

  it('ends where its reference is used again, and neither loses a part', async () => {
    for (const number of [1, 3]) await send(partOf(number))
    const fresh = (number: number) =>
      partOf(number, { ref: `fresh ${phone} ${number}`, text: `new ${number}. ` })
    for (const number of [1, 2, 3]) await send(fresh(number))
    await runJob()
    expect((await stored()).map(({ text }) => text).sort()).toEqual(
      ['new 1. new 2. new 3. ', `${texts[0]}[...]${texts[2]}`].sort(),
    )
  })

  it('is handed out by a job when the process that made it whole has died', async () => {
    for (const number of [1, 2, 3]) await addPart(db, server.app.now(), partOf(number))
    await runJob()
    expect(await stored()).toEqual([])
    server.advance(60)
    await Promise.all([runJob(), runJob(other)])
    expect(await stored()).toMatchObject([{ text: texts.join('') }])
  })

  it('is one message when it was received, and the process died before it said so', async () => {
    for (const number of [1, 2]) await addPart(db, server.app.now(), partOf(number))
    const whole = (await addPart(db, server.app.now(), partOf(3))) as bigint
    const dying = { ...db, begin: () => Promise.reject(new Error('the process has died')) }
    const receive = server.app.messages.receive
    await expect(handOut(dying, server.app.now(), receive, whole)).rejects.toThrow('has died')
    server.advance(60)
    await runJob()
    expect(await stored()).toHaveLength(1)
    expect(await claimSplits(db, server.app.now())).toEqual([])
  })

  it('leaves no text behind when it was handed out', async () => {
    for (const number of [1, 2, 3]) await send(partOf(number))
    const left = await db.query(
      `select p.text from message_parts p join split_messages s on s.id = p.split_id
        where s.phone = $1 and p.text is not null`,
      [phone],
    )
    expect(left).toEqual([])
  })
})
