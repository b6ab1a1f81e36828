// Where the messages of a supplier come in, as an operator tells it to the vendor.
import type { Config } from '../config.ts'
import type { SupplierKind } from '../supply/supplier.ts'

/** The URL for a supplier's requests, on NUMLET_PUBLIC_URL or else on this machine; null if its kind sends
 * none. @param token of a supplier that calls when something has changed; null: it is not known */
export function inboundUrlOf(
  config: Config,
  kind: SupplierKind | undefined,
  name: string,
  token: string | null = null,
): string | null {
  const path = kind && pathOf(kind, name, token)
  if (!path) return null
  const { publicUrl, host, port } = config
  if (publicUrl !== null) return `${publicUrl.replace(/\/+$/, '')}${path}`
  // The port is not known: the server picks a free one.
  if (port === 0) return path
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
}

function pathOf(kind: SupplierKind, name: string, token: string | null): string | null {
  if (token !== null) return `/api/supply/${name}/${token}`
  if (kind.inbound !== null) return `/api/supply/${name}`
  return kind.features.callback ? '/api/callback' : null
}
