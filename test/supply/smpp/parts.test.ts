// Messages in parts over SMPP: in any order, repeated, interleaved, over several servers.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { listSessions } from '../../../src/core/inbound/sessions.ts'
import {
  message,
  newPhone,
  ok,
  partMessage,
  quickTimes,
  runEngine,
  smppSupplier,
  twoServers,
} from './node.ts'
import { patience, testSmsc } from './smsc.ts'

/** All orders of the places 0 to n - 1. */
function orders(n: number): number[][] {
  if (n === 0) return [[]]
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => order.toSpliced(at, 0, n - 1)),
  )
}

describe('a connection to an SMSC', async () => {
  const { server, other, db, app, advance, outcomes, ...servers } = await twoServers()
  let phone = ''
  beforeEach(() => {
    phone = newPhone()
  })
  /** What the job does some seconds later, also for a node that could not. */
  const handOut = async (afterS: number) => {
    advance(afterS)
    while ((await app.inbound.handOutDue(app.now())) > 0);
  }
  const stored = (to = phone) => servers.stored(to)
  describe('makes one message of parts', () => {
    const texts = ['Your WhatsApp ', 'code is ', '593-821. ', 'Do not ', 'share it.'] as const
    const part = (to: string, number: number, reference = 42) =>
      partMessage(to, { reference, total: 5, number }, texts[number - 1] as string)
    const whole = texts.join('')

    it('in every order', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app)
      const all = orders(5).map((order) => ({ order, to: newPhone() }))
      for (const turn of [0, 1, 2, 3, 4])
        await Promise.all(
          all.map(async ({ order, to }) => {
            const number = (order[turn] as number) + 1
            await smsc.persist(part(to, number))
          }),
        )
      await handOut(60)
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
      for (const number of [1, 2, 3, 4]) await smsc.persist(part(phone, number))
      await handOut(60)
      expect(await stored()).toEqual([whole])
    })

    it('that come again after a quarter of an hour, their acknowledgement lost', async () => {
      const smsc = await testSmsc()
      await smppSupplier(db, smsc.port)
      runEngine(app, { times: { ...quickTimes, enquireMs: 600_000 } })
      for (const number of [1, 2, 3, 4, 5]) expect(await smsc.deliver(part(phone, number))).toBe(ok)
      smsc.drop()
      await vi.waitFor(() => expect(smsc.bound).toHaveLength(2), patience)
      advance(900)
      for (const number of [4, 5]) expect(await smsc.deliver(part(phone, number))).toBe(ok)
      await handOut(300)
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
      await handOut(300)
      expect(await stored()).toEqual([`${texts[0]}[...]${texts[2]}[...]`])
    })
  })
})
