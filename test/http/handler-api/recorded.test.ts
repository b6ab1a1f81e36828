// Recorded responses of similar services, and ours beside them: the same JSON fields of the same types.
import { describe, expect, it } from 'vitest'
import { type Customer, handlerServer, partsOf } from './asking.ts'

/** A field whose type differs among the variants of the protocol; the clients take all of these. */
class Either {
  readonly types: readonly string[]
  constructor(...types: readonly string[]) {
    this.types = types
  }
}

/** An object whose keys are ids or codes: each value is like this one. */
class Each {
  readonly of: unknown
  constructor(of: unknown) {
    this.of = of
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where ours is not like what was recorded; fields that ours has beyond it do not count. */
function unlike(recorded: unknown, ours: unknown, at = ''): string[] {
  if (recorded instanceof Either)
    return recorded.types.includes(typeof ours) ? [] : [`${at}: ${typeof ours}`]
  if (recorded instanceof Each) {
    if (!isObject(ours) || Object.keys(ours).length === 0) return [`${at}: no entries`]
    return Object.entries(ours).flatMap(([key, one]) => unlike(recorded.of, one, `${at}.${key}`))
  }
  if (Array.isArray(recorded)) {
    if (!Array.isArray(ours) || ours.length === 0) return [`${at}: no list`]
    return ours.flatMap((one, i) => unlike(recorded[0], one, `${at}[${i}]`))
  }
  if (isObject(recorded)) {
    if (!isObject(ours)) return [`${at}: no object`]
    return Object.entries(recorded).flatMap(([key, one]) =>
      key in ours ? unlike(one, ours[key], `${at}.${key}`) : [`${at}.${key}: missing`],
    )
  }
  if (typeof recorded === 'string' && /^[A-Z]+_[A-Z_]+:?$/.test(recorded))
    return String(ours).startsWith(recorded) ? [] : [`${at}: ${String(ours)}`]
  return typeof recorded === typeof ours ? [] : [`${at}: ${typeof ours}`]
}

const activation = {
  activationId: new Either('number', 'string'),
  phoneNumber: '79584000000',
  activationCost: 12.5,
  currency: 840,
  countryCode: '2',
  canGetAnotherSms: '1',
  activationTime: '2022-06-01 17:30:57',
  activationOperator: 'mtt',
}

const active = {
  activationId: '635468021',
  serviceCode: 'vk',
  phoneNumber: '79000000001',
  activationCost: 12.5,
  activationStatus: '4',
  smsCode: ['CODE'],
  smsText: '[Your CODE registration code]',
  activationTime: '2022-06-01 16:59:16',
  discount: '0.00',
  repeated: '0',
  countryCode: '2',
  countryName: 'Kazakhstan',
  canGetAnotherSms: '1',
  currency: 840,
}

const rental = {
  status: 'success',
  phone: { id: 1049, endDate: '2020-01-31T12:01:52', number: '79959707564' },
}

type Case = readonly [
  action: string,
  recorded: unknown,
  params?: (who: Customer) => Promise<Record<string, string | number>>,
]

const wa = { service: 'wa', country: 187 }

describe('handler_api responds as recorded:', async () => {
  const { receive, customer } = await handlerServer()
  const withCode = async (who: Customer) => {
    const bought = partsOf(await who.text('getNumber', wa))
    await receive(bought.phone, 'Your WhatsApp code: 593-821')
    return bought
  }
  const finished = async (who: Customer) => {
    const { id } = await withCode(who)
    await who.text('setStatus', { id, status: 6 })
    return { id, activationId: id }
  }
  const rented = async (who: Customer) => {
    const rent = { ...wa, rent_time: 72 }
    const { phone } = await who.json<typeof rental>('getRentNumber', rent)
    await receive(phone.number, 'Your WhatsApp code: 111-111')
    return { id: phone.id }
  }
  const price = { cost: new Either('number', 'string'), count: 120, physicalCount: 14 }

  const cases: readonly Case[] = [
    ['getBalance', 'ACCESS_BALANCE:'],
    ['getBalanceAndCashBack', 'ACCESS_BALANCE:'],
    ['getNumbersStatus', new Each(90)],
    [
      'getCountries',
      new Each({
        id: 2,
        rus: 'Казахстан',
        eng: 'Kazakhstan',
        chn: '哈萨克斯坦',
        visible: 1,
        retry: 1,
        rent: 1,
        multiService: 1,
      }),
    ],
    [
      'getServicesList',
      { status: 'success', services: [{ code: 'aoo', name: 'Pegasus Airlines' }] },
    ],
    ['getOperators', { status: 'success', countryOperators: new Each(['life', 'mts']) }],
    [
      'getListOfCountriesAndOperators',
      {
        status: 'success',
        services: new Each('Alibaba'),
        data: [{ id: '0', name: 'Россия', operators: ['any'] }],
        currentCountry: null,
        currentOperator: 'any',
      },
    ],
    ['getPrices', new Each(new Each(price)), async () => wa],
    ['getPricesExtended', new Each(new Each(price)), async () => wa],
    ['getPricesV2', new Each(new Each(new Each(100))), async () => wa],
    [
      'getPricesV3',
      new Each(new Each(new Each({ count: 100, price: 0.5, provider_id: 11 }))),
      async () => wa,
    ],
    ['getPricesVerification', new Each(new Each({ count: 10, price: '1.5' })), async () => wa],
    [
      'getTopCountriesByService',
      new Each({
        country: 2,
        count: 43_575,
        price: 15,
        retail_price: 30,
        freePriceMap: new Each(1),
      }),
      async () => ({ service: 'wa', freePrice: 'true' }),
    ],
    ['getNumber', 'ACCESS_NUMBER:', async () => wa],
    ['getNumberV2', activation, async () => wa],
    [
      'getMultiServiceNumber',
      [{ phone: '79584000000', activation: '635468024', service: 'vk' }],
      async () => ({ multiService: 'wa,tg', country: 187 }),
    ],
    ['getExtraActivation', 'ACCESS_NUMBER:', finished],
    [
      'checkExtraActivation',
      { status: 'success', cost: 200, service: 'tw', phone: 777_777_777, country: 14 },
      finished,
    ],
    ['reactivate', activation, finished],
    [
      'reactivateOptions',
      { data: { options: [{ price: 0.2145, duration: { unit: 'hour', value: 2 } }] } },
      finished,
    ],
    ['reactivationPrice', { data: { price: 1.4522, currency: 840 } }, finished],
    ['setStatus', 'ACCESS_RETRY_GET', async (who) => ({ ...(await withCode(who)), status: 3 })],
    ['getStatus', 'STATUS_OK:', withCode],
    ['getFullSms', 'FULL_SMS:', withCode],
    [
      'getStatusV2',
      {
        verificationType: 2,
        sms: { dateTime: '0000-00-00 00:00:00', code: 'code', text: 'sms text' },
        call: {
          from: 'phone',
          text: 'voice text',
          code: '12345',
          dateTime: '0000-00-00 00:00:00',
          url: 'voice file url',
          parsingCount: 1,
        },
      },
      withCode,
    ],
    [
      'getAllSms',
      {
        data: [
          {
            id: '1',
            phoneFrom: 'a',
            code: '1',
            text: 'b',
            service: 'c',
            date: '2022-11-12 15:58:39',
            type: 'sms',
          },
        ],
        meta: { total: 42, service: 'full' },
      },
      withCode,
    ],
    [
      'getActiveActivations',
      {
        status: 'success',
        activeActivations: [active],
        data: [{ ...active, smsCode: 'CODE', smsText: 'Your CODE' }],
      },
      async (who) => (await withCode(who)) && {},
    ],
    [
      'getListOfActiveActivations',
      {
        status: 'success',
        data: [{ id: 1, forward: 0, phone: 79_584_000_000, service: 'vk', country: 0 }],
        quant: 1,
        existNext: false,
      },
      async (who) => (await withCode(who)) && {},
    ],
    [
      'getHistory',
      [
        {
          id: 635_468_024,
          date: '2022-11-12 15:58:39',
          phone: '79918529716',
          sms: '["Your sms code"]',
          cost: 100,
          status: '4',
          currency: 840,
        },
      ],
      async (who) => (await withCode(who)) && {},
    ],
    [
      'getRentServicesAndCountries',
      {
        countries: new Each(2),
        operators: new Each('aiva'),
        services: new Each({ cost: 42.93, quant: 20 }),
        currency: 840,
      },
      async () => ({ country: 187 }),
    ],
    ['serviceCountRent', new Each(new Each({ price: 0.18, count: 25_370 })), async () => wa],
    ['getRentNumber', rental, async () => ({ ...wa, rent_time: 24 })],
    [
      'getRentStatus',
      {
        status: 'success',
        quantity: '2',
        values: new Each({
          phoneFrom: '79180230628',
          text: '5',
          service: 'ot',
          date: '2020-01-30 14:31:58',
        }),
      },
      rented,
    ],
    [
      'setRentStatus',
      { status: 'success' },
      async (who) => ({ ...(await rented(who)), status: 1 }),
    ],
    [
      'getRentList',
      { status: 'success', values: new Each({ id: '12345', phone: '79181234567' }) },
      async (who) => (await rented(who)) && {},
    ],
    ['continueRentNumber', rental, async (who) => ({ ...(await rented(who)), rent_time: 72 })],
    ['prolong', rental, async (who) => ({ ...(await rented(who)), duration: 72 })],
    [
      'prolongOptions',
      { data: { options: [{ price: 1.4324, duration: { value: 24, unit: 'hour' } }] } },
      rented,
    ],
    [
      'prolongHistory',
      { data: [{ userPrice: 1.2, hours: 24, createDate: '', payerType: 'client' }] },
      rented,
    ],
    [
      'continueRentInfo',
      {
        status: 'success',
        price: 6.33,
        currency: 840,
        hours: 4,
        history: new Each({ createDate: '2024-10-07 12:10:47', price: '101.9', hours: 4 }),
      },
      async (who) => ({ ...(await rented(who)), hours: 72, needHistory: 'true' }),
    ],
    ['getContinueRentPriceNumber', { status: 'success', price: 6.33, currency: 840 }, rented],
  ]

  it.each(cases.map((one) => [one[0], one] as const))(
    '%s',
    async (_, [action, recorded, params]) => {
      const who = await customer()
      const asked = params === undefined ? {} : await params(who)
      const { status, body } = await who.ask(action, asked)
      expect(status).toBe(200)
      expect(unlike(recorded, body)).toEqual([])
    },
  )
})
