// The real gammu-smsd with a phone that it only imagines: a message that "arrives" there reaches an order.
import { spawn, spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { eventually, killAll } from '../harness/program.ts'
import { canRunCommand } from '../harness/programs.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { canRunScripts, installScript, type Modems, openModems } from '../supply/modems.ts'

const canRun =
  canRunScripts &&
  canRunCommand('gammu-smsd --version', 'gammu-smsd', 'the tests with gammu-smsd') &&
  canRunCommand('gammu --version', 'gammu', 'the tests with gammu-smsd')

const server = await testServer()

/** A configuration as docs/suppliers/gammu.md has it, with a phone that is a folder. */
async function configure({ folder }: Modems): Promise<string> {
  const folders = ['phone', 'in', 'out', 'sent', 'error'].map((name) => join(folder, name))
  for (const one of folders) await mkdir(one)
  const [phone, inbox, outbox, sent, error] = folders
  const file = join(folder, 'smsdrc')
  const lines = [
    ...['[gammu]', 'model = dummy', 'connection = none', `port = ${phone}`, 'gammucoding = utf8'],
    ...['[smsd]', 'service = files', 'PhoneID = modem1', `logfile = ${join(folder, 'log')}`],
    ...[`inboxpath = ${inbox}/`, `outboxpath = ${outbox}/`, `sentsmspath = ${sent}/`],
    ...[`errorsmspath = ${error}/`, 'loopsleep = 1', 'receivefrequency = 1'],
    `RunOnReceive = ${await installScript(folder, 'gammu-smsd/receive.sh')}`,
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

it.skipIf(!canRun)('messages of gammu-smsd reach orders, short and long ones', async () => {
  const modems = await openModems(server, { modem1: '+99' })
  const service = await ownService(server.db, { numbers: 1 })
  const { key } = await testCustomer(server.db)
  const [phone = ''] = service.phones
  await modems.configure({ 'number.modem1': phone })
  const body = { service: service.slug, country: service.country }
  const { body: order } = await call(server, key, 'POST', '/v1/orders', body)
  const config = await configure(modems)
  const texts = [
    'Your code: "593-821" é 🙂 $HOME',
    `${'Long words. '.repeat(20)}Your code is 774411.`,
  ]
  for (const text of texts) {
    const message = [
      '-folder',
      '1',
      '-unread',
      '-sender',
      '+447700900123',
      '-len',
      '400',
      '-text',
      text,
    ]
    const { status, stderr } = spawnSync('gammu', ['-c', config, 'savesms', 'TEXT', ...message], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
    })
    expect([status, stderr]).toEqual([0, ''])
  }
  // @NOTE in another locale gammu-smsd replaces what is not ASCII by question marks.
  const daemon = spawn('gammu-smsd', ['-c', config], {
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', NUMLET_MODEMS: modems.settings },
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  onTestFinished(() => {
    if (daemon.exitCode === null && daemon.pid !== undefined) killAll(daemon.pid)
  })
  await expect.poll(async () => (await modems.texts(phone)).toSorted()).toEqual(texts.toSorted())
  await eventually(async () => {
    const { body } = await call(server, key, 'GET', `/v1/orders/${order.id}`)
    return /593-?821|774411/.test(JSON.stringify(body))
  })
  await expect.poll(modems.waiting).toEqual([])
  daemon.kill('SIGTERM')
  await ended
})
