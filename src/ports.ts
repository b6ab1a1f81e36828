// The ports of a server: bound before anything else is created, then handed over to the real server.
import { createServer, type Server } from 'node:net'
import { answerWhileStarting } from './http/starting.ts'

/** A bound port, with a placeholder that answers on it until the real server is ready. */
export type BoundPort = {
  readonly port: number
  readonly url: string
  /** Hands the port over to a server, together with connections that are waiting. */
  handTo(server: Server): Promise<void>
  /** Releases the port, unless a server has taken it over. */
  close(): Promise<void>
}

/** A port that cannot be bound. The message says why, and which variable to set. */
export class PortUnavailable extends Error {
  override readonly name = 'PortUnavailable'
  /** Whether another program uses it. */
  readonly isTaken: boolean
  constructor(message: string, isTaken: boolean) {
    super(message)
    this.isTaken = isTaken
  }
}

type Wanted = {
  readonly host: string
  readonly port: number
  /** The variable that sets the port, and its other possible values. */
  readonly variable: string
  readonly choices: string
}

/** Binds the HTTP port. Until it is handed over, it answers that the server is starting.
 * @param missing what the start still waits for
 * @throws PortUnavailable */
export function bindHttp(
  wanted: { readonly host: string; readonly port: number; readonly variable: string },
  missing: () => string,
): Promise<BoundPort> {
  const choices = 'another port; 0 picks a free one'
  return bind(answerWhileStarting(missing), { ...wanted, choices }, 'http')
}

/** Binds the mail port. Until it is handed over, it asks senders to try again later.
 * @throws PortUnavailable */
export function bindMail(host: string, port: number): Promise<BoundPort> {
  const starting = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('421 4.3.2 The server is starting; try again later\r\n')
  })
  const choices = 'another port; 0 picks a free one, off takes no mail'
  return bind(starting, { host, port, variable: 'NUMLET_SMTP_PORT', choices }, 'smtp')
}

async function bind(server: Server, wanted: Wanted, scheme: string): Promise<BoundPort> {
  // Node would bind only one of the two addresses of that name, not always the same.
  const host = wanted.host === 'localhost' ? '127.0.0.1' : wanted.host
  await listening(server, () => server.listen(wanted.port, host)).catch((error) => {
    throw explain(error, wanted)
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : wanted.port
  let isOurs = true
  return {
    port,
    url: `${scheme}://${hostInUrl(wanted.host)}:${port}`,
    async handTo(next) {
      isOurs = false
      await listening(next, () => next.listen(server))
    },
    async close() {
      if (!isOurs) return
      isOurs = false
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    listen()
  })
}

function explain(error: NodeJS.ErrnoException, wanted: Wanted): Error {
  const { host, port, variable, choices } = wanted
  const unavailable = (words: string) => new PortUnavailable(words, error.code === 'EADDRINUSE')
  switch (error.code) {
    case 'EADDRINUSE':
      return unavailable(
        `Port ${port} on ${host} is in use by another program. ` +
          `Stop that one, or set ${variable} (${choices}).`,
      )
    case 'EACCES':
      return unavailable(
        `Port ${port} may not be used by this user: ports below 1024 are privileged. ` +
          `Set ${variable} to 1024 or above, and let a proxy listen on ${port}.`,
      )
    case 'EADDRNOTAVAIL':
      return unavailable(
        `HOST=${host} is not an address of this machine. Set HOST to one that is: ` +
          '127.0.0.1 for this machine alone, 0.0.0.0 for all its IPv4 addresses.',
      )
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return unavailable(`HOST=${host} cannot be used here (${error.code}). Set HOST to 127.0.0.1.`)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODATA':
      return unavailable(
        `HOST=${host} is neither an IP address nor a known host name. ` +
          'Set HOST to an address of this machine, such as 127.0.0.1.',
      )
    default:
      return error
  }
}

const hostInUrl = (host: string) => (host.includes(':') ? `[${host}]` : host)
