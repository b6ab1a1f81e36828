// The kind for suppliers that can post JSON, and for scripts: they send our own format to /api/callback.
import type { SupplierKind } from '../supplier.ts'

export const httpCallbackKind: SupplierKind = {
  name: 'http-callback',
  title: 'HTTP callback',
  settings: [],
  features: { callback: true, upstream: false },
  inbound: null,
}
