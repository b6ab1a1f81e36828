// A1, A2, A9: the document as generators of clients and people read it.
import { describe, expect, it } from 'vitest'
import { eventTypes } from '../../src/core/events/catalog.ts'
import { referenceOf } from '../harness/documented.ts'
import { testServer } from '../harness/server.ts'

/** What a title begins with. */
const verbs = [
  'Accept',
  'Buy',
  'Call',
  'Cancel',
  'Change',
  'Claim',
  'Complete',
  'Confirm',
  'Create',
  'Delete',
  'Deliver',
  'End',
  'Finish',
  'Get',
  'Give',
  'List',
  'Pay',
  'Receive',
  'Remove',
  'Renew',
  'Rent',
  'Replace',
  'Report',
  'Request',
  'Resend',
  'Revoke',
  'Rotate',
  'Send',
  'Set',
  'Sign',
  'Stream',
  'Switch',
  'Update',
]

describe('the OpenAPI document', async () => {
  const { document, operations } = await referenceOf(await testServer())

  it('A1: gives no field of a request a default, which generators take for required', () => {
    const found: string[] = []
    const components = document.components.schemas as Record<string, object>
    const seen = new Set<string>()
    const visit = (value: unknown, place: string) => {
      if (value === null || typeof value !== 'object') return
      for (const [name, one] of Object.entries(value)) {
        if (name === 'examples') continue
        if (name === 'default' && typeof one !== 'object') found.push(place)
        if (name === '$ref' && typeof one === 'string' && !seen.has(one)) {
          seen.add(one)
          visit(components[one.split('/').at(-1) as string], one)
        }
        visit(one, `${place}/${name}`)
      }
    }
    for (const one of operations) {
      visit(one.requestBody, one.operationId)
      visit(one.parameters, one.operationId)
    }
    visit(document.components.parameters, 'parameters')
    expect(found).toEqual([])
  })

  it('A1: says the default of a parameter in its description', () => {
    const described = (operationId: string, name: string) =>
      operations
        .find((one) => one.operationId === operationId)
        ?.parameters?.find((it) => it.name === name)?.description
    expect(described('listOrders', 'limit')).toBe('The number of entries per page. Default: `20`.')
    expect(described('listOffers', 'in_stock')).toMatch(/Default: `false`\.$/)
    expect(described('getOrder', 'wait')).toMatch(/Default: `0`\.$/)
    expect(described('otpzapProducts', 'sort')).toMatch(/Default: `price_asc`\.$/)
  })

  it('A2: tells the kinds of an order, an event and a transaction apart by one field', () => {
    const schemas = document.components.schemas as Record<string, { discriminator?: object }>
    for (const [name, propertyName] of [
      ['Order', 'kind'],
      ['Event', 'type'],
      ['Transaction', 'type'],
    ] as const)
      expect(schemas[name]?.discriminator).toMatchObject({ propertyName })
    expect(Object.keys(document.webhooks).sort()).toEqual(
      [...Object.keys(eventTypes), 'webhook.test'].sort(),
    )
  })

  it('A9: has plain titles, verb and noun, and says what each call does', () => {
    const webhooks = Object.values(document.webhooks).map(({ post }) => post)
    const wrong = [...operations, ...webhooks].filter(
      ({ summary, description }) =>
        !verbs.includes(summary.split(' ', 1)[0] as string) ||
        /[.;:]$|[;:,]/.test(summary.replace(/\w\.\w/g, '')) ||
        summary.length > 50 ||
        !/^[A-Z0-9`].*\.(\s|$)/s.test(description ?? ''),
    )
    expect(wrong.map((one) => `${one.operationId}: ${one.summary} | ${one.description}`)).toEqual(
      [],
    )
    for (const tag of document.tags) expect(tag.description, tag.name).toMatch(/^[A-Z0-9].*\.$/s)
  })
})
