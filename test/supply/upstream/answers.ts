// Answers of suppliers for the tests of what they mean, and what every upstream kind can be asked.
import type {
  Ask,
  HttpAnswer,
  HttpRequest,
  Sent,
  Talk,
  Upstream,
} from '../../../src/supply/upstream.ts'

export const now = new Date('2026-03-14T09:26:53Z')

export const answerOf = (
  body: string | object,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  at: now,
})

export const answered = (...parts: Parameters<typeof answerOf>): Sent => ({
  kind: 'answered',
  answer: answerOf(...parts),
})

export const silence: Sent = { kind: 'no_answer', why: 'the time was over' }
export const unreached: Sent = { kind: 'not_sent', why: 'the connection was refused' }

/** What a talk comes to, given what becomes of each of its requests; and the requests. */
export function played<T>(talk: Talk<T> | null, ...all: readonly Sent[]) {
  if (talk === null) throw new Error('the wire has none')
  const requests: HttpRequest[] = []
  let current = talk
  for (const sent of all) {
    requests.push(current.request)
    const step = current.read(sent)
    if ('result' in step) {
      if (requests.length < all.length) throw new Error('it ended before the last answer')
      return { result: step.result, requests }
    }
    current = step.next
  }
  throw new Error(`it asks for more: ${current.request.url}`)
}

export const ask: Ask = {
  product: { service: 'wa', country: '16', operator: null, pool: null },
  requestKey: 'key-0123456789abcdef',
  maxPrice: 12_345n,
  exceptPrefixes: ['447700', '44 7', ''],
  again: null,
  passage: { via: ['n1', 'n2'], deadlineS: 13.9 },
}

const rental: Ask = { ...ask, product: { ...ask.product, durationS: 259_200 } }

/** Everything that a kind can be asked. */
export const talksOf = (upstream: Upstream, settings: Readonly<Record<string, string>>) =>
  [
    upstream.ask(settings, ask),
    upstream.ask(settings, { ...ask, again: { ref: '635468024', phone: '+447700900123' } }),
    upstream.lookUp(settings, { ask, mayAskAgain: true }),
    upstream.lookUp(settings, { ask, mayAskAgain: false }),
    upstream.ask(settings, rental),
    upstream.lookUp(settings, { ask: rental, mayAskAgain: true }),
    upstream.lookUp(settings, { ask: rental, mayAskAgain: false }),
    ...['635468024', 'rent:1049'].map((ref) => upstream.readOrder(settings, ref)),
    upstream.listOrders(settings),
    ...(['cancel', 'finish', 'resend', 'ban'] as const).flatMap((verb) =>
      ['635468024', 'rent:1049'].map((ref) => upstream.command(settings, { ref, verb })),
    ),
    upstream.balance(settings),
    upstream.priceList(settings),
  ].flatMap((talk): Talk<{ readonly kind: string }>[] => (talk === null ? [] : [talk]))
