// A socket to an SMSC, plain or with TLS. A certificate that does not fit ends it: there is no way round.
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { SmppOptions } from './options.ts'

/** Keeps idle connections known to the firewalls on the way. */
const keepAliveMs = 60_000

/** @returns a socket that is connected. @param signal gives up */
export function openSocket(
  { host, port, isTls, authorities }: SmppOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = isTls
    ? connectTls({
        ...{ host, port, minVersion: 'TLSv1.2' },
        // @NOTE said here, because the environment can turn the default off
        rejectUnauthorized: true,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(authorities === null ? {} : { ca: authorities }),
      })
    : connect({ host, port })
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      socket.destroy()
      reject(new Error(`${host}:${port} did not answer in time`))
    }
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', giveUp)
      socket.off('error', reject)
      // Whoever uses the socket hears of its end by `close`.
      socket.on('error', () => {})
      socket.setNoDelay(true)
      socket.setKeepAlive(true, keepAliveMs)
      resolve(socket)
    })
    socket.once('error', (error) => {
      signal.removeEventListener('abort', giveUp)
      reject(error)
    })
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
  })
}
