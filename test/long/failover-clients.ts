// Clients that go on while their database fails over: payers, followers of a stream, and one that asks
// whether it is over.
import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../harness/program.ts'
import { call } from '../harness/server.ts'
import { listen, type Told } from '../harness/stream.ts'

export type Target = { readonly url: string }

const beforeNextTryMs = 50

/** Clients that go to another node with each request. */
export function eachInTurn(urls: readonly string[]): Target {
  let next = 0
  return {
    get url() {
      return urls[next++ % urls.length] as string
    },
  }
}

/** A customer who pays in, one deposit after the other, and repeats what has no answer. */
export function payIn(at: Target, key: string) {
  /** What each id of a deposit was told for. */
  const named = new Map<string, Set<string>>()
  const paid = new Set<string>()
  const wrong: string[] = []
  let isOver = false
  const payOne = async (once: string) => {
    const body = { amount: '10.00', gateway: 'sandbox' }
    const headers = { 'idempotency-key': once }
    const made = await answered(() =>
      call<{ id: string; payment_url: string }>(at, key, 'POST', '/v1/deposits', body, headers),
    )
    if (made.status !== 201) return void wrong.push(`deposit: ${made.status}`)
    const { id, payment_url: page } = made.body
    named.set(id, (named.get(id) ?? new Set()).add(once))
    const { status } = await answered(() => fetch(page, { method: 'POST' }))
    if (status === 200) paid.add(id)
    // Its deposit is lost with a primary that was not followed synchronously.
    else wrong.push(`pay: ${status}`)
  }
  const run = async () => {
    for (let count = 0; !isOver; count++) await payOne(`deposit-${count}`)
  }
  const running = run()
  return {
    named,
    paid,
    wrong,
    async stop() {
      isOver = true
      await running
    },
  }
}

/** Asks until it is told what became of it. */
export async function answered<T extends { readonly status: number }>(
  ask: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const reply = await ask().catch(() => null)
    if (reply && reply.status !== 503) return reply
    await pause(beforeNextTryMs)
  }
}

/** A client that reconnects, from the last event that it has seen. */
export function follow(at: Target, key: string) {
  const told: Told[] = []
  let isOver = false
  const run = async () => {
    while (!isOver) {
      const last = told.at(-1)
      const from: Record<string, string> = last ? { 'last-event-id': last.id } : {}
      // While the database changes, it is refused.
      const stream = await eventually(
        () => listen(at, key, '/v1/events', from).catch(() => null),
        600_000,
      )
      let taken = 0
      const take = () => {
        told.push(...stream.told.slice(taken))
        taken = stream.told.length
      }
      await eventually(async () => {
        take()
        return isOver || !stream.state.isOpen
      }, 600_000)
      take()
      stream.stop()
    }
  }
  const running = run()
  return {
    told,
    async stop() {
      isOver = true
      await running
    },
  }
}

/** Buys until it succeeds. @returns the seconds that it took, and what failed meanwhile */
export async function untilServed(at: Target, key: string, patienceMs: number) {
  const begun = performance.now()
  let refused = 0
  for (;;) {
    const reply = await call(at, key, 'POST', '/v1/orders', { service: 'whatsapp' }).catch(
      () => null,
    )
    const seconds = (performance.now() - begun) / 1_000
    if (reply?.status === 201) return { seconds, refused }
    refused++
    if (seconds * 1_000 > patienceMs) throw new Error(`not served within ${patienceMs} ms`)
    await pause(beforeNextTryMs)
  }
}
