// The kinds of suppliers: the only list of them.
import { httpCallbackKind } from './http-callback/kind.ts'
import { httpsmsKind } from './httpsms/kind.ts'
import { plivoKind } from './plivo/kind.ts'
import { simulatorKind } from './simulator/kind.ts'
import { smsgateKind } from './smsgate/kind.ts'
import type { SupplierKind } from './supplier.ts'
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
  simulatorKind,
]

/** @returns undefined if there is no kind of this name */
export const supplierKindNamed = (name: string): SupplierKind | undefined =>
  supplierKinds.find((kind) => kind.name === name)
