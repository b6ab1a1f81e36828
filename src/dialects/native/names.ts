// The names of services and operators in responses.
import type { Catalog } from '../../core/catalog/catalog.ts'

export const serviceName = (catalog: Catalog, id: number | null) =>
  id === null ? null : (catalog.service(id)?.slug ?? String(id))

export const operatorName = (catalog: Catalog, id: number | null) =>
  id === null ? null : (catalog.operator(id)?.slug ?? String(id))
