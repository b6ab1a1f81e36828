// Refusals of mails and connections, with their SMTP codes.
import type { App } from '../../app.ts'
import { BadMail } from './parse.ts'

export const notNow = 'Not possible at the moment; try again later'
export const unreadable = 'The mail cannot be read'

/** A reply other than 250. */
export class Refusal extends Error {
  readonly responseCode: number
  constructor(responseCode: number, message: string) {
    super(message)
    this.responseCode = responseCode
  }
}

export function refusalFor(app: App, error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (!(error instanceof BadMail)) return unavailable(app, error)
  app.mail.counts.add('malformed')
  return new Refusal(554, unreadable)
}

/** For any internal error: the sender retries. */
export function unavailable(app: App, error: unknown): Refusal {
  app.mail.counts.add('unavailable')
  app.troubles.caught('mail server', error, { isIncident: true })
  return new Refusal(451, notNow)
}
