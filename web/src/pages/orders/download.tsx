// The orders of the filter as CSV: read page by page, written in this browser.
import { useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type Order, type OrderFilter, readOrders } from '../../api/queries.ts'
import { announce } from '../../parts/announcer.tsx'
import { Icon } from '../../parts/icon.tsx'
import { wareOf } from '../../parts/order-words.ts'
import { count } from '../../texts.ts'

/** Enough for a sheet; more is the API's. */
const maxRows = 10_000
const rowsAPage = 100

const columns: readonly (readonly [string, (order: Order) => string | number | null])[] = [
  ['id', (order) => order.id],
  ['number', (order) => order.number],
  ['kind', (order) => order.kind],
  ['state', (order) => order.state],
  ['service', (order) => order.service],
  ['country', (order) => order.country],
  ['operator', (order) => order.operator],
  ['pool', (order) => order.pool],
  ['bought', wareOf],
  ['code', (order) => order.code],
  ['price', (order) => order.price],
  ['currency', (order) => order.currency],
  ['reference', (order) => order.reference],
  ['created_at', (order) => order.created_at],
  ['received_at', (order) => order.received_at],
  ['closed_at', (order) => order.closed_at],
]

export function Download({ filter, isEmpty }: { filter: OrderFilter; isEmpty: boolean }) {
  const { t } = useLingui()
  const download = useMutation({
    mutationFn: () => readAll(filter),
    onSuccess: (orders) => {
      save('orders.csv', toCsv(orders))
      announce(t`${count(orders.length)} orders saved`)
    },
  })
  return (
    <Button
      variant="default"
      leftSection={<Icon name="download" size={15} />}
      loading={download.isPending}
      disabled={isEmpty}
      onClick={() => download.mutate()}
    >
      {t`CSV`}
    </Button>
  )
}

async function readAll(filter: OrderFilter): Promise<Order[]> {
  const all: Order[] = []
  let cursor: string | null | undefined
  while (cursor !== null && all.length < maxRows) {
    const page = await readOrders({ ...filter, limit: rowsAPage, cursor: cursor ?? undefined })
    all.push(...page.data)
    cursor = page.next_cursor
  }
  return all
}

const toCsv = (orders: readonly Order[]): string =>
  [columns.map(([name]) => name), ...orders.map((order) => columns.map(([, read]) => read(order)))]
    .map((cells) => cells.map(cellOf).join(','))
    .join('\r\n')

/** Quoted where needed. A sheet must not take a text for a formula. */
function cellOf(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const isFormula = typeof value === 'string' && /^[=@\t\r]|^[+-](?!\d+(?:\.\d+)?$)/.test(text)
  const safe = isFormula ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function save(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([`\ufeff${text}`], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
