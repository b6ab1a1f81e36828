// What a kind of supplier is: its settings, its features, and how the requests of its webhook are read.

import type { Reading } from '../core/inbound/reading.ts'
import type { Setting, Settings } from '../core/inventory/setting.ts'
import type { Upstream } from './upstream.ts'

export type { InboundMessage, Reading } from '../core/inbound/reading.ts'
export type { Setting, Settings } from '../core/inventory/setting.ts'

/** A vendor's request as it is stored before it is read. */
export type StoredRequest = {
  readonly method: 'GET' | 'POST'
  /** Raw, without the question mark. */
  readonly query: string
  /** One of `Inbound.headers`, by its name in lower case. */
  header(name: string): string | undefined
  readonly body: Buffer
  readonly receivedAt: Date
}

/** A vendor's request as it arrived: everything that signatures are made of. */
export type InboundRequest = StoredRequest & {
  /** The URLs that the vendor may have signed, likeliest first: the public one, and that of the request. With
   * the query. */
  readonly urls: readonly string[]
}

/** How the requests of a vendor's webhook are checked and read. Both functions are pure: no network, no
 * clock but `receivedAt`. They never throw, whatever the bytes. */
export type Inbound = {
  /** The request headers that `verify` and `read` use, in lower case. Others are not kept. */
  readonly headers: readonly string[]
  /** Compares in constant time. */
  verify(request: InboundRequest, settings: Settings): boolean
  /** Is called after the request was verified and stored, perhaps later and on another node. */
  read(request: StoredRequest, settings: Settings): Reading
  /** What the vendor expects as its acknowledgement. */
  readonly answer: {
    readonly status: 200 | 204
    readonly contentType: string | null
    readonly body: string
  }
}

export type SupplierKind = {
  readonly name: string
  readonly title: string
  readonly settings: readonly Setting[]
  readonly features: {
    /** It posts to `/api/callback` with a secret that Numlet makes for it. */
    readonly callback: boolean
    /** Numbers are asked for at the moment of the order. */
    readonly upstream: boolean
  }
  /** The vendor's webhook at `/api/supply/NAME`; null: it has none. */
  readonly inbound: Inbound | null
  /** Tries the settings over the network, once. Never fails, and tells no secret. */
  readonly probe?: (settings: Settings) => Promise<Probe>
  /** How numbers are asked for there; absent: its numbers are in the stock. */
  readonly upstream?: Upstream
}

/** What came of a trial; the detail is for operators. */
export type Probe = { readonly ok: boolean; readonly detail: string }
