// The real smsd of smstools with a modem at a network port: a message in the modem's memory reaches an order.
import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { eventually, killAll } from '../harness/program.ts'
import { canRunCommand } from '../harness/programs.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { deliveryOf, openModem } from '../supply/modem.ts'
import { canRunScripts, installScript, type Modems, openModems } from '../supply/modems.ts'

const smsd = '/usr/sbin/smsd'
const canRun = canRunScripts && canRunCommand(`${smsd} -V`, 'smstools', 'the tests with smstools')

const server = await testServer()

/** A configuration as docs/suppliers/smstools.md has it, with folders of its own. */
async function configure({ folder }: Modems, port: number): Promise<string> {
  const folders = ['incoming', 'outgoing', 'checked', 'failed', 'sent', 'stats'] as const
  for (const one of folders) await mkdir(join(folder, one))
  const file = join(folder, 'smsd.conf')
  const lines = [
    'devices = GSM1',
    ...folders.map((one) => `${one} = ${join(folder, one)}`),
    ...['logfile', 'infofile', 'pidfile'].map((one) => `${one} = ${join(folder, one)}`),
    ...['loglevel = 7', 'delaytime = 1', 'receive_before_send = yes'],
    `eventhandler = ${await installScript(folder, 'smstools/eventhandler.sh')}`,
    ...['[GSM1]', `device = @127.0.0.1:${port}`, 'incoming = high', 'memory_start = 1'],
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

it.skipIf(!canRun)('messages of smstools reach orders, short and long ones', async () => {
  const modems = await openModems(server, { GSM1: '+99' })
  const { folder } = modems
  const service = await ownService(server.db, { numbers: 1 })
  const { key } = await testCustomer(server.db)
  const [phone = ''] = service.phones
  await modems.configure({ 'number.GSM1': phone })
  const body = { service: service.slug, country: service.country }
  const { body: order } = await call(server, key, 'POST', '/v1/orders', body)
  const texts = [
    'Your code: "593-821" é 🙂 $HOME\nsecond line',
    `${'Длинные слова. '.repeat(10)}Ваш код 774411.`,
  ]
  const modem = await openModem(texts.flatMap((text) => deliveryOf('+447700900123', text)))
  const config = await configure(modems, modem.port)
  const daemon = spawn(smsd, ['-c', config, '-t'], {
    env: { PATH: process.env.PATH, NUMLET_MODEMS: modems.settings },
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  onTestFinished(() => {
    if (daemon.exitCode === null && daemon.pid !== undefined) killAll(daemon.pid)
  })
  await expect
    .poll(async () => (await modems.texts(phone)).toSorted())
    .toEqual(texts.toSorted())
    .catch(async (error) => {
      throw new Error(await readFile(join(folder, 'logfile'), 'utf8'), { cause: error })
    })
  await eventually(async () => {
    const { body } = await call(server, key, 'GET', `/v1/orders/${order.id}`)
    return /593-?821|774411/.test(JSON.stringify(body))
  })
  await expect.poll(() => modem.memory.size).toBe(0)
  await expect.poll(modems.waiting).toEqual([])
  daemon.kill('SIGTERM')
  await ended
})
