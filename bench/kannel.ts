// Kannel, the usual gateway, beside our client of SMPP: its bearerbox binds to the same SMSC, and its smsbox
// hands each message to a URL. Debian's package is called `kannel`.
import { type ChildProcess, spawn } from 'node:child_process'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { cpuMsOf } from './cpu.ts'
import { freePort, stopper } from './ground.ts'

export type Kannel = {
  /** Messages that it has handed on. */
  handedOn(): number
  /** The CPU time of its two boxes, in ms. */
  cpuMs(): Promise<number>
  stop(): Promise<void>
}

const startTimeoutMs = 15_000
const pollMs = 100

/** @returns null if it is not installed */
export async function startKannel(smscPort: number): Promise<Kannel | null> {
  const [bearerbox, smsbox] = await Promise.all(['bearerbox', 'smsbox'].map(programNamed))
  if (!bearerbox || !smsbox) return null
  const receiver = await openReceiver()
  const directory = await mkdtemp(join(tmpdir(), 'numlet-kannel-'))
  const file = join(directory, 'kannel.conf')
  const ports = { smsc: smscPort, receiver: receiver.port, boxes: await freePort() }
  const admin = await freePort()
  await writeFile(file, configuration(directory, { ...ports, admin, sends: await freePort() }))
  const boxes: ChildProcess[] = []
  const begin = (program: string) =>
    boxes.push(spawn(program, ['-v', '4', file], { cwd: directory, stdio: 'ignore' }))
  begin(bearerbox)
  await listening(ports.boxes)
  begin(smsbox)
  return {
    handedOn: receiver.count,
    cpuMs: async () =>
      (await Promise.all(boxes.map(({ pid }) => cpuMsOf(pid ?? 0)))).reduce((a, b) => a + b, 0),
    async stop() {
      // The smsbox first: it has nothing to do without the other one.
      for (const box of boxes.reverse()) if (box.exitCode === null) await stopper(box)()
      receiver.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Where a program is. Daemons are not on the path of everybody. */
async function programNamed(name: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  for (const folder of folders) {
    const path = join(folder, name)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return undefined
}

/** Takes what the smsbox hands on, and keeps nothing. */
async function openReceiver() {
  let count = 0
  const server = createServer((_request, response) => {
    count++
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

type Ports = Readonly<Record<'smsc' | 'receiver' | 'boxes' | 'admin' | 'sends', number>>

const configuration = (directory: string, ports: Ports): string => `
group = core
admin-port = ${ports.admin}
admin-interface = 127.0.0.1
admin-password = bench
smsbox-port = ${ports.boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
store-type = file
store-location = ${directory}/kannel.store

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = ${ports.smsc}
transceiver-mode = true
smsc-username = bench
smsc-password = bench
system-type = bench

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${ports.sends}
sendsms-interface = 127.0.0.1

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:${ports.receiver}/?from=%p&to=%P&text=%a"
`

/** Resolves when something listens on a port. */
async function listening(port: number): Promise<void> {
  for (const end = performance.now() + startTimeoutMs; performance.now() < end; ) {
    if (await answers(port)) return
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new Error('Kannel does not start')
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
