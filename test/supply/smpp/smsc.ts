// An SMSC for tests: the package `smpp`, which others wrote, on a free port.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo, Server, Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'

/** What the package has of a PDU, as far as tests use it. */
export type PeerPdu = {
  readonly command: string
  readonly command_status: number
  readonly sequence_number: number
  readonly [field: string]: unknown
  response(fields?: Record<string, unknown>): PeerPdu
}

export type PeerSession = {
  readonly socket: Socket
  on(event: string, hear: (pdu: PeerPdu) => void): void
  send(pdu: PeerPdu): boolean
  deliver_sm(fields: object, answered: (pdu: PeerPdu) => void): boolean
  data_sm(fields: object, answered: (pdu: PeerPdu) => void): boolean
  enquire_link(fields: object, answered: (pdu: PeerPdu) => void): boolean
  unbind(answered: (pdu: PeerPdu) => void): boolean
  destroy(): void
}

type Package = {
  createServer(options: object, hear: (session: PeerSession) => void): Server
}

const smpp = createRequire(import.meta.url)('smpp') as Package

export type Fields = Readonly<Record<string, unknown>>

export type Smsc = {
  readonly port: number
  /** The binds that were accepted, in their order, those that have ended included. */
  readonly bound: { readonly session: PeerSession; readonly pdu: PeerPdu; isOpen: boolean }[]
  /** The binds that were tried. */
  readonly tried: PeerPdu[]
  /** PDUs that came on any session, by command. */
  readonly heard: PeerPdu[]
  /** The newest session that is open; waits for one. */
  session(): Promise<PeerSession>
  /** Hands a message over. @returns the status of the answer; null if the connection ends before it */
  deliver(fields: Fields, session?: PeerSession): Promise<number | null>
  /** The same, again and again until it is acknowledged, on whichever session is open: as an SMSC does. */
  persist(fields: Fields): Promise<void>
  /** Ends all connections without a word. */
  drop(): void
}

export type SmscOptions = {
  readonly tls?: { readonly key: string; readonly cert: string }
  /** The status of the answer to a bind; 0 accepts it. */
  readonly bindStatus?: (pdu: PeerPdu) => number
  /** Whether it answers enquire_link. */
  readonly isAlive?: () => boolean
  /** What it sends in the same breath as its answer to the bind. */
  readonly greeting?: Fields
}

/** How long a test waits for what sockets do, on a machine that may be slow. */
export const patience = { timeout: 60_000, interval: 10 }

export async function testSmsc(options: SmscOptions = {}): Promise<Smsc> {
  const { tls = {}, bindStatus = () => 0, isAlive = () => true, greeting } = options
  const bound: Smsc['bound'] = []
  const tried: PeerPdu[] = []
  const heard: PeerPdu[] = []
  const all = new Set<PeerSession>()
  const server = smpp.createServer(tls, (session) => {
    all.add(session)
    // Each message that waits for its answer listens for the end.
    session.socket.setMaxListeners(0)
    session.on('error', () => session.destroy())
    session.on('close', () => {
      all.delete(session)
      for (const one of bound) if (one.session === session) one.isOpen = false
    })
    session.on('pdu', (pdu) => {
      heard.push(pdu)
      if (/^bind_(?:receiver|transceiver|transmitter)$/.test(pdu.command)) {
        tried.push(pdu)
        const status = bindStatus(pdu)
        session.send(pdu.response({ command_status: status, system_id: 'test-smsc' }))
        if (status === 0) bound.push({ session, pdu, isOpen: true })
        if (status === 0 && greeting) session.deliver_sm(greeting, () => {})
      }
      if (pdu.command === 'enquire_link' && isAlive()) session.send(pdu.response())
      if (pdu.command === 'unbind') session.send(pdu.response())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const drop = () => {
    for (const session of all) session.destroy()
  }
  onTestFinished(async () => {
    drop()
    server.close()
    await once(server, 'close')
  })
  const deliver: Smsc['deliver'] = async (fields, given) => {
    const on = given ?? (await session())
    return new Promise((resolve) => {
      on.socket.once('close', () => resolve(null))
      if (!on.deliver_sm(fields, (answer) => resolve(answer.command_status))) resolve(null)
    })
  }
  const open = () => bound.findLast((one) => one.isOpen)?.session
  const session = () =>
    vi.waitFor(() => {
      const one = open()
      if (!one) throw new Error('nobody has bound')
      return one
    }, patience)
  return {
    port: (server.address() as AddressInfo).port,
    ...{ bound, tried, heard, session, drop },
    deliver,
    persist: (fields) =>
      vi.waitFor(async () => {
        const status = await deliver(fields)
        if (status !== 0) throw new Error(`not acknowledged: ${status}`)
      }, patience),
  }
}
