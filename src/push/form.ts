// How deliveries are written: one function for each format, handed in by whoever puts the program together.
import type { App } from '../app.ts'
import type { Push, Wording } from '../core/webhooks/delivery.ts'
import type { EndpointFormat } from '../core/webhooks/endpoint.ts'

/** @returns null where the format has no words for it */
export type PushForm = (app: App, push: Push) => Promise<Wording | null>

export type PushForms = Readonly<Record<EndpointFormat, PushForm>>
