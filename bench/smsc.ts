// An SMSC for the benchmark `smpp`: takes a bind, and hands over messages with a window.
import { createServer } from 'node:net'
import type { FieldsOf } from '../src/supply/smpp/codec/commands.ts'
import { type Connection, openConnection } from '../src/supply/smpp/connection.ts'

export type Smsc = {
  readonly port: number
  /** Resolves when somebody has bound. */
  readonly bound: Promise<void>
  /** Hands a message over. Resolves when it is acknowledged. */
  deliver(fields: Partial<FieldsOf<'deliver_sm'>>): Promise<void>
  stop(): void
}

const answerTimeoutMs = 30_000

/** Listens on a free port. The newest bind gets the messages. */
export async function openSmsc(): Promise<Smsc> {
  const bound = Promise.withResolvers<void>()
  let newest: Connection | null = null
  const server = createServer((socket) => {
    const connection = openConnection(socket.setNoDelay(true), {
      request({ command, sequence }) {
        if (command === 'bind_transceiver') {
          connection.respond({ command: 'bind_transceiver_resp', sequence })
          newest = connection
          bound.resolve()
        } else if (command === 'enquire_link')
          connection.respond({ command: 'enquire_link_resp', sequence })
        else if (command === 'unbind') connection.respond({ command: 'unbind_resp', sequence })
      },
      unreadable({ reason }) {
        throw new Error(reason)
      },
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  return {
    port: address.port,
    bound: bound.promise,
    async deliver(fields) {
      if (!newest) throw new Error('nobody has bound')
      const { status } = await newest.request({ command: 'deliver_sm', fields }, answerTimeoutMs)
      if (status !== 0) throw new Error(`not acknowledged: ${status}`)
    },
    stop() {
      newest?.cut('the benchmark is over')
      server.close()
    },
  }
}
