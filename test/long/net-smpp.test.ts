// A second SMSC, of another school than the one of the other tests: Net::SMPP of Perl.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { canRunCommand } from '../harness/programs.ts'
import { newPhone, password, runEngine, smppSupplier, twoServers } from '../supply/smpp/node.ts'

const script = fileURLToPath(new URL('smsc.pl', import.meta.url))
const runs = canRunCommand('perl -MNet::SMPP -e 1', 'libnet-smpp-perl', 'deliveries by Net::SMPP')

describe.runIf(runs)('an SMSC by Net::SMPP', async () => {
  const { db, app, stored, outcomes } = await twoServers()

  it.each(['receiver', 'transceiver'])('hands over all forms of messages to a %s', async (bind) => {
    const phone = newPhone()
    const ends = { source_addr: 'WhatsApp', source_addr_ton: 5, destination_addr: phone.slice(1) }
    const utf16 = Buffer.from('Ваш код 482913 😀', 'utf16le').swap16().toString('hex')
    const part = (number: number, text: string) => ({
      ...{ ...ends, esm_class: 0x40 },
      hex: `0500032a02${Buffer.from([number]).toString('hex')}${Buffer.from(text).toString('hex')}`,
    })
    const messages = [
      { ...ends, hex: '436f646520311b6532' },
      { ...ends, data_coding: 8, hex: utf16 },
      part(2, 'second'),
      part(1, 'first, '),
      { ...ends, esm_class: 4, hex: Buffer.from('id:1 stat:DELIVRD').toString('hex') },
    ]
    const child = spawn('perl', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async () => JSON.parse((await lines.next()).value ?? 'null')
    child.stdin.end(JSON.stringify({ system_id: 'numlet', password, messages }))
    const { port } = (await next()) as { port: number }
    const { name } = await smppSupplier(db, port, { bind })
    const engine = runEngine(app)
    expect(await next()).toEqual({ bind: bind === 'receiver' ? 1 : 9, fits: 1 })
    for (const _ of messages) expect(await next()).toEqual({ status: 0 })
    expect(await next()).toEqual({ alive: 0 })
    expect(await stored(phone)).toEqual(['Code 1€2', 'Ваш код 482913 😀', 'first, second'])
    expect(outcomes(name)).toEqual({ message: 2, part: 2, receipt: 1 })
    await engine.stop()
    expect(await next()).toEqual({ unbind: 1 })
    expect((await closed)[0]).toBe(0)
  })
})
