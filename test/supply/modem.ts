// A modem at a network port, as far as smstools asks it: it has messages in its memory, and gives them away.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** How many characters of UCS-2 fit into one part of a message. */
const charactersAPart = 67

/** A received message as PDUs (3GPP TS 23.040), each a part of it, in UCS-2. */
export function deliveryOf(sender: string, text: string): readonly string[] {
  const parts = text.match(new RegExp(`[^]{1,${charactersAPart}}`, 'g')) ?? []
  const digits = sender.replace('+', '')
  const swapped = (padded: string) => padded.replace(/(.)(.)/g, '$2$1')
  const address = swapped(digits.length % 2 === 0 ? digits : `${digits}F`)
  const at = swapped('26031409265300')
  return parts.map((part, i) => {
    const header = parts.length === 1 ? '' : `050003A7${hex(parts.length)}${hex(i + 1)}`
    const data = header + Buffer.from(part, 'utf16le').swap16().toString('hex').toUpperCase()
    const first = header === '' ? '04' : '44'
    return `00${first}${hex(digits.length)}91${address}0008${at}${hex(data.length / 2)}${data}`
  })
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0').toUpperCase()

export type Modem = { readonly port: number; readonly memory: Map<number, string> }

/** Listens on 127.0.0.1 until the test is done. */
export async function openModem(pdus: readonly string[]): Promise<Modem> {
  const memory = new Map(pdus.map((pdu, i) => [i + 1, pdu]))
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let written = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const commands = (written + chunk.toString('latin1')).split(/[\r\n]+/)
      written = commands.pop() ?? ''
      for (const command of commands)
        if (command !== '') socket.write(`\r\n${answerTo(command.toUpperCase(), memory)}\r\n`)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, memory }
}

const facts: Readonly<Record<string, string>> = {
  'AT+CPIN?': '+CPIN: READY',
  'AT+CREG?': '+CREG: 0,1',
  'AT+CSQ': '+CSQ: 20,0',
  'AT+CIMI': '001010000000001',
  'AT+CGSN': '350000000000006',
}

function answerTo(command: string, memory: Map<number, string>): string {
  const index = Number(/=(\d+)/.exec(command)?.[1])
  const fact = facts[command]
  if (fact !== undefined) return `${fact}\r\n\r\nOK`
  if (command === 'AT+CPMS?') return `+CPMS: "SM",${memory.size},20,"SM",0,20,"SM",0,20\r\n\r\nOK`
  if (command.startsWith('AT+CMGR=')) {
    const pdu = memory.get(index)
    return pdu === undefined ? 'OK' : `+CMGR: 0,,${pdu.length / 2 - 1}\r\n${pdu}\r\n\r\nOK`
  }
  if (command.startsWith('AT+CMGD=')) memory.delete(index)
  return 'OK'
}
