// TRIALS D7: every documented call of every dialect takes empty and null optional fields as absent, words in
// any case, and digits as text or as numbers. What is optional, a word or a number is read off /openapi.json.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Listed, referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { keepFewOffers } from '../harness/stock.ts'

type Schema = {
  $ref?: string
  type?: string
  enum?: unknown[]
  anyOf?: Schema[]
  required?: string[]
  properties?: Record<string, Schema>
}
type Parameter = { name: string; in: string; required?: boolean; schema: Schema; example?: unknown }
type Fields = Readonly<Record<string, unknown>>

const dialects = /^\/(whichotp|otpzap|zapotp|otpwall|smsverificationservice|fivesim|stubs)\//

/** Requests that the reference's examples do not make of this platform's own stock. */
const requests: Readonly<Record<string, Fields>> = {
  otpzapCreateOrder: { service_id: 1012, country_id: 2 },
  otpzapCreateTopup: { amount: 50_000 },
  smsVerificationServiceOrderTemporary: { service_id: 1012 },
  smsVerificationServiceOrderGlobal: { service_id: 1012, country_id: 4 },
}

const empties = ['', null] as const

/** What kind of answer it is: its status, and every field with the kind of its value. */
const kindOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? [] : [kindOf(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, kindOf(one)]))
}

describe('every documented call is read generously (D7):', async () => {
  const server = await testServer()
  await keepFewOffers(server.db)
  const { document, operations } = await referenceOf(server)
  const wealth = { credit: '900000000', currency: 'IDR' }
  const { key } = await testCustomer(server.db, wealth)
  const { key: handlerKey } = await testCustomer(server.db, { ...wealth, scopes: ['handler-api'] })

  const resolved = (schema: Schema): Schema =>
    schema.$ref
      ? ((document.components.schemas?.[schema.$ref.split('/').at(-1) as string] ?? {}) as Schema)
      : schema
  const queryOf = (one: Listed) =>
    ((one.parameters ?? []) as Parameter[]).filter((it) => it.in === 'query')
  const bodyOf = (one: Listed): Schema => {
    const media = one.requestBody?.content['application/json']
    return media ? resolved(media.schema as Schema) : {}
  }
  const exampleBody = (one: Listed): Fields => {
    const examples = Object.values(one.requestBody?.content['application/json']?.examples ?? {})
    const { required = [] } = bodyOf(one)
    const shown = (requests[one.operationId] ?? examples[0]?.value ?? {}) as Fields
    const isNeeded = (name: string) => requests[one.operationId] || required.includes(name)
    return Object.fromEntries(Object.entries(shown).filter(([name]) => isNeeded(name)))
  }
  const exampleOf = ({ example, schema }: Parameter) =>
    example ?? (schema as { examples?: unknown[] }).examples?.[0]
  const exampleQuery = (one: Listed): Fields =>
    Object.fromEntries(
      queryOf(one).flatMap((it) => (it.required ? [[it.name, exampleOf(it)]] : [])),
    )
  const pathOf = (one: Listed) =>
    one.path.replace(/\{(\w+)\}/g, (_all, name: string) => {
      const found = (one.parameters as Parameter[]).find((it) => it.name === name)
      return String(found ? exampleOf(found) : name)
    })

  const ask = async (one: Listed, query: Fields, body: Fields) => {
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    )
    const asKey = one.path.startsWith('/stubs/') ? handlerKey : key
    const sent = one.method === 'GET' ? undefined : body
    const reply = await call(server, asKey, one.method, `${pathOf(one)}?${search}`, sent)
    return { status: reply.status, kind: kindOf(reply.body) }
  }

  const documented = operations.filter((one) => dialects.test(one.path))
  const optional = (one: Listed) => {
    const { required = [], properties = {} } = bodyOf(one)
    return {
      query: queryOf(one).flatMap((it) => (it.required ? [] : [it.name])),
      body: Object.keys(properties).filter(
        (name) => !required.includes(name) && !(name in exampleBody(one)),
      ),
    }
  }

  const withOptional = documented.filter((one) => {
    const { query, body } = optional(one)
    return query.length + body.length > 0
  })

  it.each(withOptional)(
    '$method $path takes empty for absent',
    { timeout: 300_000 },
    async (one) => {
      const absent = await ask(one, exampleQuery(one), exampleBody(one))
      const { query, body } = optional(one)
      const someQuery = fc.subarray(query)
      const someBody = fc.dictionary(
        fc.constantFrom(...body, 'unused'),
        fc.constantFrom(...empties),
        { maxKeys: body.length },
      )
      await fc.assert(
        fc.asyncProperty(someQuery, someBody, async (names, fields) => {
          const empty = Object.fromEntries(names.map((name) => [name, '']))
          const asked = await ask(
            one,
            { ...exampleQuery(one), ...empty },
            { ...fields, ...exampleBody(one) },
          )
          expect(asked).toEqual(absent)
        }),
        { numRuns: 4, examples: [[query, Object.fromEntries(body.map((name) => [name, null]))]] },
      )
    },
  )

  const wordsIn = (schema: Schema): string[] =>
    (schema.enum ?? []).filter((word): word is string => typeof word === 'string')

  const words = documented.flatMap((one) => [
    ...queryOf(one).flatMap(({ name, schema }) =>
      wordsIn(resolved(schema)).map((word) => ({ one, name, word, place: 'query' as const })),
    ),
    ...Object.entries(bodyOf(one).properties ?? {}).flatMap(([name, schema]) =>
      wordsIn(resolved(schema)).map((word) => ({ one, name, word, place: 'body' as const })),
    ),
  ])

  it('words in any case', { timeout: 300_000 }, async () => {
    expect(words.length).toBeGreaterThan(10)
    for (const { one, name, word, place } of words) {
      const said = (text: string) => {
        const query = exampleQuery(one)
        const body = exampleBody(one)
        return place === 'query'
          ? ask(one, { ...query, [name]: text }, body)
          : ask(one, query, { ...body, [name]: text })
      }
      const plain = await said(word)
      for (const text of [word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)])
        expect({ one: one.operationId, ...(await said(text)) }).toEqual({
          one: one.operationId,
          ...plain,
        })
    }
  })

  it('true and false as text, in any case', async () => {
    const { body: made } = await call(server, key, 'PATCH', '/otpzap/api/v1/webhook/update', {
      url: 'https://example.com/',
      events: ['*'],
      is_active: 'False',
    })
    expect(made).toMatchObject({ data: { is_active: false } })
  })

  it('digits as text and as numbers', { timeout: 300_000 }, async () => {
    let numbers = 0
    for (const one of documented)
      for (const [name, value] of Object.entries(exampleBody(one))) {
        if (!Number.isSafeInteger(Number(value)) || value === '') continue
        numbers++
        const asked = (sent: unknown) =>
          ask(one, exampleQuery(one), { ...exampleBody(one), [name]: sent })
        const [number, text] = [await asked(Number(value)), await asked(String(value))]
        expect({ one: one.operationId, name, ...text }).toEqual({
          one: one.operationId,
          name,
          ...number,
        })
      }
    expect(numbers).toBeGreaterThan(10)
  })
})
