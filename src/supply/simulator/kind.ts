// The kind of the simulator, which sends a code after each order of the demo.
import type { SupplierKind } from '../supplier.ts'

export const simulatorKind: SupplierKind = {
  name: 'simulator',
  title: 'Simulator',
  settings: [],
  features: { callback: true, upstream: false },
  inbound: null,
}
