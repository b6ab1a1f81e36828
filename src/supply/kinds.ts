// The kinds of suppliers: the only list of them.
import { httpCallbackKind } from './http-callback/kind.ts'
import { simulatorKind } from './simulator/kind.ts'
import type { SupplierKind } from './supplier.ts'

/** In the order in which they are shown. */
export const supplierKinds: readonly SupplierKind[] = [httpCallbackKind, simulatorKind]

/** @returns undefined if there is no kind of this name */
export const supplierKindNamed = (name: string): SupplierKind | undefined =>
  supplierKinds.find((kind) => kind.name === name)
