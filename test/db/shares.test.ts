// Turns for connections: shared out by kind and by account, and given back.
import { describe, expect, it } from 'vitest'
import { forAccount, forNobody, openShare } from '../../src/db/shares.ts'

describe('H4: a share', () => {
  it('gives one account less than all, and the rest to others, in turn', async () => {
    const share = openShare({ all: 3, ofAccount: 2 })
    const order: string[] = []
    const take = (accountId: number, name: string) =>
      forAccount(accountId, async () => {
        const leave = await share.take()
        order.push(name)
        return leave
      })
    const first = await take(1, 'a')
    await take(1, 'b')
    const third = take(1, 'c')
    const other = await take(2, 'd')
    const late = take(3, 'e')
    await Promise.resolve()
    expect(order).toEqual(['a', 'b', 'd'])
    other()
    await late
    expect(order).toEqual(['a', 'b', 'd', 'e'])
    first()
    await third
    expect(order).toEqual(['a', 'b', 'd', 'e', 'c'])
  })

  it('lets a caller wait for so long only, and forgets one who gave up', async () => {
    const share = openShare({ all: 1, ofAccount: 1 }, 1)
    const leave = await share.take()
    await expect(forAccount(1, () => share.take())).rejects.toThrow('too busy')
    leave()
    ;(await share.take())()
  })

  it('counts shared work as nobody’s', async () => {
    const share = openShare({ all: 2, ofAccount: 1 })
    await forAccount(7, async () => {
      await share.take()
      const shared = forNobody(() => share.take())
      ;(await shared())()
    })
  })
})
