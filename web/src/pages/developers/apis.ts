// The APIs that a program may speak here, with the first calls of each.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export type ApiCall = {
  readonly id: string
  readonly label: MessageDescriptor
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  /** Whether it spends money: it is not run without being asked for. */
  readonly buys?: boolean
}

export type Api = {
  readonly name: string
  readonly label: string
  readonly about: MessageDescriptor
  /** Where the key stands. */
  readonly key: 'header' | 'query'
  readonly calls: readonly ApiCall[]
}

const balance = msg`Balance`
const services = msg`Services`
const countries = msg`Countries`
const buy = msg`Buy a number`

export const apis: readonly Api[] = [
  {
    name: 'v1',
    label: '/v1',
    about: msg`Numlet’s own API: everything that these pages do.`,
    key: 'header',
    calls: [
      { id: 'balance', label: balance, method: 'GET', path: '/v1/balance' },
      {
        id: 'offers',
        label: msg`Offers`,
        method: 'GET',
        path: '/v1/offers',
        query: { service: 'whatsapp', country: 'US' },
      },
      {
        id: 'buy',
        label: buy,
        method: 'POST',
        path: '/v1/orders',
        body: { service: 'whatsapp', country: 'US' },
        buys: true,
      },
    ],
  },
  {
    name: 'whichotp',
    label: 'WhichOtp',
    about: msg`For programs written for whichotp.com: change the address and the key.`,
    key: 'header',
    calls: [
      { id: 'balance', label: balance, method: 'GET', path: '/whichotp/api/v1/balance' },
      { id: 'services', label: services, method: 'GET', path: '/whichotp/api/v1/services' },
    ],
  },
  {
    name: 'otpzap',
    label: 'OTPZap',
    about: msg`For programs written for otpzap.com: change the address and the key.`,
    key: 'header',
    calls: [
      { id: 'balance', label: balance, method: 'GET', path: '/otpzap/api/v1/balance' },
      { id: 'countries', label: countries, method: 'GET', path: '/otpzap/api/v1/countries' },
    ],
  },
  {
    name: 'otpwall',
    label: 'OTPWALL',
    about: msg`For programs written for OTPWALL’s API Tools: change the address and the key.`,
    key: 'header',
    calls: [
      { id: 'balance', label: balance, method: 'GET', path: '/otpwall/v1/balance' },
      { id: 'services', label: services, method: 'GET', path: '/otpwall/v1/services' },
    ],
  },
  {
    name: 'zapotp',
    label: 'ZapOTP',
    about: msg`For programs written for ZapOTP: change the address and the key.`,
    key: 'header',
    calls: [
      { id: 'user', label: balance, method: 'GET', path: '/zapotp/account/api/v1/user' },
      {
        id: 'services',
        label: services,
        method: 'GET',
        path: '/zapotp/account/api/v1/services',
        query: { country: 'US' },
      },
    ],
  },
  {
    name: 'smsverificationservice',
    label: 'smsVerificationService',
    about: msg`For programs written for smsverificationservice.com: change the address and the key.`,
    key: 'header',
    calls: [
      {
        id: 'balance',
        label: balance,
        method: 'GET',
        path: '/smsverificationservice/api/v1/balance/',
      },
      {
        id: 'services',
        label: services,
        method: 'GET',
        path: '/smsverificationservice/api/v1/services/temporary/',
      },
    ],
  },
  {
    name: 'fivesim',
    label: '5sim',
    about: msg`For programs written for 5sim.net: change the address and the key.`,
    key: 'header',
    calls: [
      { id: 'profile', label: balance, method: 'GET', path: '/fivesim/v1/user/profile' },
      {
        id: 'products',
        label: services,
        method: 'GET',
        path: '/fivesim/v1/guest/products/usa/any',
      },
      {
        id: 'buy',
        label: buy,
        method: 'GET',
        path: '/fivesim/v1/user/buy/activation/usa/any/whatsapp',
        buys: true,
      },
    ],
  },
  {
    name: 'handler-api',
    label: 'handler_api',
    about: msg`For bots of SMS-Activate’s protocol. Only keys made for it open it.`,
    key: 'query',
    calls: [
      {
        id: 'balance',
        label: balance,
        method: 'GET',
        path: '/stubs/handler_api.php',
        query: { action: 'getBalance' },
      },
      {
        id: 'prices',
        label: msg`Prices`,
        method: 'GET',
        path: '/stubs/handler_api.php',
        query: { action: 'getPrices', service: 'wa', country: '187' },
      },
      {
        id: 'buy',
        label: buy,
        method: 'GET',
        path: '/stubs/handler_api.php',
        query: { action: 'getNumber', service: 'wa', country: '187' },
        buys: true,
      },
    ],
  },
]

export const apiNamed = (name: string | undefined): Api =>
  apis.find((one) => one.name === name) ?? (apis[0] as Api)

/** Whether a key opens an API: keys for handler_api open that one only. */
export const opens = (scopes: readonly string[], api: Api): boolean =>
  scopes.includes('handler-api') === (api.key === 'query')
