// The rules of delivery without any network: when it is tried again, and who gets the free slots.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { secretKeeper } from '../../src/core/vault/secret-keeper.ts'
import { maxRetryAfterS, nextAttempt, parseRetryAfter } from '../../src/core/webhooks/retry.ts'
import { circuitBreaker } from '../../src/engine/breaker.ts'
import { shareOut } from '../../src/engine/shares.ts'
import { laneOf } from '../../src/push/work.ts'
import { testVault } from '../harness/database.ts'

const now = new Date('2026-11-20T09:30:00.000Z')

describe('the next attempt', () => {
  const waits = (fast: boolean, luck: number) => {
    const all: number[] = []
    for (let attempts = 1; ; attempts++) {
      const next = nextAttempt(now, { fast, attempts, retryAfterS: null }, luck)
      if (!next) return all
      all.push((next.getTime() - now.getTime()) / 1000)
    }
  }

  it('comes soon for codes, later for the rest, and for more than a day for all', () => {
    expect(waits(true, 0).slice(0, 5)).toEqual([2, 5, 15, 60, 300])
    expect(waits(false, 0)[0]).toBe(30)
    for (const fast of [true, false]) {
      const all = waits(fast, 0)
      expect(all).toEqual(all.toSorted((a, b) => a - b))
      expect(all.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(24 * 3_600)
    }
  })

  it('is never earlier than that, and a fifth later at most', () => {
    const plain = waits(true, 0)
    for (const [place, waitS] of waits(true, 1).entries())
      expect(waitS).toBeCloseTo((plain[place] as number) * 1.2)
  })

  it('waits as long as the receiver asks for, within a bound', () => {
    const waiting = (retryAfterS: number) =>
      nextAttempt(now, { fast: true, attempts: 1, retryAfterS }, 0)?.getTime()
    expect(waiting(1)).toBe(now.getTime() + 2_000)
    expect(waiting(120)).toBe(now.getTime() + 120_000)
    expect(waiting(10 ** 9)).toBe(now.getTime() + maxRetryAfterS * 1_000)
  })

  it('reads Retry-After in both forms', () => {
    expect(parseRetryAfter('120', now)).toBe(120)
    expect(parseRetryAfter('Fri, 20 Nov 2026 09:31:00 GMT', now)).toBe(60)
    expect(parseRetryAfter('Fri, 20 Nov 2020 09:31:00 GMT', now)).toBe(0)
    for (const none of [undefined, '', '-1', '1.5', 'soon', '1 day', '9'.repeat(400)])
      expect(parseRetryAfter(none, now)).toBeNull()
  })
})

describe('free slots', () => {
  const slots = { all: 12, slow: 9, ofAccount: 4, ofHost: 6 }
  type Queue = { endpointId?: number; host?: string; fast?: boolean }
  const queue = (accountId: number, more: Queue = {}) => {
    const { endpointId = accountId * 10, host = `host${accountId}`, fast = false } = more
    return laneOf({ endpointId, accountId, url: `https://${host}/`, fast, dueAt: now }, slots)
  }
  type Lanes = ReturnType<typeof queue>[]
  const given = (lanes: Lanes, startAfter = 0, allowance = (_target: string) => 99) =>
    shareOut(lanes, { all: slots.all, used: new Map(), allowance }, startAfter)
  const share = (...about: Parameters<typeof given>) =>
    given(...about).map(
      ({ lane: { queue, isFast }, count }) => `${queue.endpointId}${isFast ? '!' : ''} ${count}`,
    )

  it('go to each account in turn', () => {
    expect(share([queue(1)])).toEqual(['10 4'])
    expect(share([queue(1), queue(2), queue(3)])).toEqual(['10 3', '20 3', '30 3'])
    expect(share([queue(1), queue(1, { endpointId: 11 })])).toEqual(['10 2', '11 2'])
  })

  it('go on behind the account that was last', () => {
    const many = Array.from({ length: 20 }, (_, place) => queue(place + 1))
    expect(share(many)[0]).toBe('10 1')
    expect(share(many, 9)[0]).toBe('100 1')
    expect(share(many, 20)[0]).toBe('10 1')
  })

  it('go to codes first, and are never all taken by the rest', () => {
    const codes = queue(2, { fast: true })
    expect(share([queue(1), codes])[0]).toBe('20! 4')
    const rest = Array.from({ length: 20 }, (_, place) => queue(place + 1))
    expect(share(rest)).toHaveLength(slots.slow)
  })

  it('are limited by host, and by its breaker', () => {
    const same = [1, 2, 3].map((id) => queue(id, { host: 'one.example.com' }))
    expect(share(same)).toEqual(['10 2', '20 2', '30 2'])
    expect(share(same, 0, () => 1)).toEqual(['10 1', '20 1', '30 1'])
    expect(share(same, 0, (target) => (target === '1 one.example.com' ? 0 : 99))).toEqual([
      '20 3',
      '30 3',
    ])
    expect(share(same, 0, () => 0)).toEqual([])
  })

  it('never exceed a limit, and none stays free that somebody may have', () => {
    const candidates = fc.array(
      fc.record({ account: fc.nat(5), host: fc.nat(3), fast: fc.boolean() }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(candidates, fc.nat(5), (wanted, startAfter) => {
        const queues = wanted.map(({ account, host, fast }, place) =>
          queue(account, { endpointId: place, host: `host${host}`, fast }),
        )
        const taken = given(queues, startAfter).flatMap(({ lane, count }) =>
          Array.from({ length: count }, () => lane),
        )
        const count = (is: (one: Lanes[number]) => boolean) => taken.filter(is).length
        expect(taken.length).toBeLessThanOrEqual(slots.all)
        expect(count((one) => !one.isFast)).toBeLessThanOrEqual(slots.slow)
        for (const one of queues) {
          const ofAccount = count((other) => other.owner === one.owner)
          const ofHost = count((other) => other.places.at(-1)?.[0] === one.places.at(-1)?.[0])
          expect(ofAccount).toBeLessThanOrEqual(slots.ofAccount)
          expect(ofHost).toBeLessThanOrEqual(slots.ofHost)
          const isFull =
            taken.length === slots.all ||
            ofAccount === slots.ofAccount ||
            ofHost === slots.ofHost ||
            (!one.isFast && count((other) => !other.isFast) === slots.slow)
          expect(isFull).toBe(true)
        }
      }),
    )
  })
})

describe('the breaker of a host', () => {
  it('opens after five silences, lets one through after a pause, and closes with an answer', () => {
    const breaker = circuitBreaker(6)
    for (let silence = 0; silence < 4; silence++) breaker.unanswered('a', 0)
    expect(breaker.allowance('a', 0)).toBe(6)
    breaker.unanswered('a', 0)
    expect(breaker.allowance('a', 0)).toBe(0)
    expect(breaker.allowance('b', 0)).toBe(6)
    expect(breaker.allowance('a', 5_000)).toBe(1)
    breaker.unanswered('a', 5_000)
    expect(breaker.allowance('a', 14_000)).toBe(0)
    expect(breaker.allowance('a', 15_000)).toBe(1)
    breaker.answered('a')
    expect(breaker.allowance('a', 15_000)).toBe(6)
  })

  it('looks again after a minute at the latest', () => {
    const breaker = circuitBreaker(6)
    let at = 0
    for (let silence = 0; silence < 50; silence++) {
      breaker.unanswered('a', at)
      at += 60_000
      expect(breaker.allowance('a', at)).toBeGreaterThan(0)
    }
  })

  it('is not held up by the answers that were still under way', () => {
    const breaker = circuitBreaker(6)
    for (let silence = 0; silence < 100; silence++) breaker.unanswered('a', 0)
    expect(breaker.allowance('a', 5_000)).toBe(1)
  })
})

describe('secrets', () => {
  const sources = {
    sealed: { open: async () => testVault, openOrMake: async () => testVault },
    plain: { open: async () => null, openOrMake: async () => null },
  }

  it('are sealed where there is a key, and read again', async () => {
    const keeper = secretKeeper(sources.sealed)
    const stored = await keeper.keep('whsec_a-secret')
    expect(stored).not.toContain('a-secret')
    expect(await keeper.read(stored)).toBe('whsec_a-secret')
    await expect(secretKeeper(sources.plain).read(stored)).rejects.toThrow('no encryption key')
  })

  it('stay as they are where there is none, also once there is one', async () => {
    const stored = await secretKeeper(sources.plain).keep('sealed:whsec_a-secret')
    expect(await secretKeeper(sources.plain).read(stored)).toBe('sealed:whsec_a-secret')
    expect(await secretKeeper(sources.sealed).read(stored)).toBe('sealed:whsec_a-secret')
  })
})
