// OTPZap's products: one for each tier of a service in a country, whoever the operators are.
import { describe, expect, it } from 'vitest'
import { testCustomer, testServer } from '../../harness/server.ts'
import { asking, type Order } from './asking.ts'

type Product = { id: number; tier: string; price: number; stock: number }
type Service = { id: number; stock: number }
type Operator = { id: number; name: string }

const google = 1
const indonesia = 7

describe('otpzap products', async () => {
  const server = await testServer()
  const { ask, data } = await asking(server)
  const { key } = await testCustomer(server.db)
  const place = `country_id=${indonesia}`
  const listed = async () => {
    const path = `/products?platform_id=${google}&${place}`
    return (await data<{ products: Product[] }>(key, 'GET', path)).products
  }

  it('are one for each tier, and hold what all operators have', async () => {
    const products = await listed()
    const tiers = products.map(({ tier }) => tier)
    expect(new Set(tiers).size).toBe(tiers.length)
    const { services } = await data<{ services: Service[] }>(key, 'GET', `/s2/services?${place}`)
    const stock = products.reduce((sum, product) => sum + product.stock, 0)
    expect(services.find(({ id }) => id === google)?.stock).toBe(stock)
  })

  it('are sold of whichever operator, or of the one that is named', async () => {
    const [product] = (await listed()) as [Product]
    const buy = (beside: object = {}) =>
      ask<{ data: Order }>(key, 'POST', '/order/create', { product_id: product.id, ...beside })
    const path = `/s2/operators?${place}`
    const { operators } = await data<{ operators: Operator[] }>(key, 'GET', path)
    const sellers: string[] = []
    for (const { id, name } of operators.slice(1)) {
      const { status, body } = await buy({ operator_id: id })
      if (status === 422) continue
      expect(body.data).toMatchObject({ operator_name: name, price: product.price })
      sellers.push(name)
    }
    expect(sellers.length).toBeGreaterThan(1)
    const { body } = await buy()
    expect(body.data).toMatchObject({ server: 1, price: product.price })
    expect(sellers).toContain(body.data.operator_name)
  })
})
