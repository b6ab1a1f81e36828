// Another Numlet, by its own API: asks are never bought twice, and every message has its id.
import { jsonIn, refOf } from '../answers.ts'
import { objectOf } from '../bodies.ts'
import type { Setting, SupplierKind } from '../supplier.ts'
import type { Upstream } from '../upstream.ts'
import { probeOf } from '../upstream-probe.ts'
import { authoritySetting, currencySetting, keySetting, urlSetting } from '../upstream-settings.ts'
import { ask, lookUp } from './ask.ts'
import { command, listOrders, messagesOf, readOrder } from './order.ts'
import { balance, priceList } from './prices.ts'

const settings: readonly Setting[] = [
  urlSetting('The address of the other Numlet, without /v1, such as https://numbers.example.com.'),
  keySetting('A key of your account there, with the scopes read and buy.'),
  currencySetting,
  authoritySetting,
]

const upstream: Upstream = {
  features: () => ({
    wire: 'keyed',
    names: null,
    hasList: true,
    commands: ['cancel', 'finish', 'resend', 'ban'],
    hasMaxPrice: true,
    hasPrefixes: false,
    hasHints: true,
    hasStream: true,
    canRebuy: false,
    canRenew: false,
  }),
  ask,
  lookUp,
  readOrder,
  listOrders,
  command,
  balance,
  priceList,
  // The webhooks are signed, and are hints all the same.
  hintedRef: (body) => refOf(objectOf(objectOf(jsonIn(body)).data).id),
  messagesOf,
}

export const numletKind: SupplierKind = {
  name: 'numlet',
  title: 'Numlet',
  settings,
  features: { callback: false, upstream: true },
  inbound: null,
  probe: probeOf(upstream),
  upstream,
}
