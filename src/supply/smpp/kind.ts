// SMPP 3.4: numbers of a carrier or an aggregator, whose SMSC Numlet connects to.
import type { SupplierKind } from '../supplier.ts'
import { smppSettings } from './options.ts'
import { trySmpp } from './probe.ts'

export const smppKind: SupplierKind = {
  name: 'smpp',
  title: 'SMPP',
  settings: smppSettings,
  features: { callback: false, upstream: false },
  inbound: null,
  probe: trySmpp,
}
