// 5sim: the second protocol of the field, which a Numlet speaks as well.
import type { Settings, SupplierKind } from '../supplier.ts'
import type { Upstream, UpstreamFeatures } from '../upstream.ts'
import { probeOf } from '../upstream-probe.ts'
import { platformSettings } from '../upstream-settings.ts'
import { ask, isKeyed, lookUp } from './ask.ts'
import { command, listOrders, messagesOf, readOrder } from './order.ts'
import { balance, priceList } from './prices.ts'

const settings = platformSettings({
  url: 'The address of its API, which ends in /v1, such as https://5sim.net/v1.',
  key: 'The token, from the page “API keys” of the platform.',
  ratePerS: '10',
  own: [
    {
      key: 'profile',
      label: 'Profile',
      help: 'The platform whose form of the protocol it speaks.',
      isSecret: false,
      isRequired: false,
      default: 'vanilla',
      options: ['vanilla', 'numlet'],
    },
  ],
})

const features = (of: Settings): UpstreamFeatures => ({
  wire: isKeyed(of) ? 'keyed' : 'list',
  names: 'fivesim',
  hasList: true,
  listRequests: 1,
  commands: ['cancel', 'finish', 'ban'],
  hasHints: false,
  canRebuy: true,
  canRent: false,
  canRenew: false,
})

const upstream: Upstream = {
  features,
  ask,
  lookUp,
  renew: () => null,
  readOrder,
  listOrders,
  command,
  balance,
  priceList,
  stream: () => null,
  takesHints: false,
  hintedRef: () => null,
  messagesOf,
}

export const fivesimKind: SupplierKind = {
  name: 'fivesim',
  title: '5sim',
  settings,
  features: { callback: false, upstream: true },
  inbound: null,
  probe: probeOf(upstream),
  upstream,
}
