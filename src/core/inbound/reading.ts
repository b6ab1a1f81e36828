// What a vendor's request says, once it is read.

/** A text message as a vendor hands it over. */
export type InboundMessage = {
  /** The vendor's id of the message; null if there is none, or only a placeholder. Of a message in parts:
   * the id of this part. */
  readonly ref: string | null
  /** The receiving number, in E.164 if it could be parsed. */
  readonly phone: string
  readonly sender: string
  readonly text: string
  /** Of a message that the vendor hands over in parts: this is one of them. */
  readonly part?: {
    /** The same for all parts of one message, from one sender to one number. */
    readonly reference: string
    /** 2 to 255 */
    readonly total: number
    /** 1 to `total` */
    readonly number: number
  }
}

export type Reading =
  | { readonly kind: 'messages'; readonly messages: readonly InboundMessage[] }
  /** Nothing to keep: receipts, pings, tests. */
  | { readonly kind: 'ignored'; readonly reason: string }
  /** Signed, but not as documented: kept for the operator. The reason contains nothing of the request. */
  | { readonly kind: 'unreadable'; readonly reason: string }
