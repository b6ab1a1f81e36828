// The child's side of a pool: answers one request after the other until its parent ends it.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { FrameReader, toFrame } from './frames.ts'

/** A child's message: that it is ready, once; then a partial answer, an answer, or an error. */
export type FromChild = {
  /** 0 for the message that it is ready. */
  readonly id: number
  readonly kind: 'ready' | 'part' | 'done' | 'failed'
  readonly value: unknown
  /** CPU time of the process since its start. */
  readonly cpuMs: number
}

export type ToChild = { readonly id: number; readonly request: unknown }

/** @param tell sends a partial answer at once: it is kept even if the rest ends the process */
export type Handler = (
  request: unknown,
  bytes: Uint8Array,
  tell: (part: unknown) => void,
) => Promise<unknown> | unknown

/** Larger than the largest email. */
const maxRequestBytes = 32 * 1024 * 1024

/** Answers the parent's requests on stdin with frames on stdout. */
export function serve(handler: Handler): void {
  const guard = new Worker(new URL(`./guard${extname(import.meta.url)}`, import.meta.url))
  // If a system provides no extra pipe, only the end of stdin shows that the parent has ended.
  guard.on('error', () => {})
  guard.unref()
  const frames = new FrameReader(maxRequestBytes)
  let last: Promise<void> = Promise.resolve()
  process.stdin.on('data', (chunk: Buffer) => {
    // @NOTE one at a time: the first unanswered one is the one that takes the time
    for (const { value, bytes } of frames.push(chunk))
      last = last.then(() => answer(handler, value as ToChild, bytes))
  })
  process.stdin.on('end', () => process.exit(0))
  say(0, 'ready', null)
}

async function answer(handler: Handler, { id, request }: ToChild, bytes: Uint8Array) {
  try {
    const value = await handler(request, bytes, (part) => say(id, 'part', part))
    say(id, 'done', value)
  } catch (error) {
    say(id, 'failed', error instanceof Error ? `${error.name}: ${error.message}` : 'unknown')
  }
}

function say(id: number, kind: FromChild['kind'], value: unknown) {
  const { user, system } = process.cpuUsage()
  const message: FromChild = { id, kind, value, cpuMs: (user + system) / 1000 }
  process.stdout.write(Buffer.concat(toFrame(message)))
}
