// The innocent: customers who go on ordering during the attacks. The benchmark measures what they notice.
import type { Platform } from './ground.ts'
import { type Client, client, pause, sendMail, type Target } from './hostile-wire.ts'

export type Noticed = {
  /** Milliseconds per request, by what was requested. */
  readonly requests: Record<'orders' | 'messages' | 'balances', number[]>
  /** Milliseconds from a message's acceptance to the code at the client. */
  readonly codes: number[]
  /** Milliseconds from the start of a mail to its 250. */
  readonly mails: number[]
  /** Wrong responses. */
  readonly wrong: string[]
}

export type Innocents = {
  /** Discards the measurements and starts again. */
  notice(): Noticed
  stop(): Promise<void>
}

const ordersOpen = 500
/** The average time after which an open order gets its code. Then another order is created. */
const orderLifeMs = 20_000
const requestEveryMs = 20
const warmUpMs = 15_000
const mailEveryMs = 200
const from = '127.20.0.1'

/** Keeps 500 orders open, each in a separate account, reads balances and sends mails. */
export async function innocents(
  target: Target,
  platform: Platform,
  inboxes: readonly string[],
): Promise<Innocents> {
  const http = client(target, from)
  let noticed = blank()
  let isGoing = true
  const going = () => isGoing
  const parts = { http, platform, noticed: () => noticed, going }
  const running = [
    ...platform.keys.slice(0, ordersOpen).map((key, place) => customer(parts, key, place)),
    requests(parts),
    mails(parts, target, inboxes),
  ]
  // The first orders come all at once: what they cost is not measured.
  await pause(warmUpMs)
  return {
    notice() {
      noticed = blank()
      return noticed
    },
    async stop() {
      isGoing = false
      await Promise.all(running)
      http.close()
    },
  }
}

const blank = (): Noticed => ({
  requests: { orders: [], messages: [], balances: [] },
  codes: [],
  mails: [],
  wrong: [],
})

type Parts = {
  readonly http: Client
  readonly platform: Platform
  readonly noticed: () => Noticed
  readonly going: () => boolean
}

/** Buys a number, waits for its code, buys the next. */
async function customer({ http, platform, noticed, going }: Parts, key: string, place: number) {
  await pause((place / ordersOpen) * 1_500)
  while (going()) {
    const bought = await http.ask('POST', '/v1/orders', key, '{"service":"telegram"}')
    noticed().requests.orders.push(bought.ms)
    if (bought.status !== 201) {
      noticed().wrong.push(`an order was answered ${bought.status}`)
      await pause(1_000)
      continue
    }
    const { id, phone } = JSON.parse(bought.body) as { id: string; phone: string }
    const waiting = http.ask('GET', `/v1/orders/${id}?wait=60`, key)
    const known = waiting.then((answer) => ({ ...answer, at: performance.now() }))
    const lifeMs = going() ? orderLifeMs * (0.25 + 1.5 * Math.random()) : 0
    await Promise.race([pause(lifeMs), known])
    const code = String(100_000 + Math.floor(Math.random() * 900_000))
    const accepted = await http.ask(
      'POST',
      '/api/callback',
      platform.secret,
      messageOf(phone, code),
    )
    const acceptedAt = performance.now()
    noticed().requests.messages.push(accepted.ms)
    const answer = await known
    const told =
      answer.status === 200 ? (JSON.parse(answer.body) as { code: string | null }).code : null
    if (told === code) noticed().codes.push(Math.max(0, answer.at - acceptedAt))
    else
      noticed().wrong.push(
        `an order was told ${told === null ? 'no' : 'another'} code (${answer.status})`,
      )
  }
}

const messageOf = (number: string, code: string) =>
  JSON.stringify({
    event: 'incoming_message',
    message: { number, sender: 'Telegram', sms: `Telegram code: ${code}. Do not share it.` },
  })

async function requests({ http, platform, noticed, going }: Parts) {
  for (let asked = 0; going(); asked++) {
    const key = platform.keys[asked % ordersOpen] as string
    const { status, ms } = await http.ask('GET', '/v1/balance', key)
    noticed().requests.balances.push(ms)
    if (status !== 200) noticed().wrong.push(`a balance was answered ${status}`)
    await pause(requestEveryMs)
  }
}

async function mails({ noticed, going }: Parts, target: Target, inboxes: readonly string[]) {
  for (let sent = 0; going(); sent++) {
    const to = inboxes[sent % inboxes.length] as string
    const begun = performance.now()
    const code = await sendMail(target, from, [to], mailOf(to, sent))
    noticed().mails.push(performance.now() - begun)
    if (code !== 250) noticed().wrong.push(`a mail was answered ${code}`)
    await pause(mailEveryMs)
  }
}

const mailOf = (to: string, id: number) =>
  [
    'From: Example <noreply@example.com>',
    `To: <${to}>`,
    `Message-ID: <innocent.${process.pid}.${id}@example.com>`,
    `Date: ${new Date().toUTCString()}`,
    'Subject: Your Example code',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `Your Example code is ${100_000 + (id % 900_000)}.`,
  ].join('\r\n')
