// The orders of the filter as CSV.
import type { ShownFilter } from '../../api/queries.ts'
import { CsvButton } from '../../parts/csv-button.tsx'

export function Download({ filter, isEmpty }: { filter: ShownFilter; isEmpty: boolean }) {
  return <CsvButton path="/v1/orders.csv" query={filter} name="orders.csv" isEmpty={isEmpty} />
}
