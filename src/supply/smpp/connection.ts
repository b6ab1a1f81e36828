// A connection that speaks SMPP: sends requests and waits for their responses, and hands on the requests of the
// other side, one after the other.
import type { Socket } from 'node:net'
import { type CommandName, responseBit } from './codec/commands.ts'
import { encodePdu, isResponse, type Pdu, type PduParts, type Unreadable } from './codec/pdu.ts'
import { pduReader } from './codec/reader.ts'
import { statusCode } from './codec/statuses.ts'

export type Connection = {
  /** Sends a request. @returns its response. Fails if there is none in time, or the connection ends.
   * @param then `pause` reads nothing behind the response until resumed */
  request<Name extends CommandName>(
    parts: Omit<PduParts<Name>, 'sequence'>,
    timeoutMs: number,
    then?: 'pause',
  ): Promise<Pdu>
  /** Sends a response. */
  respond<Name extends CommandName>(parts: PduParts<Name>): void
  /** Reads no further until resumed. */
  pause(): void
  resume(): void
  isPaused(): boolean
  /** When something has come, by `performance.now()`. */
  heardAt(): number
  /** Ends it at once. The first reason counts. */
  cut(reason: string): void
  /** Ends it when all that was sent is on its way. */
  finish(reason: string): void
  /** Resolves with the reason when it has ended. Never fails. */
  readonly ended: Promise<string>
}

/** What is told of the requests of the other side. */
export type Handlers = {
  request(pdu: Pdu): void
  /** What cannot be read has been answered already. */
  unreadable(what: Unreadable): void
}

const maxSequence = 0x7fffffff
/** A peer that sends, and does not read the responses, is cut off. */
const maxUnsentBytes = 1_000_000

type Waiting = {
  readonly then: 'pause' | undefined
  readonly resolve: (pdu: Pdu) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

export function openConnection(socket: Socket, handlers: Handlers): Connection {
  const reader = pduReader()
  const waiting = new Map<number, Waiting>()
  const end = Promise.withResolvers<string>()
  let reason: string | null = null
  let sequence = 0
  let isPaused = false
  let heardAt = performance.now()
  const cut = (why: string) => {
    reason ??= why
    socket.destroy()
  }
  const pause = () => {
    isPaused = true
    socket.pause()
  }
  const finish = (why: string) => {
    reason ??= why
    socket.destroySoon()
  }
  const send = (bytes: Buffer) => {
    if (!socket.writable) return
    socket.write(bytes)
    if (socket.writableLength > maxUnsentBytes) cut('the SMSC does not read what it is sent')
  }
  const respond: Connection['respond'] = (parts) => send(encodePdu(parts))
  const read = () => {
    while (!isPaused && reason === null) {
      const received = reader.next()
      if (received === null) return
      if (received.kind === 'broken') return cut(`the SMSC sent something else: ${received.reason}`)
      if (received.kind === 'pdu') take(received.pdu)
      else {
        refuse(received)
        handlers.unreadable(received)
      }
    }
  }
  const take = (pdu: Pdu) => {
    if (!isResponse(pdu.command)) return handlers.request(pdu)
    const one = waiting.get(pdu.sequence)
    if (!one) return
    waiting.delete(pdu.sequence)
    clearTimeout(one.timer)
    if (one.then === 'pause') pause()
    one.resolve(pdu)
  }
  const refuse = ({ kind, sequence: of, id }: Unreadable) => {
    // A response that cannot be read is not responded to.
    if (id >= responseBit) return
    const status = statusCode(kind === 'unknown' ? 'ESME_RINVCMDID' : 'ESME_RINVCMDLEN')
    respond({ command: 'generic_nack', sequence: of, status })
  }
  socket.on('data', (chunk: Buffer) => {
    heardAt = performance.now()
    reader.push(chunk)
    read()
  })
  socket.on('error', (error) => {
    reason ??= error.message
  })
  socket.on('close', () => {
    reason ??= 'the SMSC closed the connection'
    for (const one of waiting.values()) {
      clearTimeout(one.timer)
      one.reject(new Error(reason))
    }
    waiting.clear()
    end.resolve(reason)
  })
  return {
    request(parts, timeoutMs, then) {
      sequence = sequence === maxSequence ? 1 : sequence + 1
      const own = sequence
      return new Promise((resolve, reject) => {
        if (!socket.writable) return reject(new Error(reason ?? 'the connection has ended'))
        const timer = setTimeout(() => {
          waiting.delete(own)
          reject(new Error(`no answer to ${parts.command} in time`))
        }, timeoutMs)
        waiting.set(own, { then, resolve, reject, timer })
        send(encodePdu({ ...parts, sequence: own }))
      })
    },
    respond,
    pause,
    resume() {
      if (!isPaused) return
      isPaused = false
      // Not within the caller: it may be at work on what has been read.
      setImmediate(() => {
        read()
        if (!isPaused) socket.resume()
      })
    },
    isPaused: () => isPaused,
    heardAt: () => heardAt,
    cut,
    finish,
    ended: end.promise,
  }
}
