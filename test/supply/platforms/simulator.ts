// The simulated platform, as operators rehearse with it.
import { afterAll } from 'vitest'
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import {
  type MarketTerms,
  ordersAt,
  textAt,
} from '../../../src/supply/simulator/platform/market.ts'
import type { Conduct } from '../../../src/supply/simulator/platform/misbehaviour.ts'
import { startPlatform } from '../../../src/supply/simulator/platform/server.ts'
import type { PlatformSample } from './platform.ts'

export const key = 'rehearsal-key'
export const good: Conduct = { has: () => false, ourPhone: null }

/** One whose time is told, and which sends no codes by itself unless it is said. Ends with the file. */
export async function openSimulator(more: Partial<MarketTerms> = {}) {
  let now = new Date()
  const terms = { price: 5_000n, balance: 1_000_000n, numbers: 1_000, codeAfterS: null }
  const platform = await startPlatform({ ...terms, now: () => now, ...more }, { port: 0, key })
  afterAll(() => platform.stop())
  const advance = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000)
  }
  return { ...platform, advance }
}

export const simulatorSample: PlatformSample = {
  name: `${handlerApiKind.title}: the simulator`,
  kind: handlerApiKind,
  async open() {
    const { url, market, advance } = await openSimulator()
    return {
      settings: { url, api_key: key, profile: 'vanilla', currency: 'USD' },
      advance,
      text: async (phone, wording) => textAt(market, phone.slice(1), wording),
      orders: async () =>
        ordersAt(market, good).map(({ phone, state }) => ({ phone: `+${phone}`, state })),
      async sellOut() {
        market.numbers = 0
      },
    }
  },
}
