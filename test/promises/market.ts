// A market of these tests' own: few offers, few numbers (all kept for fiction), and proofs about them.
import { expect } from 'vitest'
import { type AuditReport, audit } from '../../src/core/audit/audit.ts'
import { ensureOperator } from '../../src/core/catalog/operators.ts'
import { putOffers } from '../../src/core/catalog/set-offers.ts'
import { importNumbers } from '../../src/core/inventory/import.ts'
import { type Amount, parseAmount } from '../../src/core/money.ts'
import { anyNumber, type Selection } from '../../src/core/orders/buying/selection.ts'
import type { Database } from '../../src/db/database.ts'
import { isBusy } from '../../src/db/errors.ts'

/** Services of the catalog that these tests sell, by their ids. */
export const services = { whatsapp: 1012, telegram: 22, other: 125 } as const
export type ServiceName = keyof typeof services

export type Shelf = {
  readonly country: string
  readonly operator: string
  readonly pool: string
  readonly phones: readonly string[]
  /** What a number costs for each service, in US dollars. */
  readonly prices: Readonly<Partial<Record<ServiceName, string>>>
}

/** Mobile numbers that Ofcom keeps for drama: +44 7700 900000 to 900999. */
export const dramaNumbers = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => `+447700900${String(first + index).padStart(3, '0')}`)

/** Numbers that the North American plan keeps for fiction in an area: 555-0100 to 555-0199. */
export const filmNumbers = (area: string, count: number, first = 100) =>
  Array.from({ length: count }, (_, index) => `+1${area}5550${first + index}`)

/** Puts shelves with their numbers on sale. @returns the operators' ids by name */
export async function openMarket(
  db: Database,
  supplierId: number,
  shelves: readonly Shelf[],
): Promise<Map<string, number>> {
  const operators = new Map<string, number>()
  for (const shelf of shelves) {
    const { id: operatorId } = await ensureOperator(db, shelf.country, shelf.operator)
    operators.set(shelf.operator, operatorId)
    const { country, pool } = shelf
    const place = { country, operatorId, pool }
    await db.begin((tx) =>
      putOffers(
        tx,
        Object.entries(shelf.prices).map(([service, price]) => ({
          kind: 'activation' as const,
          serviceId: services[service as ServiceName],
          ...place,
          price: parseAmount(price) as Amount,
        })),
      ),
    )
    await importNumbers(db, { supplierId, ...place, phones: shelf.phones })
  }
  return operators
}

/** A selection for any number of a service. */
export const anyNumberFor = (service: ServiceName): Selection => ({
  ...anyNumber,
  serviceId: services[service],
})

/** The books, the leases and the stock are right, as an operator would find it. */
export async function expectCleanAudit(db: Database, now = new Date()): Promise<void> {
  expect(wrongIn(await audit(db, now))).toEqual([])
}

export const wrongIn = (report: AuditReport) => report.checks.filter((check) => !check.ok)

export type Lots = ReturnType<typeof lots>

/** Random numbers from a seed, so that a failure can be had again. */
export function lots(seed: number) {
  let state = seed >>> 0
  /** From 0 to 1, without 1. */
  const share = () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(share() * limit)
  const oneOf = <T>(list: readonly T[]) => list[below(list.length)] as T
  return { share, below, oneOf }
}

/** What a call gave, or the code of its refusal. Anything else is thrown. */
export function outcomeOf<T>(call: Promise<T>): Promise<T | string> {
  return call.catch((error: { name?: string; code?: string }) => {
    // Customers are told to try again: on a busy machine a lock is not always free in time.
    if (isBusy(error)) return 'busy'
    if (error.name !== 'DomainError') throw error
    return error.code as string
  })
}
