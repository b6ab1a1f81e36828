// One attempt to deliver a webhook: written in its format, signed, sent.
import type { App } from '../app.ts'
import { toEventId } from '../core/events/event-id.ts'
import type { Attempt, Claimed, Outcome } from '../core/webhooks/delivery.ts'
import { parseRetryAfter } from '../core/webhooks/retry.ts'
import { standardHeaders } from '../core/webhooks/signature.ts'
import type { PushForms } from './form.ts'
import type { Answer, Sender } from './sender.ts'

const userAgent = 'Numlet-Webhooks/1'
export const ownFault = 'not sent: an internal error of the sender'

export async function attemptOf(
  app: App,
  forms: PushForms,
  sender: Sender,
  delivery: Claimed,
): Promise<Attempt> {
  const at = app.now()
  const ended = (outcome: Outcome, answer: Answer): Attempt => ({
    delivery,
    outcome,
    at,
    durationMs: answer.durationMs,
    status: answer.status,
    error: answer.error,
    response: answer.response,
    retryAfterS: parseRetryAfter(answer.retryAfter, at),
  })
  const unsent = { status: null, response: null, retryAfter: undefined, durationMs: 0 }
  try {
    const secrets = await Promise.all(
      delivery.endpoint.secrets.map((stored) => app.webhooks.secrets.read(stored)),
    )
    const write = forms[delivery.endpoint.format]
    const written = await write?.(app, { delivery, secret: secrets[0] as string })
    if (!written) return ended('skipped', { ...unsent, error: null })
    const answer = await sender.send({
      url: delivery.endpoint.url,
      body: written.body,
      headers: {
        'content-type': 'application/json',
        'user-agent': userAgent,
        ...standardHeaders({ id: idOf(app, delivery), at, body: written.body, secrets }),
        ...written.headers,
      },
    })
    return ended(outcomeOf(answer), answer)
  } catch (error) {
    app.troubles.caught('webhook bodies', error, { isIncident: true })
    return ended('failed', { ...unsent, error: ownFault })
  }
}

/** The same for every attempt, and for a replay: receivers use it to detect duplicates. */
function idOf(app: App, { id, event }: Claimed): string {
  const { epoch, xid, id: eventId } = event
  if (xid !== null && eventId !== null) return toEventId({ epoch, xid, id: eventId })
  return app.ids.toToken('evt_test', id)
}

function outcomeOf({ status }: Answer): Outcome {
  if (status === 410) return 'gone'
  return status !== null && status >= 200 && status < 300 ? 'delivered' : 'failed'
}
