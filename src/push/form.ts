// How deliveries are formatted: one function per format, which the dialect of the format brings.
import type { App } from '../app.ts'
import type { Payload, Push } from '../core/webhooks/delivery.ts'

/** @returns null if the format cannot express it */
export type PushForm = (app: App, push: Push) => Promise<Payload | null>

/** By the name of the format. */
export type PushForms = Readonly<Record<string, PushForm>>
