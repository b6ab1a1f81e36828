// Calls a gateway over HTTP: one request, one JSON response, with limits on both.
import type { z } from 'zod'
import { GatewayError } from '../core/deposits/gateway.ts'

/** Much less than the time for which a node may create an invoice: src/core/deposits/invoices.ts. */
export const timeoutMs = 15_000
const maxAnswerBytes = 512 * 1024

export type Question = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type RawAnswer = { readonly status: number; readonly body: unknown }

/** Sends one request. Redirects are not followed, so that keys are sent nowhere else.
 * @throws GatewayError `down` if there is no response, or no readable one */
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
    throw new GatewayError(
      'down',
      `no response: ${error instanceof Error ? error.name : 'unknown'}`,
    )
  }
}

/** Responses that say nothing about the request: rate limits, or a wrong key that will be corrected. */
const tellsNothing = [401, 403, 408, 429]

/** Whether a status means that the request was not carried out and will not be. */
export const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && !tellsNothing.includes(status)

/** Sends one request and parses the response.
 * @throws GatewayError `down` for an unclear response (5xx, 429, wrong shape), `refused` for another 4xx */
export async function ask<T>(shape: z.ZodType<T>, question: Question): Promise<T> {
  return understood(shape, await request(question))
}

/** @throws GatewayError like `ask` */
export function understood<T>(shape: z.ZodType<T>, { status, body }: RawAnswer): T {
  if (status >= 400)
    throw new GatewayError(isRefusal(status) ? 'refused' : 'down', `status ${status}`)
  const parsed = shape.safeParse(body)
  if (!parsed.success) throw new GatewayError('down', 'the response has an unexpected shape')
  return parsed.data
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxAnswerBytes) throw new RangeError('the response is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** A user name and an empty password, as RFC 7617 requires. */
export const basic = (user: string) => `Basic ${Buffer.from(`${user}:`).toString('base64')}`
