// A connection that speaks SMPP: sends requests and waits for their responses, and hands on the requests of
// the other side, one after the other.
import type { Socket } from 'node:net'
import { type CommandName, responseBit } from './codec/commands.ts'
import { encodePdu, isResponse, type Pdu, type PduParts, type Unreadable } from './codec/pdu.ts'
import { pduReader, type Received } from './codec/reader.ts'
import { statusCode } from './codec/statuses.ts'
import { pendingRequests } from './requests.ts'

export type Connection = {
  /** Sends a request. @returns its response. Fails if there is none in time, or the connection ends.
   * @param then `pause`: nothing behind the response is read until resumed */
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

/** A peer that sends, and does not read the responses, is cut off. */
const maxUnsentBytes = 1_000_000

export function openConnection(socket: Socket, handlers: Handlers): Connection {
  const requests = pendingRequests()
  const end = Promise.withResolvers<string>()
  let reason: string | null = null
  let heardAt = performance.now()
  /** The response behind which nothing is read. */
  let pauseAt: number | null = null
  const cut = (why: string) => {
    reason ??= why
    socket.destroy()
  }
  const send = (bytes: Buffer) => {
    if (!socket.writable) return
    socket.write(bytes)
    if (socket.writableLength > maxUnsentBytes) cut('the SMSC does not read what it is sent')
  }
  const respond: Connection['respond'] = (parts) => send(encodePdu(parts))
  const reading = readingOf(socket, (received) => {
    if (received.kind === 'broken') cut(`the SMSC sent something else: ${received.reason}`)
    else if (received.kind !== 'pdu') {
      refuse(respond, received)
      handlers.unreadable(received)
    } else if (isResponse(received.pdu.command)) {
      if (received.pdu.sequence === pauseAt) reading.pause()
      requests.answer(received.pdu)
    } else handlers.request(received.pdu)
  })
  socket.on('data', (chunk: Buffer) => {
    heardAt = performance.now()
    reading.push(chunk)
  })
  socket.on('error', (error) => {
    reason ??= error.message
  })
  socket.on('close', () => {
    reason ??= 'the SMSC closed the connection'
    requests.fail(reason)
    end.resolve(reason)
  })
  return {
    request(parts, timeoutMs, then) {
      if (!socket.writable) return Promise.reject(new Error(reason ?? 'the connection has ended'))
      const sequence = requests.nextSequence()
      if (then === 'pause') pauseAt = sequence
      const response = requests.wait(sequence, parts.command, timeoutMs)
      send(encodePdu({ ...parts, sequence }))
      return response
    },
    respond,
    pause: reading.pause,
    resume: reading.resume,
    isPaused: reading.isPaused,
    heardAt: () => heardAt,
    cut,
    finish(why) {
      reason ??= why
      socket.destroySoon()
    },
    ended: end.promise,
  }
}

/** Reads PDUs one after the other, as long as it is not paused. */
function readingOf(socket: Socket, take: (received: Received) => void) {
  const reader = pduReader()
  let isPaused = false
  const read = () => {
    while (!isPaused && !socket.destroyed) {
      const received = reader.next()
      if (received === null) return
      take(received)
    }
  }
  return {
    push(chunk: Buffer) {
      reader.push(chunk)
      read()
    },
    pause() {
      isPaused = true
      socket.pause()
    },
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
  }
}

/** Tells the other side of a request that cannot be read. A response is not responded to. */
function refuse(respond: Connection['respond'], { kind, sequence, id }: Unreadable) {
  if (id >= responseBit) return
  const status = statusCode(kind === 'unknown' ? 'ESME_RINVCMDID' : 'ESME_RINVCMDLEN')
  respond({ command: 'generic_nack', sequence, status })
}
