// Connects to an SMSC and binds.
import { statusText } from './codec/statuses.ts'
import { type Connection, type Handlers, openConnection } from './connection.ts'
import type { SmppOptions } from './options.ts'
import { openSocket } from './socket.ts'

/** The SMSC is there, and says no. */
export class BindRefused extends Error {
  override readonly name = 'BindRefused'
  readonly status: number

  constructor(status: number) {
    super(`the SMSC refused the bind: ${statusText(status)}`)
    this.status = status
  }
}

/** How long each step may take. */
export const bindTimeoutMs = 10_000
const version34 = 0x34

/** @returns a connection that is bound, and paused: resume it when whoever takes its requests is ready. Fails
 * with `BindRefused`, or with the error of the network. */
export async function bindTo(
  options: SmppOptions,
  handlers: Handlers,
  signal: AbortSignal,
  timeoutMs = bindTimeoutMs,
): Promise<Connection> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const socket = await openSocket(options, AbortSignal.any([signal, timeout]))
  const connection = openConnection(socket, handlers)
  const stop = () => connection.cut('it was stopped')
  signal.addEventListener('abort', stop, { once: true })
  try {
    const response = await connection.request(
      {
        command: options.bind === 'receiver' ? 'bind_receiver' : 'bind_transceiver',
        fields: {
          system_id: options.systemId,
          password: options.password,
          system_type: options.systemType,
          interface_version: version34,
          address_range: options.addressRange,
        },
      },
      timeoutMs,
      'pause',
    )
    if (response.status !== 0) throw new BindRefused(response.status)
    if (response.command !== `bind_${options.bind}_resp`)
      throw new Error(`the SMSC answered the bind with ${response.command}`)
    return connection
  } catch (error) {
    connection.cut('the bind failed')
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
