// What a background job is.
import type { App } from '../app.ts'

export type Job = {
  readonly name: string
  readonly everyMs: number
  /** Does a limited amount of work. @returns how much was done; 0 if nothing is left for now */
  readonly run: (app: App, now: Date) => Promise<number>
}
