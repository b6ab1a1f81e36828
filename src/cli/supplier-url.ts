// Where the messages of a supplier come in, as an operator tells it to the vendor.
import type { Config } from '../config.ts'
import type { SupplierKind } from '../supply/supplier.ts'

/** The URL for a supplier's requests, on NUMLET_PUBLIC_URL or else on this machine; null if its kind sends
 * none. */
export function inboundUrlOf(
  { publicUrl, host, port }: Config,
  kind: SupplierKind | undefined,
  name: string,
): string | null {
  if (!kind || (kind.inbound === null && !kind.features.callback)) return null
  const path = kind.inbound === null ? '/api/callback' : `/api/supply/${name}`
  if (publicUrl !== null) return `${publicUrl.replace(/\/+$/, '')}${path}`
  // The port is not known: the server picks a free one.
  if (port === 0) return path
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
}
