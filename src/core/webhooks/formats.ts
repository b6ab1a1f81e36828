// The payload formats of webhooks, which dialects register: names, and the events that each can express.
import type { EventType } from '../events/catalog.ts'

export type WebhookFormat = {
  readonly name: string
  /** The events that it can express: `messageTypes` if it sends messages only. */
  readonly types: readonly EventType[]
  /** Whose format it is. */
  readonly title: string
  readonly description: string
  /** The headers that it adds to those of Standard Webhooks. */
  readonly ownHeaders: readonly string[]
  /** A body as it is sent. */
  readonly example: Readonly<Record<string, unknown>>
}

/** A format of messages sends each message once, with or without a code. */
export const messageTypes: readonly EventType[] = ['message.received', 'order.code_received']

const registered = new Map<string, WebhookFormat>()

/** Makes a format known. Called while the program is loaded. */
export function registerFormat(format: WebhookFormat): void {
  registered.set(format.name, format)
}

/** All formats, in the order in which they were registered: `standard` first. */
export const allFormats = (): readonly WebhookFormat[] => [...registered.values()]

export const formatNames = (): readonly string[] => [...registered.keys()]

/** The events that a format can express; none if nothing has registered it. */
export const typesOf = (format: string): readonly EventType[] => registered.get(format)?.types ?? []
