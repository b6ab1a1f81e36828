// A4: the examples of errors, in the reference and below /docs/errors, are what the program answers.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { closeCountry, closeService } from '../../src/core/catalog/deny-list.ts'
import { errorCodes } from '../../src/core/error.ts'
import { transportCodes } from '../../src/http/failure.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

type Problem = Record<string, unknown> & { code: string }

const entities: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
}

/** What differs in each request. */
const withoutIds = ({ request_id: _id, type: _type, ...rest }: Problem) => rest

describe('the example of an error', async () => {
  const server = await testServer()
  const { operations } = await referenceOf(server)
  const { key, accountId } = await testCustomer(server.db)
  const { key: poor } = await testCustomer(server.db, { credit: '0.1' })
  const { key: reader } = await createKey(server.db, new Date(), { accountId, scopes: ['read'] })

  const onPage = async (code: string): Promise<Problem> => {
    const page = await (await fetch(`${server.url}/docs/errors/${code}`)).text()
    const [, json = ''] = /<pre><code>([\s\S]*?)<\/code><\/pre>/.exec(page) ?? []
    return JSON.parse(json.replace(/&(?:quot|#39|lt|gt|amp);/g, (one) => entities[one] ?? one))
  }
  const examples = operations
    .filter(({ path }) => path.startsWith('/v1/'))
    .flatMap((one) =>
      Object.values(one.responses).flatMap(({ content }) =>
        Object.entries(content?.['application/problem+json']?.examples ?? {}),
      ),
    )
    .map(([code, { value }]) => [code, value as Problem] as const)

  it('is the same in the reference and on the page of its code', async () => {
    const codes = new Set(examples.map(([code]) => code))
    expect(codes.size).toBeGreaterThan(30)
    for (const code of [...errorCodes, ...transportCodes]) {
      const shown = await onPage(code)
      expect(shown.code).toBe(code)
      for (const [name, value] of examples)
        if (name === code) expect(withoutIds(value)).toEqual(withoutIds(shown))
    }
  })

  const order = (body: object, as = key) => call<Problem>(server, as, 'POST', '/v1/orders', body)
  const get = (path: string, as = key) => call<Problem>(server, as, 'GET', path)
  const usual = { service: 'whatsapp', country: 'US' }
  const bought = async () =>
    (await call<{ id: string }>(server, key, 'POST', '/v1/orders', usual)).body.id
  const act = async (verb: string) =>
    call<Problem>(server, key, 'POST', `/v1/orders/${await bought()}/${verb}`)

  const provoked: Readonly<Record<string, () => Promise<{ body: Problem }>>> = {
    invalid_request: () => order({ servic: 'whatsapp', country: 'US' }),
    not_found: () => call(server, key, 'DELETE', '/v1/keys/key_00000000000'),
    unauthenticated: () => get('/v1/balance', 'nonsense'),
    forbidden: () => order(usual, reader),
    service_not_found: () => order({ service: 'whatsap', country: 'US' }),
    country_not_found: () => order({ service: 'whatsapp', country: 'UK' }),
    operator_not_found: () => order({ ...usual, operator: 'tmobil' }),
    offer_not_found: () => order({ ...usual, kind: 'rental', duration: '5d' }),
    domain_not_found: () =>
      order({ kind: 'email', site: 'example.com', domain: 'inbx.example.com' }),
    plan_not_found: () => order({ kind: 'esim', plan: 'USA 5GB' }),
    price_above_maximum: () => order({ ...usual, max_price: '0.25' }),
    insufficient_balance: () => order(usual, poor),
    order_not_found: () => get('/v1/orders/ord_00000000000'),
    order_not_finishable: () => act('finish'),
    order_not_resendable: () => act('resend'),
    order_not_renewable: () => act('renew'),
    deposit_not_found: () => get('/v1/deposits/dep_00000000000'),
    webhook_not_found: () => get('/v1/webhooks/whk_00000000000'),
    path_not_found: () => get('/v1/nothing'),
    method_not_allowed: () => call(server, key, 'DELETE', '/v1/balance'),
    service_closed: async () => {
      await closeService(server.db, { actor: 'test', reason: null }, 'telegram', true)
      return order({ service: 'telegram', country: 'US' })
    },
    country_closed: async () => {
      await closeCountry(server.db, { actor: 'test', reason: null }, 'GB', true)
      return order({ service: 'whatsapp', country: 'GB' })
    },
  }

  it.each(Object.keys(provoked))('is what is really answered: %s', async (code) => {
    const { body } = await (provoked[code] as () => Promise<{ body: Problem }>)()
    expect(withoutIds(body)).toEqual(withoutIds(await onPage(code)))
  })
})
