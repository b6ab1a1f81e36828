// One stream of events a browser: the tab that holds the lock reads it, and tells the others.
import { connection } from '../api/connection.ts'
import { isFailure } from '../api/failure.ts'
import { type Order, orderQuery, queryClient, readOrders } from '../api/queries.ts'
import { applyEvent, putOrder, refreshAll } from './apply.ts'
import { Buffered, type LiveEvent, readStream } from './stream.ts'

export type LiveState = 'connecting' | 'live' | 'polling'

type Note =
  | { readonly kind: 'event'; readonly event: LiveEvent }
  | { readonly kind: 'orders'; readonly orders: Order[] }
  | { readonly kind: 'state'; readonly state: LiveState }
  | { readonly kind: 'who' }

const retryMs = 1_500
const pollMs = 2_500
/** How long to ask for changes before the stream is tried again. */
const pollForMs = 120_000
const openStates = ['allocating', 'waiting', 'received', 'active'] as const

let state: LiveState = 'connecting'
const listeners = new Set<() => void>()

export const live = {
  state: () => state,
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}

/** Follows an account until stopped.
 * @param scope names the person and the account: streams of others are not shared */
export function followLive(scope: string): () => void {
  const over = new AbortController()
  const channel = new BroadcastChannel(`numlet-live-${scope}`)
  let lastId: string | null = null
  let isLeader = false
  const take = (note: Note) => {
    if (note.kind === 'event') {
      if (note.event.id !== '') lastId = note.event.id
      applyEvent(note.event)
    }
    if (note.kind === 'orders') for (const order of note.orders) takePolled(order)
    if (note.kind === 'state') setState(note.state)
    if (note.kind === 'who' && isLeader) channel.postMessage({ kind: 'state', state })
  }
  const tell = (note: Note) => {
    take(note)
    channel.postMessage(note)
  }
  channel.onmessage = ({ data }: MessageEvent<Note>) => take(data)
  channel.postMessage({ kind: 'who' })
  const lead = async () => {
    isLeader = true
    while (!over.signal.aborted) await leadOnce(() => lastId, tell, over.signal)
  }
  navigator.locks
    .request(`numlet-live-${scope}`, { signal: over.signal }, lead)
    .catch((error: unknown) => {
      // Aborted while it waited: this tab has left.
      if (!over.signal.aborted) throw error
    })
  return () => {
    over.abort()
    channel.close()
    setState('connecting')
  }
}

/** Reads one stream to its end, and waits as long as is sensible before the next. */
async function leadOnce(
  lastId: () => string | null,
  tell: (note: Note) => void,
  signal: AbortSignal,
): Promise<void> {
  const hadGap = lastId() === null
  try {
    await readStream(lastId(), signal, {
      opened() {
        connection.answered()
        tell({ kind: 'state', state: 'live' })
        // What was shown before the stream began may be older than it.
        if (hadGap) refreshAll()
      },
      event: (event) => tell({ kind: 'event', event }),
    })
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof Buffered) return pollFor(tell, signal)
    if (isFailure(error) && error.status === 401) return pause(10 * retryMs, signal)
    tell({ kind: 'state', state: 'connecting' })
    if (!isFailure(error)) connection.lost()
  }
  await pause(retryMs * (0.5 + Math.random()), signal)
}

/** Asks for open orders again and again: for networks that let no stream through. */
async function pollFor(tell: (note: Note) => void, signal: AbortSignal): Promise<void> {
  tell({ kind: 'state', state: 'polling' })
  const until = Date.now() + pollForMs
  while (Date.now() < until && !signal.aborted) {
    const page = await readOrders({ state: openStates, limit: 100 }, signal).catch(() => null)
    if (page) {
      tell({ kind: 'orders', orders: page.data })
      await refreshClosed(page.data)
    }
    await pause(pollMs, signal)
  }
}

/** What was open and is in no list any more has ended: it is read by itself. */
async function refreshClosed(open: readonly Order[]) {
  const shown = queryClient.getQueriesData<Order>({ queryKey: ['order'] })
  const ended = shown.filter(
    ([, order]) => order && isOpen(order) && !open.some(({ id }) => id === order.id),
  )
  await Promise.all(
    ended.map(([, order]) =>
      queryClient.invalidateQueries({ queryKey: orderQuery((order as Order).id).queryKey }),
    ),
  )
}

const isOpen = ({ state: one }: Order) => (openStates as readonly string[]).includes(one)

function takePolled(order: Order) {
  const hasCode = order.state === 'received' || order.code !== null
  if (hasCode)
    applyEvent({ id: '', type: 'order.code_received', timestamp: order.created_at, data: order })
  else putOrder(order)
}

function setState(next: LiveState) {
  if (state === next) return
  state = next
  for (const listener of listeners) listener()
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const wake = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', wake, { once: true })
    const forget = connection.onReturn(() => {
      forget()
      wake()
    })
  })
}
