// `mail`: mails per second parsed, stored, matched and acknowledged, compared with an SMTP server that
// discards them.
import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createAccount } from '../src/core/accounts/accounts.ts'
import { creditAccount } from '../src/core/accounts/adjustments.ts'
import { buyInboxes } from '../src/core/inboxes/buy.ts'
import { addDomain } from '../src/core/inboxes/domains.ts'
import { type Amount, parseAmount } from '../src/core/money.ts'
import type { Database } from '../src/db/database.ts'
import { type BenchServer, fillPlatform, freePort, portOf, startServer, stopper } from './ground.ts'
import { compare, perSecond, type Result } from './measure.ts'

const seconds = 3
const rounds = 3
const connections = 20
const openInboxes = 2_000
const inboxesACall = 20

export async function mail(ground: BenchServer): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_mail', { numbers: 100, accounts: 1 })
  const addresses = await buySome(platform.db)
  const port = await freePort()
  const server = await startServer(platform.url, { NUMLET_SMTP_PORT: String(port) })
  const bare = await startBare()
  // The processes that read mail need some hundred mails until their code is compiled.
  await sendTo(port, addresses)
  await sendTo(bare.port, addresses)
  const result = await compare(
    `${connections} connections`,
    'mails/s',
    rounds,
    () => sendTo(port, addresses),
    () => sendTo(bare.port, addresses),
  )
  await bare.stop()
  await server.stop()
  await platform.db.end()
  return [result]
}

async function buySome(db: Database): Promise<readonly string[]> {
  const noLimits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }
  const usd = (text: string) => parseAmount(text) as Amount
  const { id: accountId } = await createAccount(db, { email: 'mail@example.com', currency: 'USD' })
  await creditAccount(db, new Date(), { accountId, amount: usd('100000'), reference: 'bench' })
  const terms = { price: usd('0.01'), capacity: openInboxes, sessionS: 86_400 }
  await db.begin((tx) => addDomain(tx, { domain: 'bench.example.com', ...terms }))
  const selection = { site: 'example.com', domains: [], subject: null, pattern: null, once: null }
  const addresses: string[] = []
  while (addresses.length < openInboxes) {
    const purchase = { accountId, quantity: inboxesACall, ...selection }
    const bought = await buyInboxes(db, new Date(), noLimits, purchase)
    if (!('orders' in bought)) throw new Error('no key was given')
    addresses.push(...bought.orders.map((order) => order.email as string))
  }
  await db.query('vacuum analyze')
  return addresses
}

async function startBare() {
  const file = fileURLToPath(new URL('bare-mail-server.ts', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  return { port: await portOf(child), stop: stopper(child) }
}

let sent = 0

async function sendTo(port: number, addresses: readonly string[]): Promise<number> {
  const senders = await Promise.all(Array.from({ length: connections }, () => greet(port)))
  const figure = await perSecond(seconds, async (going) => {
    let taken = 0
    const loop = async (sender: Sender) => {
      for (; going(); taken++) {
        const id = ++sent
        await sendOne(sender, addresses[id % addresses.length] as string, id)
      }
    }
    await Promise.all(senders.map(loop))
    return taken
  })
  for (const sender of senders) sender.socket.destroy()
  return figure
}

type Sender = {
  readonly socket: Socket
  readonly hear: (code: string) => Promise<void>
}

async function greet(port: number): Promise<Sender> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  let heard = ''
  let wake = () => {}
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1')
    wake()
  })
  const hear = async (code: string) => {
    for (;;) {
      const answer = /^(?:\d{3}-.*\r\n)*(\d{3})(?: .*)?\r\n/.exec(heard)
      if (!answer) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      if (answer[1] !== code) throw new Error(`not ${code}: ${answer[0]}`)
      heard = heard.slice(answer[0].length)
      return
    }
  }
  await hear('220')
  socket.write('EHLO bench.example.com\r\n')
  await hear('250')
  return { socket, hear }
}

/** As most programs do: a command, its response, the next command. */
async function sendOne({ socket, hear }: Sender, address: string, id: number): Promise<void> {
  socket.write('MAIL FROM:<noreply@example.com>\r\n')
  await hear('250')
  socket.write(`RCPT TO:<${address}>\r\n`)
  await hear('250')
  socket.write('DATA\r\n')
  await hear('354')
  socket.write(mailTo(address, id))
  await hear('250')
}

/** A typical verification mail: text, HTML with styles, 3 KB. */
function mailTo(address: string, id: number): string {
  const code = 100_000 + (id % 900_000)
  const text = `Your Example verification code is ${code}. It is valid for 10 minutes.`
  const cell = 'style="padding:8px 16px;font-family:Arial,sans-serif;color:#222222"'
  const row = `<tr><td ${cell}>If you did not ask for it, you can ignore this mail.</td></tr>\r\n`
  const html =
    `<html><head><style>td{margin:0}</style></head><body><table width="600">\r\n` +
    `<tr><td ${cell}><h1>${code}</h1></td></tr>\r\n${row.repeat(14)}</table></body></html>`
  return [
    'From: Example <noreply@example.com>',
    `To: <${address}>`,
    `Message-ID: <${process.pid}.${id}@example.com>`,
    'Date: Fri, 20 Nov 2026 10:00:00 +0000',
    'Subject: Your Example code',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="part"',
    '',
    '--part',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '--part',
    'Content-Type: text/html; charset=utf-8',
    '',
    html,
    '--part--',
    '.',
    '',
  ].join('\r\n')
}
