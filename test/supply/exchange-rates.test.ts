// Rates from a feed: converted to our base, plausible ones alone, twice a day.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { listRates, setRate } from '../../src/core/catalog/rates.ts'
import { fetchRates, ratesFrom } from '../../src/supply/exchange-rates/fetch.ts'
import { testDatabase } from '../harness/database.ts'

it('a feed of any base is converted, and what makes no sense is left out', () => {
  const rates = ratesFrom({ base: 'EUR', rates: { USD: 1.25, GBP: 0.8, ZZY: 0, ZZZ: -1 } })
  expect([...rates].sort()).toEqual([
    ['EUR', 0.8],
    ['GBP', 0.64],
  ])
  expect(ratesFrom({ base_code: 'USD', conversion_rates: { IDR: 16_000 } }).get('IDR')).toBe(16_000)
  expect(ratesFrom({ base: 'EUR', rates: { GBP: 0.8 } }).size).toBe(0)
  for (const bad of [null, {}, { base: 'usd' }, { base: 'USD', rates: { EUR: 'x' } }, []])
    expect(() => ratesFrom(bad)).toThrow()
})

describe('the job', async () => {
  const { db } = await testDatabase('catalog')
  const left: string[] = []
  const implausible = (currency: string) => void left.push(currency)
  let answer: { status: number; body: string } = { status: 200, body: '{}' }
  let asked = 0
  const feed = createServer((_, response) => {
    asked++
    response.writeHead(answer.status).end(answer.body)
  })
  await new Promise<void>((resolve) => feed.listen(0, '127.0.0.1', resolve))
  afterAll(() => feed.close())
  const url = `http://127.0.0.1:${(feed.address() as AddressInfo).port}/`
  const hours = (count: number) => new Date(Date.now() + count * 3_600_000)
  const rateOf = async (currency: string) =>
    (await listRates(db)).find((rate) => rate.currency === currency)?.rate

  it('opens the currencies that the feed knows, and asks again half a day later', async () => {
    answer = { status: 200, body: '{"base":"USD","rates":{"JPY":151.5,"KWD":0.307,"QQQ":3}}' }
    expect(await fetchRates(db, new Date(), url, implausible)).toBe(2)
    expect([await rateOf('JPY'), await rateOf('KWD')]).toEqual(['151.5', '0.307'])
    expect(await fetchRates(db, hours(11), url, implausible)).toBe(0)
    expect(asked).toBe(1)
    // What an operator sets in between does not put the next fetch off.
    await setRate(db, new Date(), 'NOK', '10.5')
    answer = { status: 200, body: '{"base":"USD","rates":{"JPY":160,"KWD":0.9}}' }
    expect(await fetchRates(db, hours(13), url, implausible)).toBe(1)
    expect([await rateOf('JPY'), await rateOf('KWD'), await rateOf('USD')]).toEqual([
      '160',
      '0.307',
      '1',
    ])
    expect(left).toEqual(['KWD'])
  })

  it('changes nothing when the feed fails', async () => {
    await setRate(db, new Date(), 'EUR', '0.9')
    for (const broken of [
      { status: 500, body: '' },
      { status: 200, body: 'no json' },
      { status: 302, body: '' },
    ]) {
      answer = broken
      await db.query('update rates set fetched_at = null')
      await expect(fetchRates(db, hours(40), url, implausible)).rejects.toThrow()
    }
    // It is not asked again before an hour has passed, and then it is.
    const before = asked
    expect(await fetchRates(db, hours(40.9), url, implausible)).toBe(0)
    expect(asked).toBe(before)
    await expect(fetchRates(db, hours(41.1), url, implausible)).rejects.toThrow()
    expect(asked).toBe(before + 1)
    expect(await rateOf('EUR')).toBe('0.9')
  })
})
