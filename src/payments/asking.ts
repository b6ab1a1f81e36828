// Asking a gateway over HTTP: one request, one JSON answer, with limits on both.
import type { z } from 'zod'
import { GatewayError } from '../core/deposits/gateway.ts'

/** Much less than the time for which an invoice is ours to make: src/core/deposits/invoices.ts. */
export const timeoutMs = 15_000
const maxAnswerBytes = 512 * 1024

export type Question = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type RawAnswer = { readonly status: number; readonly body: unknown }

/** One request. Redirects are not followed: keys go nowhere but where they were sent.
 * @throws GatewayError `down` where no answer came, or none that can be read */
export async function request(question: Question): Promise<RawAnswer> {
  try {
    const response = await fetch(question.url, {
      method: question.method,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        accept: 'application/json',
        ...(question.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...question.headers,
      },
      ...(question.body === undefined ? {} : { body: JSON.stringify(question.body) }),
    })
    const text = await limitedText(response)
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  } catch (error) {
    throw new GatewayError('down', `no answer: ${error instanceof Error ? error.name : 'unknown'}`)
  }
}

/** Answers that say nothing of what was asked: it is too much, or our key is wrong and will be mended. */
const tellsNothing = [401, 403, 408, 429]

/** Whether a status means that what was asked for was not done and will not be. */
export const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && !tellsNothing.includes(status)

/** One request whose answer has a shape.
 * @throws GatewayError `down` for what says nothing (5xx, 429, another shape), `refused` for another 4xx */
export async function ask<T>(shape: z.ZodType<T>, question: Question): Promise<T> {
  return understood(shape, await request(question))
}

/** @throws GatewayError as `ask` does */
export function understood<T>(shape: z.ZodType<T>, { status, body }: RawAnswer): T {
  if (status >= 400)
    throw new GatewayError(isRefusal(status) ? 'refused' : 'down', `it answered ${status}`)
  const parsed = shape.safeParse(body)
  if (!parsed.success) throw new GatewayError('down', 'its answer has another shape')
  return parsed.data
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxAnswerBytes) throw new RangeError('the answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** A user and an empty password, as RFC 7617 wants it. */
export const basic = (user: string) => `Basic ${Buffer.from(`${user}:`).toString('base64')}`
