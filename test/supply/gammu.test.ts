// deploy/gammu-smsd/receive.sh: messages as gammu-smsd hands them over reach the server, whatever their text
// and whenever the server is there.
import { expect, it } from 'vitest'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { canRunScripts, openModems, spooled } from './modems.ts'

const numbers = {
  modem1: '+12015550131',
  'odd [name].*="2"': '+12015550132',
  modem3: '+12015550133',
  modem4: '+12015550134',
  modem5: '+12015550135',
}

const server = await testServer()

/** The environment of a message that gammu could decode, or of the messages that it consists of. */
function message(modem: string, texts: readonly string[], isDecoded: boolean) {
  const env: Record<string, string> = {
    PHONE_ID: modem,
    SMS_MESSAGES: String(texts.length),
    DECODED_PARTS: isDecoded ? '1' : '0',
  }
  texts.forEach((text, i) => {
    env[`SMS_${i + 1}_NUMBER`] = '+447700900123'
    env[`SMS_${i + 1}_CLASS`] = '-1'
    env[`SMS_${i + 1}_TEXT`] = text
  })
  // gammu-smsd 1.42 counts from 1, its manual from 0.
  if (isDecoded) env[`DECODED_${texts[0]?.length === 1 ? 0 : 1}_TEXT`] = texts.join('')
  return env
}

const oddTexts = [
  'Your code: "593-821"',
  `it's 'quoted' \\ and \\n \\"slashed\\" \\u0041`,
  'two\nlines\n\nand more\n',
  '\n',
  'tab\there, \r\n\u0001\u0007\u001b\u001f\u007f',
  `$(touch "$HOME/x") \`id\` $HOME $\{PATH} $((1+1)); rm -rf "$spool" & | > < * ? [a-z] ~`,
  '%s %d %n %% \\c \\0101',
  '-n -e --help',
  'Ваш код 593821 — код 🙂👩‍👩‍👧 ไทย עברית',
  '.',
  'x'.repeat(1_530),
  '"}}{"event":"x"',
]

it.skipIf(!canRunScripts)('odd texts arrive as they are', async () => {
  const modems = await openModems(server, numbers)
  for (const text of oddTexts) {
    await modems.run('gammu-smsd/receive.sh', [], message('modem1', [text], true))
    await modems.run('gammu-smsd/receive.sh', [], message('odd [name].*="2"', [text], false))
  }
  for (const phone of ['+12015550131', '+12015550132'])
    await expect
      .poll(async () => (await modems.texts(phone)).toSorted())
      .toEqual(oddTexts.toSorted())
  await expect.poll(modems.waiting).toEqual([])
})

it.skipIf(!canRunScripts)('a message in parts reaches the order on its number as one', async () => {
  const modems = await openModems(server, { modem1: '+99' })
  const [service, { key }] = [
    await ownService(server.db, { numbers: 1 }),
    await testCustomer(server.db),
  ]
  await modems.configure({ 'number.modem1': service.phones[0] ?? '' })
  const body = { service: service.slug, country: service.country }
  const order = await call(server, key, 'POST', '/v1/orders', body)
  expect(order.status).toBe(201)
  const parts = Array.from({ length: 11 }, (_, i) => (i === 10 ? 'Your code is 593821.' : `${i} `))
  await modems.run('gammu-smsd/receive.sh', ['IN1.txt'], message('modem1', parts, false))
  const filled = await eventually(async () => {
    const { body } = await call(server, key, 'GET', `/v1/orders/${order.body.id}`)
    return JSON.stringify(body).includes('593821') && body
  })
  expect(JSON.stringify(filled)).toContain(parts.join(''))
  expect(await modems.texts(service.phones[0] ?? '')).toEqual([parts.join('')])
})

it.skipIf(!canRunScripts)('messages wait until the server is there, and arrive once', async () => {
  const modems = await openModems(server, numbers)
  modems.set('closed')
  const receive = (text: string) =>
    modems.run('gammu-smsd/receive.sh', [], message('modem3', [text], true))
  await receive('code 111111')
  await receive('code 222222')
  // Each run tries, and one of them goes on trying.
  await expect.poll(modems.tries).toBeGreaterThan(3)
  expect(await modems.waiting()).toEqual(['.json', '.json'])
  expect(await spooled(modems)).toMatchObject([
    { event: 'incoming_message', message: { number: '+12015550133', sender: '+447700900123' } },
    { message: { number: '+12015550133' } },
  ])
  modems.set('open')
  await expect.poll(modems.waiting).toEqual([])
  await receive('code 333333')
  const all = ['code 111111', 'code 222222', 'code 333333']
  await expect.poll(async () => (await modems.texts('+12015550133')).toSorted()).toEqual(all)
})

it.skipIf(!canRunScripts)('a message whose answer was lost is one message', async () => {
  const modems = await openModems(server, numbers)
  modems.set('deaf')
  await modems.run('gammu-smsd/receive.sh', [], message('modem4', ['code 444444'], true))
  await expect.poll(() => modems.texts('+12015550134')).toEqual(['code 444444'])
  // Beyond the seconds in which equal texts are one message: its id is what counts.
  server.advance(600)
  const tries = modems.tries()
  await expect.poll(modems.tries).toBeGreaterThan(tries)
  modems.set('open')
  await expect.poll(modems.waiting).toEqual([])
  expect(await modems.texts('+12015550134')).toEqual(['code 444444'])
})

it.skipIf(!canRunScripts)(
  'what is refused is kept, and wrong settings can be corrected',
  async () => {
    const modems = await openModems(server, numbers)
    await modems.configure({ secret: 'nls_wrong' })
    await modems.run('gammu-smsd/receive.sh', [], message('modem5', ['code 555555'], true))
    await expect.poll(modems.tries).toBeGreaterThan(1)
    expect(await modems.waiting()).toEqual(['.json'])
    await modems.configure({})
    await expect.poll(modems.waiting).toEqual([])
    expect(await modems.texts('+12015550135')).toEqual(['code 555555'])
    const tooLong = 'y'.repeat(20_001)
    await modems.run('gammu-smsd/receive.sh', [], message('modem5', [tooLong], true))
    await expect.poll(modems.waiting).toEqual(['.json.refused'])
    expect(await spooled(modems)).toMatchObject([{ message: { sms: tooLong } }])
  },
)

it.skipIf(!canRunScripts)(
  'a modem without a number loses nothing, and a picture is nothing',
  async () => {
    const modems = await openModems(server, numbers)
    await modems.run('gammu-smsd/receive.sh', [], message('modem9', ['code 999999'], true))
    await expect.poll(() => modems.texts('modem9')).toEqual(['code 999999'])
    await modems.run('gammu-smsd/receive.sh', [], { PHONE_ID: 'modem1', SMS_MESSAGES: '1' })
    await modems.run('gammu-smsd/receive.sh', [], { SMS_MESSAGES: 'x', DECODED_PARTS: '1;id' })
    await expect.poll(modems.waiting).toEqual([])
    await expect(modems.run('modems/deliver.sh', ['modem1'])).rejects.toThrow(/usage/)
    await modems.configure({ secret: '' })
    await expect(
      modems.run('gammu-smsd/receive.sh', [], message('modem1', ['x'], true)),
    ).rejects.toThrow(/must have url= and secret=/)
  },
)
