// A name server for tests: real DNS over UDP on 127.0.0.1, with the given A and AAAA records.
import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { afterAll } from 'vitest'

/** Addresses by name. A `silent` name gets no response, a `broken` one SERVFAIL; others do not exist. */
export type Zone = Readonly<Record<string, readonly string[] | 'silent' | 'broken'>>

export type NameServer = {
  /** In the form that a resolver takes. */
  readonly address: string
  /** The names that were looked up, one entry per query. */
  readonly asked: string[]
}

export async function openNameServer(zone: Zone): Promise<NameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (query, peer) => {
    const name = nameIn(query)
    asked.push(name)
    const answer = zone[Object.keys(zone).find((key) => matches(key, name)) ?? '']
    if (answer === 'silent') return
    socket.send(reply(query, answer), peer.port, peer.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  afterAll(() => void socket.close())
  return { address: `127.0.0.1:${socket.address().port}`, asked }
}

/** `*.example.com` matches every name below it. */
const matches = (key: string, name: string) =>
  key.startsWith('*.') ? name.endsWith(key.slice(1)) : key === name

const headerBytes = 12

/** RFC 1035, 4.1.2: labels, each preceded by its length. */
function nameIn(query: Buffer): string {
  const labels: string[] = []
  for (let at = headerBytes; query[at]; at += 1 + (query[at] as number))
    labels.push(query.subarray(at + 1, at + 1 + (query[at] as number)).toString('latin1'))
  return labels.join('.').toLowerCase()
}

/** RFC 1035, 4.1: the query's header and question, and the records of its type. */
function reply(query: Buffer, answer: readonly string[] | 'broken' | undefined): Buffer {
  const endOfName = query.indexOf(0, headerBytes) + 1
  const question = query.subarray(headerBytes, endOfName + 4)
  const type = query.readUInt16BE(endOfName)
  const addresses = answer === 'broken' ? [] : (answer ?? [])
  const records = addresses.filter((one) => (isIPv4(one) ? type === 1 : type === 28)).map(record)
  const code = answer === 'broken' ? 2 : answer === undefined ? 3 : 0
  const header = Buffer.alloc(headerBytes)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8180 | code, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, question, ...records])
}

function record(address: string): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
  const fixed = Buffer.alloc(12)
  fixed.writeUInt16BE(0xc00c, 0) // the name in the question
  fixed.writeUInt16BE(isIPv4(address) ? 1 : 28, 2)
  fixed.writeUInt16BE(1, 4)
  fixed.writeUInt32BE(1, 6) // seconds to live
  fixed.writeUInt16BE(data.length, 10)
  return Buffer.concat([fixed, data])
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array<string>(address.includes('::') ? missing : 0).fill('0')]
  return Buffer.from(
    [...all, ...groups(tail)].map((group) => group.padStart(4, '0')).join(''),
    'hex',
  )
}
