// Another Numlet, by its own API: asks are never bought twice, and every message has its id.
import { jsonIn, refOf } from '../answers.ts'
import { objectOf } from '../bodies.ts'
import type { SupplierKind } from '../supplier.ts'
import type { Upstream } from '../upstream.ts'
import { probeOf } from '../upstream-probe.ts'
import { platformSettings } from '../upstream-settings.ts'
import { ask, lookUp } from './ask.ts'
import { command, listOrders, messagesOf, readOrder } from './order.ts'
import { balance, priceList } from './prices.ts'
import { renew } from './renew.ts'
import { requestFor } from './request.ts'

const settings = platformSettings({
  url: 'The address of the other Numlet, without /v1, such as https://numbers.example.com.',
  key: 'A key of your account there, with the scopes read and buy.',
  ratePerS: '1',
})

/** The order of an event, of a stream or of a webhook. Events of other things name none. */
function hintedRef(text: string): string | null {
  const { id, order_id } = objectOf(objectOf(jsonIn(text)).data)
  const ref = refOf(order_id) ?? refOf(id)
  return ref?.startsWith('ord_') ? ref : null
}

const upstream: Upstream = {
  features: () => ({
    wire: 'keyed',
    names: null,
    hasList: true,
    listRequests: 4,
    commands: ['cancel', 'finish', 'resend', 'ban'],
    hasHints: true,
    canRebuy: true,
    canRent: true,
    canRenew: true,
  }),
  ask,
  lookUp,
  renew,
  readOrder,
  listOrders,
  command,
  balance,
  priceList,
  stream: (of, after) =>
    requestFor(of, 'GET', {
      path: ['events'],
      headers: {
        accept: 'text/event-stream',
        ...(after === null ? {} : { 'last-event-id': after }),
      },
    }),
  takesHints: true,
  // The webhooks are signed, and are hints all the same.
  hintedRef,
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
