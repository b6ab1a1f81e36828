// Requests of vendors, signed as the vendors sign them.
import type { InboundRequest, Settings, SupplierKind } from '../../../src/supply/supplier.ts'

export type SampleMessage = {
  readonly ref: string
  readonly phone: string
  readonly sender: string
  readonly text: string
}

export type SampleRequest = {
  readonly method: 'GET' | 'POST'
  /** The whole URL, with the query. */
  readonly url: string
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** One of the forms in which a vendor hands over a message. */
export type Sample = {
  readonly name: string
  readonly kind: SupplierKind
  readonly settings: Settings
  /** What the vendor’s signature covers. */
  readonly covers: { readonly body: boolean; readonly url: boolean }
  /** The headers of which every byte matters. */
  readonly signatureHeaders: readonly string[]
  /** The age in seconds after which it is refused; null: its signature has no time. */
  readonly maxAgeS: number | null
  /** A message at a webhook, sent at a time. */
  request(url: string, now: Date, message: SampleMessage): Promise<SampleRequest>
}

/** The request as the route hands it to the kind. */
export const arrived = (
  { method, url, headers, body }: SampleRequest,
  receivedAt: Date,
): InboundRequest => ({
  method,
  urls: [url],
  query: /\?(.*)$/s.exec(url)?.[1] ?? '',
  header: (name) => headers[name],
  body,
  receivedAt,
})

export const seconds = (time: Date): number => Math.floor(time.getTime() / 1000)
