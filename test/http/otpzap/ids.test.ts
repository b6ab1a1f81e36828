// D1: each row of a list has its ids under every name under which another call takes them, beside `id`.
import { describe, expect, it } from 'vitest'
import { testCustomer, testServer } from '../../harness/server.ts'
import { asking, countryId } from './asking.ts'

type Row = Readonly<Record<string, unknown>> & { readonly id: number }

/** Every list that has ids: where its rows are, what one of them is, and what else a row names. */
const lists: Record<string, { rows: string; own: readonly string[]; others: readonly string[] }> = {
  '/countries': { rows: 'countries', own: ['country_id'], others: [] },
  '/services': { rows: 'services', own: ['platform_id', 'service_id'], others: [] },
  '/services?country_id=7': { rows: 'services', own: ['platform_id', 'service_id'], others: [] },
  '/products?limit=100': {
    rows: 'products',
    own: ['product_id'],
    others: ['platform_id', 'service_id', 'country_id'],
  },
  '/s2/countries': { rows: 'countries', own: ['country_id'], others: [] },
  '/s2/services': { rows: 'services', own: ['platform_id', 'service_id'], others: [] },
  '/s2/services?country_id=7': { rows: 'services', own: ['platform_id', 'service_id'], others: [] },
  [`/s2/operators?country_id=${countryId('US')}`]: {
    rows: 'operators',
    own: ['operator_id'],
    others: [],
  },
  '/s2/special': { rows: 'services', own: ['platform_id', 'service_id'], others: [] },
}

describe('D1: the lists of otpzap', async () => {
  const server = await testServer()
  const { data } = await asking(server)
  const { key } = await testCustomer(server.db, { credit: '150.5' })
  const rowsOf = async (path: string, rows: string) =>
    (await data<Record<string, Row[]>>(key, 'GET', path))[rows] as Row[]

  it.each(Object.entries(lists))(
    '%s: ids under every name',
    async (path, { rows, own, others }) => {
      const found = await rowsOf(path, rows)
      expect(found.length).toBeGreaterThan(0)
      for (const row of found) {
        expect(row.id).toEqual(expect.any(Number))
        for (const name of own) expect(row[name], name).toBe(row.id)
        for (const name of others) expect(row[name], name).toEqual(expect.any(Number))
        const ids = Object.keys(row).filter((name) => name.endsWith('_id'))
        expect(ids.sort()).toEqual([...own, ...others].sort())
      }
    },
  )

  it('every documented list is looked at', async () => {
    const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      paths: Record<string, { get?: { responses: object } }>
    }
    const withIds = Object.keys(paths)
      .filter((path) =>
        /^\/otpzap\/api\/v1\/(?:s2\/)?(?:countries|services|products|operators|special)$/.test(
          path,
        ),
      )
      .map((path) => path.replace('/otpzap/api/v1', ''))
    const looked = new Set(Object.keys(lists).map((path) => path.split('?')[0]))
    expect(withIds.sort()).toEqual([...looked].sort())
  })

  it('a row’s own words buy what it lists', async () => {
    const [product] = (await rowsOf('/products?platform_id=1&country_id=7', 'products')).filter(
      ({ stock }) => Number(stock) > 0,
    )
    const { product_id, service_id, country_id } = product as Row
    const [operator] = await rowsOf(`/s2/operators?country_id=${country_id}`, 'operators')
    const [special] = (await rowsOf('/s2/special', 'services')).filter(
      ({ stock }) => Number(stock) > 0,
    )
    for (const body of [
      { product_id },
      { service_id, country_id, operator_id: operator?.operator_id },
      { service_id: special?.service_id },
    ])
      expect(await data(key, 'POST', '/order/create', body)).toMatchObject({ status: 'pending' })
  })
})
