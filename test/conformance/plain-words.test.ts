// TRIALS A4, D7: every API says in plain words what is wrong with a field, a parameter or a whole body, and
// never in the words of the program's own schemas.
import { describe, expect, it } from 'vitest'
import { fieldsOf, type Listed, parametersOf, referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { keepFewOffers } from '../harness/stock.ts'

/** Words of zod, and of nothing that a customer knows. */
const schemaWords =
  /Invalid (input|option|ISO|string|key)|Too (small|big)|expected|received |NaN|undefined/

describe('every API', async () => {
  const server = await testServer({ env: { NUMLET_RATE_LIMIT: '0' } })
  await keepFewOffers(server.db)
  const reference = await referenceOf(server)
  const { operations } = reference
  const { key } = await testCustomer(server.db)
  const { key: handlerKey } = await testCustomer(server.db, { scopes: ['handler-api'] })

  const pathOf = (one: Listed) => one.path.replace(/\{\w+\}/g, 'ord_00000000000')
  const refusal = async (one: Listed, query: string, body?: unknown) => {
    const as = one.path.startsWith('/stubs/') ? handlerKey : key
    const reply = await call<unknown>(server, as, one.method, `${pathOf(one)}${query}`, body)
    expect(reply.status, `${one.operationId} ${query}`).toBeLessThan(500)
    return JSON.stringify(reply.body)
  }

  const keyed = operations.filter((one) => !one.path.startsWith('/api/'))
  const streams = /^stream/

  it.each(keyed.filter((one) => parametersOf(one).length > 0 && !streams.test(one.operationId)))(
    'speaks plainly of the parameters of $operationId',
    async (one) => {
      expect(await refusal(one, '')).not.toMatch(schemaWords)
      for (const name of parametersOf(one))
        for (const value of ['-7.5', 'no such value', '', `1&${name}=2`])
          expect(await refusal(one, `?${name}=${value}`), `${name}=${value}`).not.toMatch(
            schemaWords,
          )
    },
  )

  it.each(keyed.filter((one) => fieldsOf(reference, one).length > 0))(
    'speaks plainly of the body of $operationId',
    async (one) => {
      for (const body of [undefined, {}, [], null])
        expect(await refusal(one, '', body), JSON.stringify(body)).not.toMatch(schemaWords)
      for (const name of fieldsOf(reference, one))
        for (const value of [true, -7.5, [{}], { a: 1 }, 'x'.repeat(3_000)])
          expect(await refusal(one, '', { [name]: value }), name).not.toMatch(schemaWords)
    },
  )
})
