// How the innocent and the hostile reach the server: from loopback addresses in separate networks.
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'

export type Target = { readonly port: number; readonly smtpPort: number }

export type Client = {
  /** @returns status 0 if there was no response */
  ask(
    method: string,
    path: string,
    key: string | null,
    body?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: string; readonly ms: number }>
  close(): void
}

const host = '127.0.0.1'
/** Longer than the longest poll. */
const patienceMs = 90_000

/** @param from the loopback address that its connections come from */
export function client({ port }: Target, from: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1_000, localAddress: from })
  return {
    ask: (method, path, key, body, headers = {}) =>
      new Promise((resolve) => {
        const begun = performance.now()
        const end = (status: number, text: string) =>
          resolve({ status, body: text, ms: performance.now() - begun })
        const outgoing = request(
          {
            ...{ host, port, agent, method, path, timeout: patienceMs },
            headers: {
              ...(key === null ? {} : { authorization: `Bearer ${key}` }),
              ...(body === undefined ? {} : { 'content-type': 'application/json' }),
              ...headers,
            },
          },
          (answer) => {
            let text = ''
            answer.setEncoding('utf8')
            answer.on('data', (chunk) => {
              if (text.length < 100_000) text += chunk
            })
            answer.on('end', () => end(answer.statusCode ?? 0, text))
            answer.on('error', () => end(0, ''))
          },
        )
        outgoing.on('error', () => end(0, ''))
        outgoing.on('timeout', () => outgoing.destroy())
        outgoing.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** A connection whose errors are ignored: the server may close it at any moment. */
export function rawSocket(port: number, from: string): Socket {
  const socket = connect({ host, port, localAddress: from })
  socket.on('error', () => {})
  return socket
}

/** Sends one mail. @returns the code of the last response; 0 if the connection ended */
export function sendMail(
  { smtpPort }: Target,
  from: string,
  recipients: readonly string[],
  body: string | Buffer,
): Promise<number> {
  return new Promise((resolve) => {
    const socket = rawSocket(smtpPort, from)
    const commands = [
      'EHLO sender.example.com',
      'MAIL FROM:<sender@example.com>',
      ...recipients.map((address) => `RCPT TO:<${address}>`),
      'DATA',
    ]
    let heard = ''
    let isSent = false
    const end = (code: number) => {
      socket.destroy()
      resolve(code)
    }
    socket.setTimeout(patienceMs, () => end(0))
    socket.on('close', () => resolve(0))
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
      const answer = /^(?:\d{3}-.*\r\n)*(\d{3})(?: .*)?\r\n/.exec(heard)
      if (!answer) return
      heard = heard.slice(answer[0].length)
      const code = Number(answer[1])
      const next = commands.shift()
      if (isSent || code >= 400) return end(code)
      if (next !== undefined) return void socket.write(`${next}\r\n`)
      isSent = true
      socket.write(body)
      socket.write('\r\n.\r\n')
    })
  })
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
