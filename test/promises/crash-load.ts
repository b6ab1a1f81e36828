// A load of purchases, messages and cancels, and a record of what was acknowledged and what was not.
import { setTimeout as pause } from 'node:timers/promises'
import { call, type Reply } from '../harness/server.ts'
import type { Lots } from './market.ts'

type Target = { readonly url: string }

/** A request that is safe to send again, as its sender remembers it. */
type Request =
  | { readonly kind: 'buy'; readonly id: string; readonly services: readonly string[] }
  | {
      readonly kind: 'message'
      readonly id: string
      readonly phone: string
      readonly sender: string
    }
  | { readonly kind: 'cancel'; readonly id: string }

type Bought = { readonly id: string; readonly phone: string; readonly service: string }

/** One of them, or two on one number: the message is for the first. */
const services = [
  ['whatsapp'],
  ['telegram'],
  ['google'],
  ['facebook', 'instagram'],
  ['instagram', 'telegram'],
] as const
const senders = 12
/** A client that got no answer does not ask as fast as it can. */
const beforeNextTryMs = 100

export class Load {
  /** By the request's own id. */
  readonly bought = new Map<string, Bought>()
  readonly messages = new Map<string, { messageId: string; orderIds: string[] }>()
  readonly cancelled = new Set<string>()
  /** What each id of an order or a message was told for: the requests' own ids. */
  readonly named = new Map<string, Set<string>>()
  /** Sent, and no answer that says what became of it. */
  unanswered: Request[] = []
  /** Answers that nobody may get, whatever happens to the machine. */
  readonly wrong: string[] = []
  unavailable = 0

  readonly #key: string
  readonly #secret: string
  #sent = 0

  constructor(key: string, secret: string) {
    this.#key = key
    this.#secret = secret
  }

  get acknowledged(): number {
    return this.bought.size + this.messages.size + this.cancelled.size
  }

  /** Customers and suppliers at work until told to stop; those without an answer go on with the next. */
  async run(target: Target, lot: Lots, stopped: () => boolean): Promise<void> {
    const work = async () => {
      while (!stopped()) {
        const order = await this.#send(target, {
          kind: 'buy',
          id: `buy-${++this.#sent}`,
          services: lot.oneOf<readonly string[]>(services),
        })
        if (!order) {
          await pause(beforeNextTryMs)
          continue
        }
        const { id, phone, service } = order
        const message = {
          kind: 'message' as const,
          id: `sms-${++this.#sent}`,
          phone,
          sender: service,
        }
        const cancel = { kind: 'cancel' as const, id }
        const next = lot.oneOf([[message], [cancel], [message, cancel]])
        await Promise.all(next.map((request) => this.#send(target, request)))
      }
    }
    await Promise.all(Array.from({ length: senders }, work))
  }

  /** Sends again what had no answer, as every client does, until there is one for each. */
  async retry(target: Target): Promise<void> {
    for (let round = 0; this.unanswered.length > 0; round++) {
      if (round > 200) throw new Error(`${this.unanswered.length} requests get no answer`)
      const again = this.unanswered
      this.unanswered = []
      for (let start = 0; start < again.length; start += senders)
        await Promise.all(again.slice(start, start + senders).map((one) => this.#send(target, one)))
    }
  }

  async #send(target: Target, request: Request): Promise<Bought | null> {
    let reply: Reply
    try {
      reply = await this.#call(target, request)
    } catch {
      // The connection broke: it may have happened or not.
      this.unanswered.push(request)
      return null
    }
    return this.#note(request, reply)
  }

  #call(target: Target, request: Request): Promise<Reply> {
    if (request.kind === 'buy')
      return call(
        target,
        this.#key,
        'POST',
        '/v1/orders',
        request.services.length > 1
          ? { services: request.services }
          : { service: request.services[0] },
        { 'idempotency-key': request.id },
      )
    if (request.kind === 'cancel')
      return call(target, this.#key, 'POST', `/v1/orders/${request.id}/cancel`)
    const { id, phone, sender } = request
    const sms = `${sender}: your code is ${100_000 + (Number(id.slice(4)) % 900_000)}`
    const message = { id, number: phone, sender, sms }
    return call(target, this.#secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message,
    })
  }

  #note(request: Request, { status, body, headers }: Reply): Bought | null {
    if (status === 503) {
      this.unavailable++
      if (!headers.has('retry-after')) this.wrong.push('503 without Retry-After')
      this.unanswered.push(request)
      return null
    }
    if (request.kind === 'buy' && status === 201) {
      const [service = ''] = request.services
      const bought = { id: String(body.id), phone: String(body.phone), service }
      this.bought.set(request.id, bought)
      this.#name(bought.id, request.id)
      return bought
    }
    if (request.kind === 'message' && status === 200) {
      this.messages.set(request.id, {
        messageId: String(body.message_id),
        orderIds: body.order_ids as string[],
      })
      this.#name(String(body.message_id), request.id)
    } else if (request.kind === 'cancel' && status === 200) this.cancelled.add(request.id)
    // The message was faster.
    else if (!(request.kind === 'cancel' && body.code === 'order_not_cancellable'))
      this.wrong.push(`${request.kind}: ${status} ${JSON.stringify(body)}`)
    return null
  }

  #name(id: string, of: string): void {
    this.named.set(id, (this.named.get(id) ?? new Set()).add(of))
  }
}
