// The SMTP server: it accepts emails for open inboxes, and nothing else.
//
// An email is answered with 250 once it is committed for every recipient. 4xx lets the sender retry, 5xx is
// permanent: RFC 5321, with the enhanced codes of RFC 3463.
import { readFile } from 'node:fs/promises'
import type { Server, Socket } from 'node:net'
import { hostname } from 'node:os'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { App } from '../../app.ts'
import { toDomain } from '../../core/inboxes/inbox.ts'
import { type CodeSearch, nothingFound } from '../../core/messages/mail-codes.ts'
import { selfSigned, type TlsFiles } from './certificate.ts'
import { type Pace, pace, Room, readMail, TooManyPieces } from './data.ts'
import { Gate, type GateLimits, gateLimits } from './gate.ts'
import { networkOf } from './network.ts'
import { BadMail } from './parse.ts'
import type { ReadMail } from './reader.ts'
import { notNow, Refusal, refusalFor, unavailable, unreadable } from './refusals.ts'

export type MailServer = {
  readonly port: number
  /** From now on takes no new mail: senders are told to try again later (421). */
  drain(): void
  stop(): Promise<void>
}

/** An address to listen on, or a port that was already opened. */
type Listening =
  | { readonly host: string; readonly port: number }
  | { handTo(server: Server): Promise<void> }

const sizeLimitBytes = 5 * 1024 * 1024
const maxRecipients = 100
/** The number of unknown recipients after which a sender is disconnected. */
const maxUnknownRecipients = 20
/** The memory of all emails that are being received. */
const roomBytes = 64 * 1024 * 1024
const stopTimeoutMs = 5_000

/** The limits of connections and their slowness. */
export type MailLimits = { readonly gate: GateLimits; readonly pace: Pace }

const mailLimits: MailLimits = { gate: gateLimits, pace }

const stopping = 'The server is stopping; try again later'

/** Listens until stopped. @throws if the port is taken or the certificate cannot be read */
export async function startMailServer(
  app: App,
  listening: Listening,
  { gate: limits, pace: slowest } = mailLimits,
): Promise<MailServer> {
  const { publicUrl, smtpTls } = app.config
  const name = publicUrl === null ? hostname() : new URL(publicUrl).hostname
  const tls = smtpTls ? await readTls(smtpTls) : selfSigned(name, app.now())
  app.mail.reader.warm()
  const taking = new Set<Promise<void>>()
  const gate = new Gate(limits)
  let isDraining = false
  const end = (id: string, code: number, why: string) => {
    const connection = [...server.connections].find((one) => one.id === id)
    connection?.send(code, why)
    connection?.close()
  }
  const server: SMTPServer = new SMTPServer({
    ...tls,
    ...handlers({ app, taking, gate, end, pace: slowest, isDraining: () => isDraining }),
    name,
    minVersion: 'TLSv1.2',
    size: sizeLimitBytes,
    rejectOversized: true,
    // Nobody logs in here, and the built-in joke commands are disabled.
    disabledCommands: ['AUTH', 'WIZ', 'SHELL', 'KILL'],
    hideENHANCEDSTATUSCODES: false,
    disableReverseLookup: true,
    logger: false,
    // The gate refuses first; this applies while it is deciding.
    maxClients: 2 * limits.connections,
    maxRecipients,
    maxCommandLength: 4_096,
    socketTimeout: 2 * limits.stepMs,
    closeTimeout: stopTimeoutMs,
  })
  const sockets = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  // A broken connection is the sender's problem; it sends the email again.
  server.on('error', (error) => app.log.debug({ err: error }, 'a mail connection failed'))
  await listen(server, listening)
  const address = server.server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    drain() {
      isDraining = true
    },
    async stop() {
      isDraining = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // Completely received emails are stored and answered; all others are sent again.
      await Promise.all(taking)
      for (const { id } of [...server.connections]) end(id, 421, stopping)
      for (const socket of sockets) socket.destroySoon()
      await closed
    },
  }
}

async function readTls(files: { certFile: string; keyFile: string }): Promise<TlsFiles> {
  const read = (file: string, variable: string) =>
    readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new Error(`${variable} names ${file}, which cannot be read (${error.code}).`)
    })
  return {
    cert: await read(files.certFile, 'NUMLET_SMTP_CERT'),
    key: await read(files.keyFile, 'NUMLET_SMTP_KEY'),
  }
}

function listen(server: SMTPServer, listening: Listening): Promise<void> {
  if ('handTo' in listening) return listening.handTo(server.server)
  return new Promise((resolve, reject) => {
    server.server.once('error', reject)
    server.listen(listening.port, listening.host, () => {
      server.server.off('error', reject)
      resolve()
    })
  })
}

type Parts = {
  readonly app: App
  /** Completely received emails that are being stored. */
  readonly taking: Set<Promise<void>>
  readonly gate: Gate
  /** Ends a connection with a reply that says why. */
  readonly end: (id: string, code: number, why: string) => void
  readonly pace: Pace
  readonly isDraining: () => boolean
}

function handlers(parts: Parts) {
  const { app, taking, gate } = parts
  const unknown = new WeakMap<SMTPServerSession, number>()
  const room = new Room(roomBytes)
  type Answer = (error?: Error | null, message?: string) => void
  return {
    onConnect(session: SMTPServerSession, answer: Answer) {
      if (parts.isDraining()) return answer(new Refusal(421, stopping))
      const refusal = gate.admit({
        id: session.id,
        address: session.remoteAddress,
        hasGreeted: () => Boolean(session.hostNameAppearsAs),
        end: (why) => parts.end(session.id, 421, why),
      })
      answer(refusal === null ? null : new Refusal(421, refusal))
    },
    onClose: (session: SMTPServerSession) => gate.leave(session.id),
    onMailFrom(_sender: unknown, session: SMTPServerSession, answer: Answer) {
      if (parts.isDraining()) return parts.end(session.id, 421, stopping)
      gate.step(session.id)
      answer()
    },
    onRcptTo({ address }: { address: string }, session: SMTPServerSession, answer: Answer) {
      gate.step(session.id)
      if (app.node.refusal() !== null) return answer(new Refusal(451, notNow))
      isOpen(app, address).then(
        (yes) => {
          if (yes) return answer()
          app.mail.counts.add('no-inbox')
          const guesses = (unknown.get(session) ?? 0) + 1
          unknown.set(session, guesses)
          if (guesses > maxUnknownRecipients)
            answer(new Refusal(421, 'Too many unknown recipients'))
          else answer(new Refusal(550, 'There is no such inbox here'))
        },
        (error: unknown) => answer(unavailable(app, error)),
      )
    },
    onData(stream: SMTPServerDataStream, session: SMTPServerSession, answer: Answer) {
      gate.busy(session.id)
      const work = take(parts, room, stream, session)
        .then(
          () => answer(null, 'Stored'),
          (error: unknown) => answer(refusalFor(app, error)),
        )
        .finally(() => {
          taking.delete(work)
          gate.step(session.id)
        })
      taking.add(work)
    },
  }
}

const isOpen = async (app: App, address: string) => {
  const inbox = inboxNamed(address)
  return inbox !== null && app.inboxes.isOpen(inbox)
}

/** The address in its stored form; null if it cannot belong to an inbox. */
function inboxNamed(address: string): string | null {
  const at = address.lastIndexOf('@')
  const domain = at > 0 ? toDomain(address.slice(at + 1)) : null
  return domain === null ? null : `${address.slice(0, at).toLowerCase()}@${domain}`
}

async function take(
  { app, pace, end }: Parts,
  room: Room,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<void> {
  const { mailFrom } = session.envelope
  const inboxes = session.envelope.rcptTo.map(({ address }) => inboxNamed(address) ?? '')
  const searches = await searchesOf(app, inboxes).catch((error: unknown) => {
    stream.resume()
    throw error
  })
  const networks = [networkOf(session.remoteAddress)]
  const accounts = [...new Set(searches.map(({ accountId }) => `account ${accountId}`))]
  const lease = room.lease([...networks, ...accounts])
  try {
    const raw = await readMail(stream, lease, pace).catch((error: unknown) => {
      if (!(error instanceof TooManyPieces))
        throw new Refusal(421, 'The mail was not received completely')
      // Reading the rest would cost as much: disconnect.
      end(session.id, 554, unreadable)
      throw new BadMail(error.message)
    })
    if (stream.sizeExceeded) {
      app.mail.counts.add('too-large')
      throw new Refusal(552, 'The mail is too large')
    }
    if (raw === null) throw new Refusal(452, 'Too much mail at once; try again later')
    const sender = mailFrom ? mailFrom.address : ''
    const mail = await app.mail.reader.read({ raw, sender, searches, networks })
    await Promise.all(inboxes.map((address, i) => store(app, mail, address, mail.found[i])))
  } finally {
    lease.release()
  }
}

const searchesOf = async (app: App, inboxes: readonly string[]) =>
  (await app.mail.codeSearches(inboxes)).map((search) => search ?? noSearch)

const noSearch: CodeSearch = { accountId: 0, pattern: null, rules: [] }

async function store(
  app: App,
  mail: ReadMail,
  address: string,
  found = nothingFound,
): Promise<void> {
  const receipt = await app.messages.receiveMail(app.now(), { ...mail, address, found })
  const outcome = receipt.state === 'delivered' ? 'delivered' : 'kept'
  app.mail.counts.add(receipt.duplicate ? 'duplicate' : outcome)
}
