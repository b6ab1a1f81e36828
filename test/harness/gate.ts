// A way to the test database that a test can close and open again, like a database that stops and comes back.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { onTestFinished } from 'vitest'

export type Gate = {
  /** The database's URL through the gate. */
  readonly url: string
  /** Ends all connections and refuses new ones. */
  close(): void
  /** Lets nothing through, and ends nothing: like a database, or a network, that is frozen. */
  freeze(): void
  /** Undoes either. */
  open(): void
}

/** Opens a gate to the database of a URL, for the running test. */
export async function gateTo(databaseUrl: string): Promise<Gate> {
  const { host, port, user, password, database } = new pg.Client({ connectionString: databaseUrl })
  const target = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
  const sockets = new Set<Socket>()
  let isOpen = true
  let isFrozen = false
  const gate = createServer((inside) => {
    inside.on('error', () => {})
    if (!isOpen) return void inside.destroy()
    const outside = connect(target)
    outside.on('error', () => inside.destroy())
    for (const one of [inside, outside]) {
      sockets.add(one)
      one.once('close', () => {
        sockets.delete(one)
        inside.destroy()
        outside.destroy()
      })
    }
    inside.pipe(outside).pipe(inside)
    if (isFrozen) for (const one of [inside, outside]) one.pause()
  })
  gate.listen(0, '127.0.0.1')
  await once(gate, 'listening')
  onTestFinished(() => void gate.close())
  const url = new URL('postgres://127.0.0.1')
  url.port = String((gate.address() as { port: number }).port)
  url.username = user ?? ''
  url.password = password ?? ''
  url.pathname = database ?? ''
  return {
    url: url.href,
    close() {
      isOpen = false
      for (const one of sockets) one.destroy()
    },
    freeze() {
      isFrozen = true
      for (const one of sockets) one.pause()
    },
    open() {
      isOpen = true
      isFrozen = false
      for (const one of sockets) one.resume()
    },
  }
}
