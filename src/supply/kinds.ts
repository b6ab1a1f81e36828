// The kinds of suppliers: the only list of them.
import type { RequestParts } from '../core/inbound/requests.ts'
import type { Reader } from '../core/inbound/verbs.ts'
import { fivesimKind } from './fivesim/kind.ts'
import { handlerApiKind } from './handler-api/kind.ts'
import { httpCallbackKind } from './http-callback/kind.ts'
import { httpsmsKind } from './httpsms/kind.ts'
import { numletKind } from './numlet/kind.ts'
import { plivoKind } from './plivo/kind.ts'
import { simulatorKind } from './simulator/kind.ts'
import { smppKind } from './smpp/kind.ts'
import { smsgateKind } from './smsgate/kind.ts'
import type { Settings, StoredRequest, SupplierKind } from './supplier.ts'
import { telnyxKind } from './telnyx/kind.ts'
import { twilioKind } from './twilio/kind.ts'
import { vonageKind } from './vonage/kind.ts'

/** In the order in which they are shown. */
export const supplierKinds: readonly SupplierKind[] = [
  httpCallbackKind,
  twilioKind,
  telnyxKind,
  vonageKind,
  plivoKind,
  smsgateKind,
  httpsmsKind,
  smppKind,
  numletKind,
  handlerApiKind,
  fivesimKind,
  simulatorKind,
]

/** @returns undefined if there is no kind of this name */
export const supplierKindNamed = (name: string): SupplierKind | undefined =>
  supplierKinds.find((kind) => kind.name === name)

/** Whether a supplier can be asked for a number that it had sold. */
export const canRebuy = ({ kind, config }: { kind: string; config: Settings }): boolean =>
  supplierKindNamed(kind)?.upstream?.features(config).canRebuy ?? false

/** How a kind reads the requests of its webhook; undefined if it has none. */
export function inboundReaderOf(name: string): Reader | undefined {
  const kind = supplierKindNamed(name)
  const inbound = kind?.inbound
  if (!kind || !inbound) return undefined
  return {
    name,
    settings: kind.settings,
    read: (request, settings) => inbound.read(withHeaders(request), settings),
  }
}

/** A request in the form that kinds read. */
export const withHeaders = (request: RequestParts): StoredRequest => ({
  ...request,
  header: (name) => (Object.hasOwn(request.headers, name) ? request.headers[name] : undefined),
})

/** Whether the platform of a supplier renews rentals. */
export const canRenew = ({ kind, config }: { kind: string; config: Settings }): boolean =>
  supplierKindNamed(kind)?.upstream?.features(config).canRenew ?? false
