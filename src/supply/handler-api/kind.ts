// handler_api: the protocol of SMS-Activate, which most platforms of the field speak.
import { exactJsonOf, refOf } from '../answers.ts'
import { objectOf } from '../bodies.ts'
import type { Settings, SupplierKind } from '../supplier.ts'
import type { Upstream, UpstreamFeatures } from '../upstream.ts'
import { probeOf } from '../upstream-probe.ts'
import { platformSettings } from '../upstream-settings.ts'
import { ask, lookUp } from './ask.ts'
import { command } from './command.ts'
import { listOrders } from './list.ts'
import { messagesOf, readOrder } from './order.ts'
import { balance, priceList } from './prices.ts'
import { problemOfChanges, profileNames, profileOf } from './profile.ts'
import { canRent, problemOfHours } from './rental-prices.ts'

const settings = platformSettings({
  url: 'The address of its handler_api.php, such as https://example.com/stubs/handler_api.php.',
  key: 'The API key, from the profile page of the platform.',
  ratePerS: '10',
  own: [
    {
      key: 'profile',
      label: 'Profile',
      help: 'The platform whose form of the protocol it speaks.',
      isSecret: false,
      isRequired: false,
      default: 'vanilla',
      options: profileNames,
    },
    {
      key: 'profile_changes',
      label: 'Changes of the profile',
      help: 'Where the platform differs from the profile, as JSON: {"hasList": false}.',
      isSecret: false,
      isRequired: false,
      check: problemOfChanges,
    },
    {
      key: 'rent_hours',
      label: 'Rentals',
      help: 'The lengths of the rentals to offer, in hours: 72,720. None are offered without.',
      isSecret: false,
      isRequired: false,
      check: problemOfHours,
    },
  ],
})

function features(of: Settings): UpstreamFeatures {
  const { again, isKeyed, hasList, hasHints } = profileOf(of)
  return {
    wire: isKeyed ? 'keyed' : 'list',
    names: 'handler-api',
    hasList,
    listRequests: 1,
    commands: ['cancel', 'finish', 'resend', 'ban'],
    hasHints,
    canRebuy: again !== null,
    canRent: canRent(of),
    canRenew: false,
  }
}

/** The webhooks of the family have no signature. */
const hintedRef = (body: string) => refOf(objectOf(exactJsonOf(body)).activationId)

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
  takesHints: true,
  hintedRef,
  messagesOf,
}

export const handlerApiKind: SupplierKind = {
  name: 'handler-api',
  title: 'handler_api',
  settings,
  features: { callback: false, upstream: true },
  inbound: null,
  probe: probeOf(upstream),
  upstream,
}
