// How deliveries are formatted: one function per format, passed in when the program is assembled.
import type { App } from '../app.ts'
import type { Push, Wording } from '../core/webhooks/delivery.ts'
import type { EndpointFormat } from '../core/webhooks/endpoint.ts'

/** @returns null if the format cannot express it */
export type PushForm = (app: App, push: Push) => Promise<Wording | null>

export type PushForms = Readonly<Record<EndpointFormat, PushForm>>
