// Promise 5, its rule alone: whose a message is, over all mixes of leases, hints and signs.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Hint, isSure, type LeaseInForce, match } from '../../src/core/messages/match.ts'

const serviceId = fc.integer({ min: 1, max: 4 })
const lease = fc.record({
  serviceId,
  takesAny: fc.boolean(),
  endedAt: fc.option(
    fc.date({ min: new Date('2026-11-01'), max: new Date('2026-11-20'), noInvalidDate: true }),
  ),
})
/** What a number can have: one open lease for a service, and any that have ended. */
const leases = fc
  .array(lease, { maxLength: 6 })
  .map((all) =>
    all.filter(
      (one, place) =>
        one.endedAt !== null ||
        all.findIndex((other) => other.serviceId === one.serviceId && other.endedAt === null) ===
          place,
    ),
  )
  .map((all): LeaseInForce[] => all.map((one, place) => ({ ...one, orderId: BigInt(place + 1) })))
const hint = fc.record<Hint>({
  orderId: fc.option(fc.bigInt({ min: 1n, max: 8n }), { freq: 3 }),
  serviceId: fc.option(serviceId, { freq: 3 }),
})
const signs = fc.uniqueArray(fc.record({ serviceId, weight: fc.integer({ min: 1, max: 3 }) }), {
  selector: (sign) => sign.serviceId,
  maxLength: 3,
})
const now = new Date('2026-11-20T00:05:00Z')
const nobodys: Hint = { orderId: null, serviceId: null }
const isOpen = (one: LeaseInForce | null) => one !== null && one.endedAt === null

const always = (rule: (leases: LeaseInForce[], hint: Hint, signs: Signs) => void) =>
  fc.assert(fc.property(leases, hint, signs, rule), { numRuns: 5_000 })
type Signs = { serviceId: number; weight: number }[]

it('a message is given only to an order that has, or had, its number', () => {
  always((leases, hint, signs) => {
    const owner = match(leases, hint, signs, now)
    if (owner) expect(leases).toContain(owner)
  })
})

it('a message does not depend on the order in which the leases are read', () => {
  always((leases, hint, signs) => {
    const owner = match(leases, hint, signs, now)
    expect(match(leases.toReversed(), hint, signs, now)).toBe(owner)
  })
})

it('a late message that the supplier gives to a service is for the last order that had the number', () => {
  always((leases, hint, signs) => {
    const byService = { orderId: null, serviceId: hint.serviceId }
    const owner = match(leases, byService, signs, now)
    const named = leases.filter((one) => one.serviceId === hint.serviceId)
    if (named.length === 0 || named.some(isOpen)) return
    const ends = named.map((one) => Number(one.endedAt))
    expect(Number(owner?.endedAt)).toBe(Math.max(...ends))
  })
})

it('a message is not surely an order’s if another order of the number takes any', () => {
  always((leases, _, signs) => {
    const owner = match(leases, nobodys, signs, now)
    if (owner === null || !isSure(leases, owner, nobodys, signs)) return
    for (const one of leases)
      expect(
        one.orderId === owner.orderId || one.serviceId === owner.serviceId || !one.takesAny,
      ).toBe(true)
  })
})

it('a message that bears a service’s signs is never shown to an order for another service', () => {
  always((leases, _, signs) => {
    const owner = match(leases, nobodys, signs, now)
    if (owner === null || owner.endedAt !== null || signs.length === 0) return
    const isItsOwn = signs.some((sign) => sign.serviceId === owner.serviceId)
    expect(isItsOwn || owner.takesAny).toBe(true)
  })
})

it('a message goes to the strongest sign, and to nobody when two are alike', () => {
  always((leases, _, signs) => {
    const open = leases.filter(isOpen)
    const weightOf = (one: LeaseInForce) =>
      signs.find((sign) => sign.serviceId === one.serviceId)?.weight ?? 0
    const strongest = Math.max(0, ...open.map(weightOf))
    if (strongest === 0) return
    const best = open.filter((one) => weightOf(one) === strongest)
    const owner = match(leases, nobodys, signs, now)
    if (best.length === 1) expect(owner).toBe(best[0])
    else if (owner !== null) expect(owner.takesAny || !isOpen(owner)).toBe(true)
  })
})

it('a message without signs and hints goes to an open order only if there is no doubt', () => {
  always((leases) => {
    const open = leases.filter(isOpen)
    const anything = open.filter((one) => one.takesAny)
    const owner = match(leases, nobodys, [], now)
    if (!isOpen(owner)) return
    expect(anything.length === 1 ? anything : open).toEqual([owner])
  })
})

it('what the supplier says comes first', () => {
  always((leases, hint, signs) => {
    const named = leases.find((one) => one.orderId === hint.orderId)
    if (named && isOpen(named)) expect(match(leases, hint, signs, now)).toBe(named)
  })
})

it('a message without signs is nobody’s while it may be for a lease that has just ended', () => {
  const open = { orderId: 1n, serviceId: 1, takesAny: false, endedAt: null }
  const endedAgo = (minutes: number) => ({
    orderId: 2n,
    serviceId: 2,
    takesAny: false,
    endedAt: new Date(now.getTime() - minutes * 60_000),
  })
  expect(match([open, endedAgo(9)], nobodys, [], now)).toBe(null)
  expect(match([open, endedAgo(11)], nobodys, [], now)).toBe(open)
  expect(match([open, endedAgo(9)], nobodys, [{ serviceId: 1, weight: 1 }], now)).toBe(open)
})

it('signs tell for which of an order’s services it is; without any it is the order’s anyway', () => {
  const lease = (serviceId: number) => ({
    orderId: 1n,
    serviceId,
    takesAny: false,
    endedAt: null,
  })
  const [one, two] = [lease(1), lease(2)]
  const sign = [{ serviceId: 2, weight: 1 }]
  const named = { orderId: 1n, serviceId: null }
  expect(match([one, two], nobodys, sign, now)).toBe(two)
  expect(match([one, two], named, sign, now)).toBe(two)
  expect(match([one, two], { orderId: 1n, serviceId: 2 }, [], now)).toBe(two)
  expect(match([one, two], nobodys, [], now)).toEqual({ ...one, serviceId: null })
  expect(match([one, two], named, [], now)).toEqual({ ...one, serviceId: null })
  expect(match([one, two], nobodys, [{ serviceId: 3, weight: 1 }], now)).toBe(null)
  const stranger = { ...lease(3), orderId: 2n }
  expect(match([one, two, stranger], nobodys, [], now)).toBe(null)
})
