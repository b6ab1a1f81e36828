// An address of a database that stays the same while the server behind it changes, as behind a failover.
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net'

export type Switchboard = {
  /** The connection string of the database that it leads to at the moment. */
  readonly url: string
  /** Leads to another server, and breaks the connections to the one before. */
  switchTo(url: string): void
  close(): Promise<void>
}

/** Listens on 127.0.0.1 and passes everything on.
 * @param first the connection string of an embedded database */
export async function openSwitchboard(first: string): Promise<Switchboard> {
  let target = new URL(first)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const host = target.searchParams.get('host')
    const port = Number(target.port)
    const upstream = connectTo(
      host === null ? { host: target.hostname, port } : { path: `${host}/.s.PGSQL.${port}` },
    )
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  const { port } = server.address() as AddressInfo
  const { username, password, pathname } = target
  return {
    url: `postgres://${username}:${password}@127.0.0.1:${port}${pathname}`,
    switchTo(url) {
      target = new URL(url)
      hangUp()
    },
    close() {
      hangUp()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
