// The one rounding rule of prices: half up to the currency's coin, and never to nothing.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { testDatabase } from '../harness/database.ts'

const { db } = await testDatabase()

async function pricesIn(cases: readonly (readonly [bigint, string, number])[]): Promise<bigint[]> {
  const rows = await db.query<{ price: bigint }>(
    `select price_in(price, rate, decimals) as price
       from unnest($1::bigint[], $2::numeric[], $3::smallint[])
            with ordinality as t(price, rate, decimals, place) order by place`,
    [cases.map(([price]) => price), cases.map(([, rate]) => rate), cases.map(([, , n]) => n)],
  )
  return rows.map(({ price }) => price)
}

it('rounds half up to the coin of the currency', async () => {
  // Amounts in ten-thousandths: 0.37 is 3,700.
  const cases = [
    [3_700n, '151.337', 0, 560_000n], // 55.99... yen
    [3_700n, '0.91873', 2, 3_400n], // 0.3399...
    [3_700n, '0.30745', 3, 1_140n], // 0.11375...
    [5_000n, '1.25', 2, 6_300n], // 0.625: half goes up
    [5_000n, '1.249', 2, 6_200n],
    [3_750n, '1', 2, 3_800n], // also without any exchange
    [3_700n, '1', 2, 3_700n],
    [1n, '0.0001', 2, 100n], // something never costs nothing
    [0n, '151.337', 0, 0n],
  ] as const
  expect(await pricesIn(cases.map(([price, rate, decimals]) => [price, rate, decimals]))).toEqual(
    cases.map(([, , , rounded]) => rounded),
  )
})

it('is as near as a coin allows, whatever the price, the rate and the currency', async () => {
  const one = fc.tuple(
    fc.bigInt(0n, 10_000_000n),
    fc.integer({ min: 1, max: 2_000_000_000 }),
    fc.constantFrom(0, 1, 2, 3, 4),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 20, maxLength: 20 }), async (wanted) => {
      const rounded = await pricesIn(
        wanted.map(([price, millionths, decimals]) => [
          price,
          (millionths / 1_000_000).toFixed(6),
          decimals,
        ]),
      )
      for (const [place, [price, millionths, decimals]] of wanted.entries()) {
        const coin = 10n ** BigInt(4 - decimals)
        const exact = price * BigInt(millionths)
        const scaled = (rounded[place] as bigint) * 1_000_000n
        expect((rounded[place] as bigint) % coin).toBe(0n)
        if (price === 0n) expect(scaled).toBe(0n)
        else if (scaled > coin * 1_000_000n)
          expect(2n * (scaled > exact ? scaled - exact : exact - scaled)).toBeLessThanOrEqual(
            coin * 1_000_000n,
          )
        else expect(rounded[place]).toBe(coin)
      }
    }),
    { numRuns: 50 },
  )
})
