// A supplier that is dealt with, and how requests are sent to it.
import type { App } from '../../app.ts'
import type { Supplier } from '../../core/inventory/suppliers.ts'
import { type KeptConnection, keptConnection, send, timeWasOver } from '../http-client.ts'
import type { Settings, SupplierKind } from '../supplier.ts'
import type { HttpRequest, Sent, Upstream } from '../upstream.ts'

/** A supplier to deal with, and how. */
export type Peer = {
  readonly app: App
  readonly supplier: Supplier
  readonly upstream: Upstream
  readonly settings: Settings
  /** The opaque id of this platform, which each request names, so that none goes in a circle. */
  readonly ownId: string
  /** Hears of each request that is sent. */
  readonly sends?: () => void
}

export type Sender = (request: HttpRequest) => Promise<Sent>

/** One time limit for all requests of a talk. */
export function sender(peer: Peer, allMs: number): Sender {
  const end = performance.now() + allMs
  return (request) => sendOne(peer, request, end - performance.now())
}

function sendOne(
  { app, settings, sends }: Peer,
  request: HttpRequest,
  leftMs: number,
  connection?: KeptConnection,
): Promise<Sent> {
  sends?.()
  const timeoutMs = Math.max(1, Math.round(leftMs))
  return send(request, { timeoutMs, now: app.now, ca: settings.ca, connection })
}

/**
 * Lends what sends the requests of a list, which change nothing: on one connection, as a new one for each
 * page would take longer than the pages do. One that the other side has closed meanwhile is replaced.
 * @param limits the time for all of them, and for each
 */
export async function listSender<T>(
  peer: Peer,
  limits: { readonly allMs: number; readonly eachMs: number },
  use: (send: Sender) => Promise<T>,
): Promise<T> {
  const connection = keptConnection()
  const end = performance.now() + limits.allMs
  const leftMs = () => Math.min(limits.eachMs, end - performance.now())
  let isKept = false
  try {
    return await use(async (request) => {
      const sent = await sendOne(peer, request, leftMs(), connection)
      const isStale = isKept && sent.kind !== 'answered' && sent.why !== timeWasOver
      isKept = sent.kind === 'answered'
      return isStale ? sendOne(peer, request, leftMs()) : sent
    })
  } finally {
    connection.close()
  }
}

/** @returns null if the supplier cannot be dealt with: an operator is told */
export async function peerOf(
  app: App,
  kindNamed: (name: string) => SupplierKind | undefined,
  supplier: Supplier,
  ownId: string,
): Promise<Peer | null> {
  const kind = kindNamed(supplier.kind)
  if (kind?.upstream === undefined) return null
  const trouble = `secrets of suppliers ${supplier.name}`
  try {
    const settings = await app.inbound.settingsOf(kind, supplier)
    app.troubles.worked(trouble)
    return { app, supplier, upstream: kind.upstream, settings, ownId }
  } catch (error) {
    app.troubles.failed({ trouble, who: `supplier ${supplier.name}`, error })
    return null
  }
}
