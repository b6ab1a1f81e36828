// Malformed bodies: the caller's own dialect answers, never with a 5xx, and nothing changes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attempts } from '../harness/attempts.ts'
import { isForPeople, type Listed, type OpenApi } from '../harness/documented.ts'
import { mistreatedServer } from '../harness/mistreated.ts'
import { type RawRequest, sendBytes } from '../harness/raw.ts'
import { stateOf } from '../harness/state.ts'
import { anyCharacter } from '../harness/texts.ts'

const json = { 'content-type': 'application/json' }
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('a bad body', async () => {
  const { server, reference, key, pathOf, allRefused, tolerated } = await mistreatedServer()
  // A vendor's request is the vendor's own affair, whatever its bytes: test/conformance/supplier.test.ts
  // So is a platform's hint: test/supply/upstream/hints.test.ts
  const isVendors = (one: Listed) => ['receiveFromVendor', 'receiveHint'].includes(one.operationId)
  const posts = reference.operations.filter((one) => one.method === 'POST' && !isVendors(one))
  // What a gateway's notice holds is the gateway's own affair: test/payments
  const withBody = reference.operations.filter(
    (one) => one.requestBody && one.operationId !== 'takeNotice' && !isVendors(one),
  )
  const exampleOf = (one: Listed) =>
    Object.values(one.requestBody?.content['application/json']?.examples ?? {})[0]?.value

  const malformed: [string, string | Buffer, Record<string, string>, number[]][] = [
    ['half of JSON', '{"serviceId":', json, [400]],
    ['a bare word', 'nonsense', json, [400]],
    ['two documents', '{}{}', json, [400]],
    ['a byte order mark', '\ufeff{}x', json, [400]],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), json, [400]],
    ['__proto__', '{"__proto__":{"admin":true}}', json, [400]],
    ['constructor.prototype', '{"constructor":{"prototype":{"a":1}}}', json, [400]],
    ['nesting without end', deep(50_000), json, [400]],
    ['nesting in a field', `{"a":${deep(10_000)}}`, json, [400]],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, [415]],
    ['text', '{}', { 'content-type': 'text/plain' }, [415]],
    ['XML', '<a/>', { 'content-type': 'application/xml' }, [415]],
    ['no content type', '{}', {}, [415]],
    ['a type that is none', '{}', { 'content-type': ';;;' }, [415]],
    ['JSON-like', '{}', { 'content-type': 'application/jsonx' }, [415]],
    ['UTF-16', '{}', { 'content-type': 'application/json; charset=utf-16' }, [415]],
    ['a charset of nobody', '{}', { 'content-type': 'application/json; charset=x-no' }, [415]],
    ['gzip', Buffer.from('1f8b0800', 'hex'), { ...json, 'content-encoding': 'gzip' }, [415]],
    ['an unknown encoding', '{}', { ...json, 'content-encoding': 'rot13' }, [415]],
    ['more than the limit', `{"a":"${'x'.repeat(200_000)}"}`, json, [413]],
  ]
  // D5: dialects of others take a JSON object whatever its type says, and judge it by their schemas.
  const isLenient = (path: string) => !/^\/(?:v1|api\/wallet)\//.test(path)
  it.each(malformed)('%s', async (_name, body, headers, statuses) => {
    const isReadable = statuses.includes(415) && (body === '{}' || body === 'a=b')
    const requests = posts.map((one) => {
      const path = pathOf(one)
      const isTaken =
        isReadable && isLenient(path) && !/utf-16|x-no|rot13/.test(JSON.stringify(headers))
      const raw = { method: 'POST', path, headers, body }
      if (isTaken) return { raw }
      return { raw, statuses: isForPeople(one) ? [...statuses, 401, 403] : statuses }
    })
    await allRefused(requests)
  })

  it('of one megabyte', async () => {
    const body = 'x'.repeat(1024 * 1024)
    const [first] = posts
    const head =
      `POST ${pathOf(first as Listed)} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    const before = await stateOf(server.db)
    expect(await sendBytes(server, head + body)).toMatch(/^HTTP\/1\.1 413 /)
    expect(await stateOf(server.db)).toEqual(before)
  })

  const wrong: unknown[] = [
    null,
    true,
    [],
    {},
    [[]],
    -1,
    1.5,
    1e308,
    2 ** 53,
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\u0001',
    '�',
    'x'.repeat(5_000),
    { toString: 1 },
    { length: 3 },
    '٣',
    "' or 1=1 --",
    '../../etc/passwd',
  ]
  /** Fields of the callback that are texts or numbers of the supplier's own making, or nothing. */
  const free = new Set(['sms', 'sender', 'order_id', 'service', 'number', 'id', 'type'])
  /** Whether a value that looks wrong is a right one in this field. */
  const mayBeTaken = (field: string, value: unknown) =>
    (free.has(field) && (value === null || typeof value !== 'object')) ||
    (['name', 'description', 'reference'].includes(field) && typeof value === 'string') ||
    (field === 'metadata' && JSON.stringify(value) === '{}') ||
    (field === 'allowed_ips' && Array.isArray(value)) ||
    (['max_price', 'price'].includes(field) && typeof value === 'number') ||
    (field === 'amount' && value === 1.5) ||
    (['subject', 'regex', 'password'].includes(field) && typeof value === 'string') ||
    (['pool', 'max_spend_a_day'].includes(field) && (value === null || value === 1.5))

  /** The dialects take what is empty for absent (D7), and where the field is optional, that is no mistake. */
  const isAbsent = ({ path }: Listed, value: unknown) =>
    !/^\/(v1|api)\//.test(path) && (value === null || (Array.isArray(value) && value.length === 0))

  it.each(withBody.map((one) => [one.operationId, one] as const))(
    'wrong values in each field of %s',
    async (_id, one) => {
      const fields = fieldsOf(reference.document, one)
      expect(fields.length).toBeGreaterThan(0)
      const rawOf = (value: unknown) => ({
        ...{ method: 'POST', path: pathOf(one), headers: json, body: JSON.stringify(value) },
      })
      const [taken, never]: [RawRequest[], RawRequest[]] = [[], []]
      for (const path of fields)
        for (const value of wrong) {
          const isTaken = mayBeTaken(path.at(-1) as string, value) || isAbsent(one, value)
          const list = isTaken ? taken : never
          list.push(rawOf(replaced(exampleOf(one), path, value)))
        }
      // POST /v1/keys takes an empty object: a key like the one that asks.
      if (one.operationId !== 'createKey') never.push(...wrong.map(rawOf))
      await tolerated(...taken)
      await allRefused(never.map((raw) => ({ raw })))
    },
  )

  it('of any JSON at all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...withBody),
        fc.oneof(fc.jsonValue(), fc.jsonValue({ stringUnit: anyCharacter })),
        async (one, value) => {
          await tolerated({
            method: 'POST',
            path: pathOf(one),
            headers: json,
            body: JSON.stringify(value),
          })
        },
      ),
      { numRuns: attempts(40, 150) },
    )
  })

  it('with one field of any JSON', async () => {
    const fields = withBody.flatMap((one) =>
      fieldsOf(reference.document, one).map((path) => ({ one, path })),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...fields),
        fc.oneof(
          fc.jsonValue({ stringUnit: anyCharacter }),
          fc.string({ unit: anyCharacter }),
          fc.double(),
          fc.maxSafeInteger(),
        ),
        async ({ one, path }, value) => {
          await tolerated({
            method: 'POST',
            path: pathOf(one),
            headers: json,
            body: JSON.stringify(replaced(exampleOf(one), path, value)),
          })
        },
      ),
      { numRuns: attempts(80, 300) },
    )
  })
})

/** The paths of the fields of an operation's body, those of objects in it as well. */
function fieldsOf(document: OpenApi, one: Listed): string[][] {
  const schemas = document.components.schemas as Record<string, object>
  type Shape = { $ref?: string; anyOf?: object[]; properties?: Record<string, object> }
  const visit = (schema: Shape): string[][] => {
    if (schema.$ref) return visit(schemas[schema.$ref.split('/').at(-1) as string] as object)
    // A body that may be left out is an object or null.
    if (schema.anyOf) return schema.anyOf.flatMap(visit)
    return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
      [name],
      ...visit(inner).map((rest) => [name, ...rest]),
    ])
  }
  return visit(one.requestBody?.content['application/json']?.schema ?? {})
}

/** A body with one field of it replaced. */
function replaced(body: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  return { ...(body as object), [name]: replaced((body as never)?.[name], rest, value) }
}
