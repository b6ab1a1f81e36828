// Puts events into what pages show: orders change in place, money and lists are asked again.
import type { InfiniteData } from '@tanstack/react-query'
import { type Order, orderQuery, queryClient } from '../api/queries.ts'
import type { LiveEvent } from './stream.ts'

type Message = Order['messages'][number]
type Pages = InfiniteData<{ data: Order[]; next_cursor: string | null }>

type CodeListener = (order: Order) => void
const codeListeners = new Set<CodeListener>()

/** Calls back for each order that has received a code, once in each tab. */
export function onCode(listener: CodeListener) {
  codeListeners.add(listener)
  return () => void codeListeners.delete(listener)
}

/** Applies an event; the same one twice changes nothing. */
export function applyEvent({ type, data }: LiveEvent) {
  if (type === 'message.received') return addMessage(data as { order_id: string; message: Message })
  if (type.startsWith('order.')) {
    const order = data as Order
    const known = orderKnown(order.id)
    putOrder(order)
    if (type === 'order.code_received' && known?.code !== order.code)
      for (const listener of codeListeners) listener(order)
    if (movesMoney.has(type)) refreshMoney()
    if (type === 'order.created' || known === undefined) refresh(['orders'])
    return
  }
  if (type.startsWith('deposit.') || type.startsWith('balance.')) {
    refreshMoney()
    refresh(['deposits'])
  }
  if (type.startsWith('webhook.')) refresh(['webhooks'])
}

/** Puts an order in every place that shows it. */
export function putOrder(order: Order) {
  queryClient.setQueryData(orderQuery(order.id).queryKey, order)
  const swap = (list: Order[]) => list.map((one) => (one.id === order.id ? order : one))
  queryClient.setQueriesData<Order[]>({ queryKey: ['orders', 'latest'] }, (list) =>
    list?.some((one) => one.id === order.id) ? swap(list) : list,
  )
  queryClient.setQueriesData<Pages>(
    { queryKey: ['orders', 'pages'] },
    (list) =>
      list && { ...list, pages: list.pages.map((page) => ({ ...page, data: swap(page.data) })) },
  )
}

function orderKnown(id: string): Order | undefined {
  const direct = queryClient.getQueryData(orderQuery(id).queryKey)
  if (direct) return direct
  const lists = queryClient.getQueriesData<Order[]>({ queryKey: ['orders', 'latest'] })
  return lists.flatMap(([, list]) => list ?? []).find((one) => one.id === id)
}

function addMessage({ order_id: id, message }: { order_id: string; message: Message }) {
  const order = orderKnown(id)
  if (!order || order.messages.some((one) => one.id === message.id)) return
  putOrder({ ...order, messages: [...order.messages, message] } as Order)
}

const movesMoney = new Set([
  ...['order.created', 'order.refunded', 'order.claimed', 'order.renewed', 'order.replaced'],
  ...['order.code_received', 'order.cancelled'],
])

const refresh = (queryKey: readonly string[]) => void queryClient.invalidateQueries({ queryKey })

export function refreshMoney() {
  refresh(['balance'])
  refresh(['transactions'])
}

/** After a gap that the stream could not fill. */
export function refreshAll() {
  for (const key of ['order', 'orders', 'balance', 'transactions', 'deposits']) refresh([key])
}
