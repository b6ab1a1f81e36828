// deploy/smstools/eventhandler.sh: messages as smsd writes them reach the server; and all scripts are free of
// what shellcheck warns of.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { canRunCommand } from '../harness/programs.ts'
import { testServer } from '../harness/server.ts'
import { canRunScripts, openModems, scripts } from './modems.ts'

const server = await testServer()
let opened = 0

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()

/** A file of a received message. */
function fileOf(alphabet: string, text: Buffer, more: readonly string[] = []): Buffer {
  const headers = [
    'From: 447700900123',
    'From_TOA: 91 international, ISDN/telephone',
    'From_SMSC: 447700900000',
    'Sent: 26-03-14 09:26:50',
    'Received: 26-03-14 09:26:53',
    'Subject: GSM1',
    'Modem: GSM1',
    'IMSI: 001010000000001',
    'Report: no',
    `Alphabet: ${alphabet}`,
    ...more,
  ]
  return Buffer.concat([Buffer.from(`${headers.join('\n')}\n\n`), text])
}

async function openSmstools() {
  const phone = `+1201555014${opened++}`
  const modems = await openModems(server, { GSM1: phone })
  let files = 0
  return {
    ...modems,
    texts: () => modems.texts(phone),
    async handle(event: string, file: Buffer) {
      const path = join(modems.folder, `GSM1.${files++} x`)
      await writeFile(path, file)
      await modems.run('smstools/eventhandler.sh', [event, path])
    },
    async sender() {
      const rows = await server.db.query<{ sender: string }>(
        'select sender from messages where phone = $1 order by id desc limit 1',
        [phone],
      )
      return rows[0]?.sender
    },
  }
}

it.skipIf(!canRunScripts)('texts of every alphabet arrive as they were sent', async () => {
  const smstools = await openSmstools()
  const texts = [
    'Code: "593821" \\ 100% $HOME\nsecond line\n\nlast',
    'Ваш код 593821 🙂\nдва',
    'Code 42é: 10 €',
  ]
  const [plain = '', cyrillic = '', accents = ''] = texts
  await smstools.handle('RECEIVED', fileOf('ISO', Buffer.from(plain)))
  await smstools.handle('RECEIVED', fileOf('UCS2', utf16be(cyrillic)))
  await smstools.handle('RECEIVED', fileOf('UTF-8', Buffer.from(`${accents}2`)))
  await smstools.handle('RECEIVED', fileOf('ISO', Buffer.from('Code 42\xe9: 10 \xa4', 'latin1')))
  const expected = [...texts, `${accents}2`].toSorted()
  await expect.poll(async () => (await smstools.texts()).toSorted()).toEqual(expected)
  expect(await smstools.sender()).toBe('+447700900123')
})

it.skipIf(!canRunScripts)(
  'a UCS2 text with bytes like line ends and empty lines stays whole',
  async () => {
    const smstools = await openSmstools()
    // U+0A0A, U+0A0D and U+3A0A have the bytes of line ends and of a colon.
    const text = 'a\u0a0a\u0a0d\u3a0aModem: x\n\nb'
    await smstools.handle('RECEIVED', fileOf('UCS2', utf16be(text), ['UDH: false']))
    await expect.poll(smstools.texts).toEqual([text])
  },
)

it.skipIf(!canRunScripts)('a sender’s name stays as it is', async () => {
  const smstools = await openSmstools()
  const file = fileOf('ISO', Buffer.from('Code 593821')).toString()
  const named = file
    .replace('From: 447700900123', 'From: Ex"ample\\1')
    .replace('From_TOA: 91 international', 'From_TOA: D0 alphanumeric')
  await smstools.handle('RECEIVED', Buffer.from(named))
  await expect.poll(smstools.texts).toEqual(['Code 593821'])
  expect(await smstools.sender()).toBe('Ex"ample\\1')
})

it.skipIf(!canRunScripts)(
  'other events, binary messages and faulty ones are no messages',
  async () => {
    const smstools = await openSmstools()
    const text = Buffer.from('Code 593821')
    for (const event of ['SENT', 'FAILED', 'REPORT', 'CALL'])
      await smstools.handle(event, fileOf('ISO', text))
    await smstools.handle('RECEIVED', fileOf('binary', Buffer.from([0, 1, 2])))
    await smstools.handle('RECEIVED', fileOf('ISO', text, ['Error: Cannot decode PDU']))
    await smstools.handle('RECEIVED', fileOf('ISO', Buffer.from('the last')))
    await expect.poll(smstools.texts).toEqual(['the last'])
    await expect.poll(smstools.waiting).toEqual([])
  },
)

const canCheck = canRunCommand('shellcheck --version', 'shellcheck', 'the check of the scripts')

it.skipIf(!canCheck)('shellcheck has nothing to say of the scripts', () => {
  const files = ['modems', 'gammu-smsd', 'smstools'].flatMap((folder) =>
    readdirSync(join(scripts, folder))
      .filter((name) => name.endsWith('.sh'))
      .map((name) => join(scripts, folder, name)),
  )
  expect(files.length).toBe(3)
  const { stdout, status } = spawnSync('shellcheck', ['--shell=sh', ...files], { encoding: 'utf8' })
  expect([stdout, status]).toEqual(['', 0])
})
