// A supplier that is dealt with, and how requests are sent to it.
import type { App } from '../../app.ts'
import type { Supplier } from '../../core/inventory/suppliers.ts'
import { send } from '../http-client.ts'
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
}

export type Sender = (request: HttpRequest) => Promise<Sent>

/** One time limit for all requests of a talk. @param eachMs the time limit of each of them */
export function sender({ app, settings }: Peer, allMs: number, eachMs = allMs): Sender {
  const end = performance.now() + allMs
  return (request) =>
    send(request, {
      timeoutMs: Math.max(1, Math.min(eachMs, Math.round(end - performance.now()))),
      now: app.now,
      ca: settings.ca,
    })
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
