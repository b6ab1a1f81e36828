// Purchases at a steady rate, whatever else the server does, and how long they take.

import { usedServices } from './buy.ts'
import type { Platform, ServerProcess } from './ground.ts'
import { benchCountries } from './ground.ts'
import { type KeptConnection, keptConnection, requestText } from './http-load.ts'
import { percentile } from './measure.ts'

const connections = 50

export type Latencies = {
  readonly purchases: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export type SteadyPurchases = {
  /** Does some work. @returns the seconds that it took, and the purchases that began meanwhile */
  during(work: () => Promise<unknown>): Promise<{ readonly seconds: number } & Latencies>
  stop(): Promise<void>
}

type Purchase = { readonly due: number; readonly ms: number; readonly status: number }

/** Buys so many times a second. A purchase counts from the time at which it was due, also if all connections
 * were busy then. */
export async function steadyPurchases(
  server: ServerProcess,
  platform: Platform,
  perSecond: number,
): Promise<SteadyPurchases> {
  const idle = await Promise.all(Array.from({ length: connections }, () => keptConnection(server)))
  const all = [...idle]
  const done: Purchase[] = []
  const waiting: number[] = []
  const open = new Set<Promise<void>>()
  const start = performance.now()
  let begun = 0
  const buy = async (connection: KeptConnection, due: number) => {
    const { status } = await connection.ask(anyPurchase(platform))
    done.push({ due, ms: performance.now() - due, status })
    const next = waiting.shift()
    if (next === undefined) idle.push(connection)
    else begin(connection, next)
  }
  const begin = (connection: KeptConnection, due: number) => {
    const one = buy(connection, due).finally(() => open.delete(one))
    open.add(one)
  }
  const timer = setInterval(() => {
    for (; start + (begun * 1000) / perSecond <= performance.now(); begun++) {
      const due = start + (begun * 1000) / perSecond
      // In turns: one that stays idle for long is closed by the server.
      const connection = idle.shift()
      if (connection) begin(connection, due)
      else waiting.push(due)
    }
  }, 1)
  const settle = async () => {
    while (open.size > 0) await Promise.all(open)
  }
  return {
    async during(work) {
      const from = performance.now()
      await work()
      const to = performance.now()
      // Those that began in this time are waited for, and no others.
      while (waiting.some((due) => due <= to)) await Promise.race(open)
      await Promise.all(open)
      const some = done.filter(({ due }) => due >= from && due <= to)
      return { seconds: (to - from) / 1000, ...latencies(some) }
    },
    async stop() {
      clearInterval(timer)
      await settle()
      for (const connection of all) connection.close()
    },
  }
}

function anyPurchase({ keys }: Platform): string {
  const pick = <T>(list: readonly T[]) => list[Math.floor(Math.random() * list.length)] as T
  return requestText(
    'POST',
    '/v1/orders',
    { authorization: `Bearer ${pick(keys)}` },
    JSON.stringify({ service: pick(usedServices), country: pick(benchCountries) }),
  )
}

function latencies(purchases: readonly Purchase[]): Latencies {
  if (purchases.length === 0) throw new Error('nothing was bought meanwhile')
  const times = purchases.map(({ ms }) => ms)
  return {
    purchases: purchases.length,
    failed: purchases.filter(({ status }) => status !== 201).length,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    max: Math.max(...times),
  }
}
