// The harness itself: databases are copies, and files do not see each other's data.
import { expect, it } from 'vitest'
import { testDatabase } from './database.ts'

it('gives a database with the catalog and nothing else', async () => {
  const { db } = await testDatabase('catalog')
  const [counts] = await db.query(
    `select (select count(*) from services)::int as services, (select count(*) from orders)::int as orders`,
  )
  expect(counts).toEqual({ services: 129, orders: 0 })
})
